// A world's log as files: whole, cut in two, overlapping, compressed.
import { createWriteStream } from 'node:fs'
import { Readable } from 'node:stream'
import { pipeline } from 'node:stream/promises'
import { createGzip } from 'node:zlib'
import type { LoggedLine } from './stage.ts'
import type { World } from './world.ts'

/** Writes lines to a file, each with its newline; one whose name ends in `.gz` is compressed. */
export async function writeLog(path: string, lines: readonly LoggedLine[]): Promise<string> {
  const chunks = function* () {
    for (let at = 0; at < lines.length; at += 1000)
      yield Buffer.concat(lines.slice(at, at + 1000).flatMap(({ bytes }) => [bytes, Buffer.from('\n')]))
  }
  const file = createWriteStream(path)
  await (path.endsWith('.gz')
    ? pipeline(Readable.from(chunks()), createGzip({ level: 1 }), file)
    : pipeline(Readable.from(chunks()), file))
  return path
}

/**
 * Where to cut the log: the first line of the first second after that share of it. Never inside a second: a program
 * that meets one half of a second's identical lines can't know of the other.
 */
export function cutAt({ lines }: World, share: number): number {
  const secondOf = (line: LoggedLine | undefined) => Math.floor((line?.endMicros ?? 0) / 1_000_000)
  let at = Math.floor(lines.length * share)
  if (at <= 0 || at >= lines.length) return Math.min(Math.max(at, 0), lines.length)
  while (at < lines.length && secondOf(lines[at]) === secondOf(lines[at - 1])) at += 1
  return at
}

/** The lines between two shares of the log, as `linesOf(world, 0.4, 1)`. */
export function linesOf(world: World, from: number, to: number): LoggedLine[] {
  return world.lines.slice(cutAt(world, from), cutAt(world, to))
}
