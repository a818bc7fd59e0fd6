import type { Candidate, KnownFile } from './known_file.ts'
import { DamagedFile, headMaxBytes, type LogFile } from './log_file.ts'
import type { LineSelector } from './selector.ts'

const newline = 0x0a
const blockBytes = 64 * 1024
/** A file's own time may be later than its last line's by as much as buffered writing and copying take. */
const fileTimeSlackMs = 3_600_000

/** The instant of the first line of a text that tells one; `null` where none does. */
export function firstTimeMs(head: Buffer, timeMs: LineSelector['timeMs']): number | null {
  for (const line of linesOf(head)) {
    const found = timeMs(line)
    if (found !== null) return found
  }
  return null
}

/** The instant of the last whole line before `offset`; `null` where none tells one. A gzipped log is read up to there. */
export async function lastTimeMs(
  file: LogFile,
  offset: number,
  timeMs: LineSelector['timeMs'],
): Promise<number | null> {
  const start = Math.max(0, offset - blockBytes)
  const block = file.gzipped ? await unpack(file, start, offset) : file.bytesAt(start, offset - start)
  for (const line of linesOf(block).reverse()) {
    const found = timeMs(line)
    if (found !== null) return found
  }
  return null
}

async function unpack(file: LogFile, from: number, to: number): Promise<Buffer> {
  const bytes = Buffer.alloc(to - from)
  const reader = file.reader(from)
  let length = 0
  try {
    for (let byteCount = -1; length < bytes.length && byteCount !== 0; length += byteCount) {
      byteCount = await reader.read(bytes.subarray(length))
    }
  } catch (error) {
    if (!(error instanceof DamagedFile)) throw error
  } finally {
    reader.close()
  }
  return bytes.subarray(0, length)
}

/**
 * The offset of a line at or before the first one that was logged at `fromMs`, searched backwards from `offset`.
 * 0 for a gzipped log, which can only be read from its front.
 */
export function offsetBefore(file: LogFile, offset: number, fromMs: number, timeMs: LineSelector['timeMs']): number {
  if (file.gzipped) return 0
  let start = offset
  while (start > 0) {
    start = Math.max(0, start - blockBytes)
    if (start === 0) return 0
    const block = file.bytesAt(start, blockBytes)
    const lineStart = block.indexOf(newline) + 1
    if (lineStart === 0) continue
    const found = firstTimeMs(block.subarray(lineStart), timeMs)
    if (found !== null && found < fromMs) return start + lineStart
  }
  return 0
}

/** The end of the last whole line. */
export function lastLineEnd(file: LogFile): number {
  let end = file.size
  while (end > 0) {
    const start = Math.max(0, end - blockBytes)
    const at = file.bytesAt(start, end - start).lastIndexOf(newline)
    if (at >= 0) return start + at + 1
    end = start
  }
  return 0
}

/** Lines to read again as context. */
export interface Span {
  file: LogFile
  from: number
  limit: number
  contextMs: number
}

/**
 * The lines of the last window that were read before, in every file that they stand in: so much is to be known again of
 * what has been, and no line more, or identical lines would be told apart otherwise than the first time.
 *
 * @param recognized every file that was read, with how far
 * @param elseMs the instant at which reading begins where nothing was read before
 */
export async function spansBefore(
  recognized: Map<Candidate, KnownFile>,
  windowMs: number,
  elseMs: number,
  timeMs: LineSelector['timeMs'],
): Promise<Span[]> {
  const newestMs = Math.max(...[...recognized.keys()].map(({ file }) => file.modifiedMs))
  const read: { file: LogFile; known: KnownFile; lastMs: number }[] = []
  for (const [{ file }, known] of recognized) {
    if (known.offset === 0 || file.modifiedMs < newestMs - windowMs - fileTimeSlackMs) continue
    const lastMs = await lastTimeMs(file, known.offset, timeMs)
    if (lastMs !== null) read.push({ file, known, lastMs })
  }
  const contextMs = read.length === 0 ? elseMs : Math.max(...read.map(({ lastMs }) => lastMs))
  const fromMs = contextMs - windowMs
  return read
    .filter(({ lastMs }) => lastMs >= fromMs)
    .sort((a, b) => a.known.firstMs - b.known.firstMs)
    .map(({ file, known: { offset } }) => ({
      file,
      from: offsetBefore(file, offset, fromMs, timeMs),
      limit: offset,
      contextMs,
    }))
}

function linesOf(bytes: Buffer): string[] {
  const lines = bytes.toString('latin1').split('\n')
  return lines.length > 1 && bytes.length >= headMaxBytes ? lines.slice(0, -1) : lines
}
