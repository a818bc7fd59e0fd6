// The log that the readers are compared on: deterministic, and like a Galaxy server's.
import { once } from 'node:events'
import { createReadStream, createWriteStream } from 'node:fs'
import { rm } from 'node:fs/promises'
import { pipeline } from 'node:stream/promises'
import { createGzip } from 'node:zlib'
import { idCodec } from '../src/galaxy/ids.ts'

export const idSecret = 'the secret of the bench'
export const workflowCount = 50
const months = ['Jan', 'Feb', 'Mar', 'Apr', 'May', 'Jun', 'Jul', 'Aug', 'Sep', 'Oct', 'Nov', 'Dec']
const agent =
  'Mozilla/5.0 (Macintosh; Intel Mac OS X 10_15_7) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/125.0.0.0 Safari/537.36'
const startMs = Date.UTC(2026, 5, 1)
const linesPerSecond = 60
const firstInvocation = 100

export interface LogShape {
  bytes: number
  /** One line in so many invokes a workflow. */
  oneIn: number
  /** So many lines stand in the logs before this one. */
  linesBefore?: number
}

export interface Invocation {
  workflow: number
  endMs: number
}

export interface WrittenLog {
  path: string
  lines: number
  bytes: number
  invocations: Invocation[]
}

/** The workflows' ids as they stand in the log, from that of number 1 on. */
export function encodedIds(): string[] {
  const codec = idCodec(idSecret)
  return Array.from({ length: workflowCount }, (_, index) => codec.encode(BigInt(index + 1)))
}

/** A line that invokes a workflow, such as nginx writes in its `combined` format. */
export function invocationLine(encodedId: string, endMs: number, client: number, history: string): string {
  return `${headOf(endMs, client)} "POST /api/workflows/${encodedId}/invocations HTTP/1.1" 200 1234 ${tailOf(history)}`
}

/** Writes the log; 3.1 % of its lines are POST. The same shape makes the same log, byte by byte. */
export async function writeLog(path: string, { bytes, oneIn, linesBefore = 0 }: LogShape): Promise<WrittenLog> {
  const encoded = encodedIds()
  const output = createWriteStream(path, { highWaterMark: 4 * 1024 * 1024 })
  const invocations: Invocation[] = []
  let state = 1 + linesBefore
  const random = () => {
    state = (Math.imul(state, 1_103_515_245) + 12_345) >>> 0
    return state / 2 ** 32
  }
  const hex = () =>
    Math.floor(random() * 2 ** 32)
      .toString(16)
      .padStart(8, '0')
      .repeat(2)
  let written = 0
  let lines = 0
  for (let chunk: string[] = []; written < bytes; chunk = []) {
    for (let index = 0; index < 5000; index++, lines++) {
      const endMs = startMs + Math.floor((linesBefore + lines) / linesPerSecond) * 1000
      const head = headOf(endMs, lines % 250)
      const history = hex()
      const kind = random()
      if (lines % oneIn === firstInvocation % oneIn) {
        const workflow = Math.floor(random() * workflowCount)
        invocations.push({ workflow: workflow + 1, endMs })
        chunk.push(invocationLine(encoded[workflow]!, endMs, lines % 250, history))
      } else if (kind < 0.031) {
        chunk.push(
          `${head} "POST /api/tools/fetch?key=${hex()} HTTP/1.1" 200 ${Math.floor(kind * 1e6)} ${tailOf(history)}`,
        )
      } else {
        chunk.push(
          `${head} "GET /api/histories/${hex()}/contents?v=dev&limit=${lines % 500} HTTP/1.1" 200 ${Math.floor(kind * 1e5)} ${tailOf(history)}`,
        )
      }
    }
    const text = chunk.join('')
    written += text.length
    if (!output.write(text)) await once(output, 'drain')
  }
  output.end()
  await once(output, 'finish')
  return { path, lines, bytes: written, invocations }
}

/** Packs a file as logrotate does, and lets go of the plain one. */
export async function pack(path: string): Promise<string> {
  await pipeline(createReadStream(path), createGzip(), createWriteStream(`${path}.gz`))
  await rm(path)
  return `${path}.gz`
}

function headOf(endMs: number, client: number): string {
  return `203.0.113.${client} - - [${timeLocal(endMs)}]`
}

function tailOf(history: string): string {
  return `"https://genome.usegalaxy.org.au/histories/view?id=${history}" "${agent}"\n`
}

function timeLocal(timeMs: number): string {
  const iso = new Date(timeMs).toISOString()
  return `${iso.slice(8, 10)}/${months[Number(iso.slice(5, 7)) - 1]}/${iso.slice(0, 4)}:${iso.slice(11, 19)} +0000`
}
