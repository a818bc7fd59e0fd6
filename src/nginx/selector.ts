import type { LineSelector } from '../lines/selector.ts'
import type { LogFormat } from './log_format.ts'

const path = '/api/workflows/'
const newline = 0x0a
const slash = 0x2f

/**
 * Finds the lines that may invoke a workflow by searching raw bytes; only they are made strings and read whole.
 * A needle of one rare letter is found many times faster than a long one, so where the format has `$request` the search
 * is for `POST `, and the path behind it is compared in place.
 */
export function invocationSelector(format: LogFormat, prefix: string): LineSelector {
  const needle = Buffer.from(format.hasRequest ? 'POST ' : prefix + path)
  const expected = Buffer.from(prefix + path)
  const mayInvoke = (region: Buffer, at: number): boolean => {
    // An absolute address (`POST http://host/path`) is legal too.
    if (region[at] !== slash) return /^https?:/i.test(region.toString('latin1', at, at + 6))
    for (let index = 0; index < expected.length; index++) if (region[at + index] !== expected[index]) return false
    return true
  }
  return {
    select(region, emit) {
      let at = region.indexOf(needle)
      while (at >= 0) {
        if (format.hasRequest && !mayInvoke(region, at + needle.length)) {
          at = region.indexOf(needle, at + needle.length)
          continue
        }
        const start = region.lastIndexOf(newline, at) + 1
        const end = region.indexOf(newline, at)
        if (end < 0) {
          emit(start, region.length)
          return
        }
        emit(start, end)
        at = region.indexOf(needle, end)
      }
    },
    timeMs: (line) => format.parse(line)?.timeMs ?? null,
  }
}
