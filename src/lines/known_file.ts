import { createHash } from 'node:crypto'
import type { LogFile } from './log_file.ts'

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

export const endMaxBytes = 256

/**
 * Whether what was read last still stands there. A log is not synced as the place is: after a power cut it may be
 * shorter than it was read, and by the next start longer again, with other lines.
 */
function sameEnd(known: KnownFile, file: LogFile): boolean {
  if (file.gzipped) return true
  const { offset, endSha256 } = known
  return file.size >= offset && (endSha256 === undefined || sha256(endOf(file, offset)) === endSha256)
}

/** The last bytes before the offset. */
export function endOf(file: LogFile, offset: number): Buffer {
  const byteCount = Math.min(offset, endMaxBytes)
  return file.bytesAt(offset - byteCount, byteCount)
}

/** Whether the text begins as that of the known file. */
function sameHead(known: KnownFile, head: Buffer): boolean {
  return head.length >= known.headBytes && sha256(head.subarray(0, known.headBytes)) === known.headSha256
}

/**
 * Finds each known file among the candidates: by head and inode first, so that of two files that begin alike each is
 * itself; then by head alone, since a copied or packed file has another inode. Of two known files that begin alike, the
 * one of which more is known is tried first: the other's few lines may stand in its file, too.
 */
export function recognize(known: KnownFile[], candidates: Candidate[]): Map<Candidate, KnownFile> {
  const found = new Map<Candidate, KnownFile>()
  const byHead = known.filter((file) => file.headBytes > 0).sort((a, b) => b.headBytes - a.headBytes)
  const left = new Set(byHead)
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
