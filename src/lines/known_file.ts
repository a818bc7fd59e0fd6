import { createHash } from 'node:crypto'
import { headMaxBytes, type LogFile } from './log_file.ts'

/** How far a file was read, and what tells it from every other whatever it is called now. */
export interface KnownFile {
  /** A hint only: tells two files of the same content apart; it changes when a file is copied or packed. */
  inode: string
  headBytes: number
  headSha256: string
  /** All before it was accepted; always the start of a line, or the end of a finished file. */
  offset: number
  /** Of the last bytes before the offset; absent where the file was packed, and in places of older versions. */
  endSha256?: string | undefined
  /** Its first line's instant, ms since 1970: the order among the files of one log. */
  firstMs: number
}

/** A file under the log's path or among its rotated ones, opened to see which it is. */
export interface Candidate {
  file: LogFile
  head: Buffer
  firstMs: number
}

export function sha256(bytes: Buffer): string {
  return createHash('sha256').update(bytes).digest('hex')
}

/** Notes the file's head again as long as more of it was read than was known before. */
export function noteHead(known: KnownFile, file: LogFile): void {
  const byteCount = Math.min(known.offset, headMaxBytes)
  if (byteCount <= known.headBytes) return
  known.headBytes = byteCount
  known.headSha256 = sha256(file.head(byteCount))
}

const endMaxBytes = 256

/** Notes what stands before the offset. */
export function noteEnd(known: KnownFile, file: LogFile): void {
  known.endSha256 = file.gzipped ? undefined : endOf(file, known.offset)
}

/**
 * Whether what was read last still stands there. A log is not synced as the place is: after a power cut it may be
 * shorter than it was read, and by the next start longer again, with other lines.
 */
function sameEnd(known: KnownFile, file: LogFile): boolean {
  if (file.gzipped) return true
  return file.size >= known.offset && (known.endSha256 === undefined || endOf(file, known.offset) === known.endSha256)
}

function endOf(file: LogFile, offset: number): string {
  const byteCount = Math.min(offset, endMaxBytes)
  return sha256(file.bytesAt(offset - byteCount, byteCount))
}

/** Whether the file's text still begins as that of the known one. True where nothing is known of it yet. */
export function sameHead(known: KnownFile, head: Buffer): boolean {
  if (known.headBytes === 0) return true
  return head.length >= known.headBytes && sha256(head.subarray(0, known.headBytes)) === known.headSha256
}

/**
 * Finds each known file among the candidates: by head and inode first, so that of two files that begin alike each is
 * itself; then by head alone, since a copied or packed file has another inode.
 */
export function recognize(known: KnownFile[], candidates: Candidate[]): Map<Candidate, KnownFile> {
  const found = new Map<Candidate, KnownFile>()
  const left = new Set(known.filter((file) => file.headBytes > 0))
  for (const byInode of [true, false]) {
    for (const candidate of candidates) {
      if (found.has(candidate)) continue
      for (const file of left) {
        if ((byInode && file.inode !== candidate.file.inode) || !sameHead(file, candidate.head)) continue
        // Cut off, and written on from there or anew from the same first lines.
        if (!sameEnd(file, candidate.file)) continue
        found.set(candidate, file)
        left.delete(file)
        break
      }
    }
  }
  return found
}
