import { headMaxBytes, type LogFile } from './log_file.ts'
import type { LineSelector } from './selector.ts'

const newline = 0x0a
const blockBytes = 64 * 1024

/** The instant of the first line of a text that tells one; `null` where none does. */
export function firstTimeMs(head: Buffer, timeMs: LineSelector['timeMs']): number | null {
  for (const line of linesOf(head)) {
    const found = timeMs(line)
    if (found !== null) return found
  }
  return null
}

/** The instant of the last whole line before `offset` of a plain log; `null` where none tells one. */
export function lastTimeMs(file: LogFile, offset: number, timeMs: LineSelector['timeMs']): number | null {
  const start = Math.max(0, offset - blockBytes)
  for (const line of linesOf(file.bytesAt(start, offset - start)).reverse()) {
    const found = timeMs(line)
    if (found !== null) return found
  }
  return null
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

function linesOf(bytes: Buffer): string[] {
  const lines = bytes.toString('latin1').split('\n')
  return lines.length > 1 && bytes.length >= headMaxBytes ? lines.slice(0, -1) : lines
}
