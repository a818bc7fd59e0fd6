import { closeSync, fstatSync, openSync, readSync, statSync } from 'node:fs'
import { Readable } from 'node:stream'
import { createGunzip, gunzipSync, constants as zlib } from 'node:zlib'
import { codeOf, messageOf, Unavailable } from '../base/errors.ts'

/** So many bytes at the front of a log tell it from every other, since its first lines tell their second and client. */
export const headMaxBytes = 4096
const compressedHeadBytes = 16 * 1024
const compressedBlockBytes = 64 * 1024

/** An open log, plain or gzipped; all offsets are in its text, not in its compressed bytes. */
export class LogFile {
  readonly path: string
  readonly gzipped: boolean
  /** Of this file as long as it exists, whatever it is called; another file may get it afterwards. */
  readonly inode: string
  readonly modifiedMs: number
  readonly #descriptor: number
  #closed = false

  private constructor(path: string, descriptor: number) {
    const status = fstatSync(descriptor, { bigint: true })
    const magic = Buffer.alloc(2)
    this.path = path
    this.#descriptor = descriptor
    this.inode = inodeOf(status)
    this.modifiedMs = Number(status.mtimeMs)
    this.gzipped = readSync(descriptor, magic, 0, 2, 0) === 2 && magic[0] === 0x1f && magic[1] === 0x8b
  }

  /**
   * @returns `null` where there is no such file
   * @throws Unavailable where it may not be read, with the group to join
   */
  static open(path: string): LogFile | null {
    let descriptor: number | null = null
    try {
      descriptor = openSync(path, 'r')
      return new LogFile(path, descriptor)
    } catch (error) {
      if (descriptor !== null) closeSync(descriptor)
      const code = codeOf(error)
      if (code === 'ENOENT' || code === 'ENOTDIR') return null
      const cause = code === 'EACCES' ? 'no permission' : messageOf(error)
      throw new Unavailable({ what: 'log', where: path, cause, ...(code === 'EACCES' && { remedy: permissionRemedy }) })
    }
  }

  /** Bytes on disk now. */
  get size(): number {
    return fstatSync(this.#descriptor).size
  }

  /** Length of the text where it can be known without reading it all: a gzip trailer holds it modulo 4 GiB. */
  get textSize(): number {
    if (!this.gzipped) return this.size
    const trailer = Buffer.alloc(4)
    return readSync(this.#descriptor, trailer, 0, 4, Math.max(0, this.size - 4)) === 4 ? trailer.readUInt32LE() : 0
  }

  /** The first bytes of the text, at most `byteCount`. */
  head(byteCount: number = headMaxBytes): Buffer {
    if (!this.gzipped) return this.bytesAt(0, byteCount)
    try {
      // The end of the input is no error here: only its front was given.
      return gunzipSync(this.bytesAt(0, compressedHeadBytes), { finishFlush: zlib.Z_SYNC_FLUSH }).subarray(0, byteCount)
    } catch {
      return Buffer.alloc(0)
    }
  }

  /** Bytes as they stand on disk. */
  bytesAt(offset: number, byteCount: number): Buffer {
    const into = Buffer.alloc(byteCount)
    return into.subarray(0, readSync(this.#descriptor, into, 0, byteCount, offset))
  }

  /** A reader of the text from `offset` on; for a plain file it goes on where the file has grown. */
  reader(offset: number): TextReader {
    return this.gzipped
      ? new GzipReader(this.#descriptor, this.path, offset)
      : new PlainReader(this.#descriptor, offset)
  }

  close(): void {
    if (this.#closed) return
    this.#closed = true
    closeSync(this.#descriptor)
  }
}

/** Debian's nginx makes its logs readable for group `adm`. */
const permissionRemedy =
  "Let this program's user join the group that may read it (adm on Debian and Ubuntu), then start it again"

function inodeOf({ dev, ino }: { dev: bigint; ino: bigint }): string {
  return `${dev}:${ino}`
}

/** Which file a path names just now; `null` also where its folder may not be entered: what is open is still read. */
export function statusOf(path: string): { inode: string; size: number } | null {
  try {
    const status = statSync(path, { bigint: true })
    return { inode: inodeOf(status), size: Number(status.size) }
  } catch {
    return null
  }
}

/** Reads a text in order; 0 means its end for now. */
export interface TextReader {
  /** Where the next read begins. */
  readonly offset: number
  read(into: Buffer): number | Promise<number>
  close(): void
}

class PlainReader implements TextReader {
  offset: number
  readonly #descriptor: number
  constructor(descriptor: number, offset: number) {
    this.#descriptor = descriptor
    this.offset = offset
  }
  read(into: Buffer): number {
    const byteCount = readSync(this.#descriptor, into, 0, into.length, this.offset)
    this.offset += byteCount
    return byteCount
  }
  close(): void {}
}

class GzipReader implements TextReader {
  offset = 0
  readonly #skipTo: number
  readonly #path: string
  readonly #chunks: AsyncIterator<Buffer>
  readonly #stop: () => void
  #chunk: Buffer = Buffer.alloc(0)

  constructor(descriptor: number, path: string, offset: number) {
    this.#path = path
    this.#skipTo = offset
    const compressed = Readable.from(blocksOf(descriptor), { objectMode: false })
    const text = createGunzip({ chunkSize: 256 * 1024 })
    compressed.on('error', (error) => text.destroy(error))
    this.#chunks = compressed.pipe(text)[Symbol.asyncIterator]() as AsyncIterator<Buffer>
    this.#stop = () => {
      compressed.destroy()
      text.destroy()
    }
  }

  async read(into: Buffer): Promise<number> {
    while (this.#chunk.length === 0) {
      let next: IteratorResult<Buffer>
      try {
        next = await this.#chunks.next()
      } catch (error) {
        throw new DamagedFile(this.#path, messageOf(error))
      }
      if (next.done === true) return 0
      const skip = Math.min(next.value.length, Math.max(0, this.#skipTo - this.offset))
      this.offset += skip
      this.#chunk = next.value.subarray(skip)
    }
    const byteCount = this.#chunk.copy(into)
    const rest = this.#chunk.subarray(byteCount)
    if (rest.length === 0) giveBack(this.#chunk)
    this.#chunk = rest
    this.offset += byteCount
    return byteCount
  }

  close(): void {
    this.#stop()
  }
}

/**
 * Frees the memory under a chunk of text that was used up; left to the garbage collector, fifty megabytes and more of it
 * lie about. The library fills each of its buffers in order, so behind a chunk that reaches the end nothing follows.
 */
function giveBack({ buffer, byteOffset, byteLength }: Buffer): void {
  if (buffer instanceof ArrayBuffer && byteOffset + byteLength === buffer.byteLength) buffer.transfer(0)
}

/** The bytes of an open file; a stream of Node's own would close it when it is let go. */
function* blocksOf(descriptor: number): Generator<Buffer> {
  for (let offset = 0; ; ) {
    const block = Buffer.allocUnsafe(compressedBlockBytes)
    const byteCount = readSync(descriptor, block, 0, block.length, offset)
    if (byteCount === 0) return
    offset += byteCount
    yield block.subarray(0, byteCount)
  }
}

/** A gzip file that ends too early or is broken: perhaps it is being written just now. */
export class DamagedFile extends Error {
  override name = 'DamagedFile'
  constructor(path: string, cause: string) {
    super(`log (${path}) cannot be unpacked whole: ${cause}`)
  }
}
