import { LineCounter } from './line_counter.ts'

/** A longer line is nothing that a web server logs in earnest; it is counted as malformed and never held. */
export const lineMaxBytes = 1024 * 1024

/** Small enough to stay in the processor's cache between reading and searching. */
const readMaxBytes = 256 * 1024
const newline = 0x0a

/**
 * One fixed buffer through which a log is read: whole lines are looked at in place, the unfinished last one is moved to
 * the front and waits for its rest.
 */
export class LineBuffer {
  readonly #counter = new LineCounter()
  readonly #bytes = this.#counter.bytes.subarray(0, lineMaxBytes + 1)
  #end = 0
  #wholeEnd = 0
  /** Bytes of an overlong line that were let go; its end has not been met yet. */
  #skippedBytes = 0
  lines = 0
  malformed = 0

  /** Bytes read that no whole line was made of yet: a place to begin again is that much before what was read. */
  get unfinishedBytes(): number {
    return this.#end - this.#wholeEnd + this.#skippedBytes
  }

  /** Where to read the next bytes to. What `filled` returned before is gone with this call. */
  space(): Buffer {
    if (this.#wholeEnd > 0) {
      this.#bytes.copyWithin(0, this.#wholeEnd, this.#end)
      this.#end -= this.#wholeEnd
      this.#wholeEnd = 0
    }
    return this.#bytes.subarray(this.#end, Math.min(this.#end + readMaxBytes, this.#bytes.length))
  }

  /** Says that so many bytes stand in `space()`; returns the lines that are whole now, perhaps none. */
  filled(byteCount: number): Buffer {
    let start = 0
    const before = this.#end
    this.#end += byteCount
    if (this.#skippedBytes > 0) {
      const lineEnd = this.#bytes.subarray(0, this.#end).indexOf(newline)
      if (lineEnd < 0) {
        this.#skippedBytes += this.#end
        this.#end = 0
        return this.#bytes.subarray(0, 0)
      }
      this.#skippedBytes = 0
      start = lineEnd + 1
    }
    const last = this.#bytes.subarray(before, this.#end).lastIndexOf(newline)
    if (last < 0 || before + last + 1 <= start) {
      if (start > 0) {
        this.#wholeEnd = start
      } else if (this.#end === this.#bytes.length) {
        this.lines++
        this.malformed++
        this.#skippedBytes = this.#end
        this.#end = 0
      }
      return this.#bytes.subarray(0, 0)
    }
    this.#wholeEnd = before + last + 1
    this.lines += this.#counter.count(start, this.#wholeEnd)
    return this.#bytes.subarray(start, this.#wholeEnd)
  }

  /** Nothing more will come: gives the last line although it has no end, and begins anew. */
  finish(): Buffer {
    const region = this.#bytes.subarray(this.#wholeEnd, this.#end)
    if (region.length > 0) this.lines++
    this.drop()
    return region
  }

  /** Lets go what is unfinished. */
  drop(): void {
    this.#end = 0
    this.#wholeEnd = 0
    this.#skippedBytes = 0
  }
}
