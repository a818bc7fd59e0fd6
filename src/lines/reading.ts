import { endMaxBytes, endOf, type KnownFile, sha256 } from './known_file.ts'
import { headMaxBytes, type LogFile } from './log_file.ts'
import { firstTimeMs } from './look_back.ts'
import type { LineSelector } from './selector.ts'

const newline = 0x0a

/**
 * A file as it is read. How far, and what tells the file from others, are noted together and of the very bytes that were
 * read: asked for them again, the file may have been cut, and would be known by what it never was.
 */
export class Reading {
  readonly known: KnownFile
  /** The first bytes of the file. */
  head: Buffer
  readonly #timeMs: LineSelector['timeMs']
  readonly #gzipped: boolean
  #offset: number
  /** The last bytes before the offset, and before the end of the last whole line. */
  #end: Buffer
  #endOfLines: Buffer

  /** @param offset how far the file was read until now */
  constructor(known: KnownFile, file: LogFile, offset: number, timeMs: LineSelector['timeMs']) {
    this.known = known
    this.head = file.head(Math.min(offset, headMaxBytes))
    this.#timeMs = timeMs
    this.#gzipped = file.gzipped
    this.#offset = offset
    this.#end = this.#gzipped ? Buffer.alloc(0) : endOf(file, offset)
    this.#endOfLines = this.#end
  }

  /** Takes in what was read next. */
  take(bytes: Buffer): void {
    if (this.head.length < headMaxBytes) {
      this.head = Buffer.concat([this.head, bytes.subarray(0, headMaxBytes - this.head.length)])
    }
    const lineEnd = bytes.lastIndexOf(newline) + 1
    if (lineEnd > 0) this.#endOfLines = lastOf(this.#end, bytes.subarray(0, lineEnd))
    this.#end = lastOf(this.#end, bytes)
    this.#offset += bytes.length
  }

  /** Notes that all before the offset was read: everything that was taken in, or its whole lines. */
  moveTo(offset: number): void {
    const { known } = this
    known.offset = offset
    const headBytes = Math.min(offset, headMaxBytes)
    if (headBytes !== known.headBytes) {
      known.headBytes = headBytes
      known.headSha256 = sha256(this.head.subarray(0, headBytes))
      known.firstMs = firstTimeMs(this.head, this.#timeMs) ?? known.firstMs
    }
    known.endSha256 = this.#gzipped ? undefined : sha256(offset === this.#offset ? this.#end : this.#endOfLines)
  }

  /**
   * Whether the file was cut since it was begun. If not, then all is its own text that was read of it before this was
   * asked, up to `offset`.
   */
  isCut(file: LogFile, offset: number): boolean {
    return file.size < offset || !file.head(this.head.length).equals(this.head)
  }
}

function lastOf(before: Buffer, bytes: Buffer): Buffer {
  return Buffer.concat([before, bytes.subarray(-endMaxBytes)]).subarray(-endMaxBytes)
}
