import { type Candidate, type KnownFile, noteEnd, noteHead, recognize } from './known_file.ts'
import type { LogFile } from './log_file.ts'
import { firstTimeMs, lastLineEnd } from './look_back.ts'
import type { LineSelector } from './selector.ts'
import type { Survey } from './survey.ts'

/** A file of which something was not read yet. */
export interface Unread {
  candidate: Candidate
  known: KnownFile
  live: boolean
}

/** More than a year of daily rotation. */
const knownFilesMax = 400

/**
 * Every file of one log that was read or, at the first start, passed over, with how far. A file that is not among them
 * is new, whatever its name, its times or the clock say.
 */
export class KnownFiles {
  readonly #files: KnownFile[]
  readonly #timeMs: LineSelector['timeMs']

  constructor(files: KnownFile[], timeMs: LineSelector['timeMs']) {
    this.#files = files
    this.#timeMs = timeMs
  }

  /** A copy, of those that can be told from others. */
  get saved(): KnownFile[] {
    return this.#files.filter((file) => file.headBytes > 0).map((file) => ({ ...file }))
  }

  /** First start: the older files are passed over, and the live one up to its last whole line. */
  passOver({ live, rotated }: Survey, start: 'end' | 'beginning'): void {
    for (const candidate of live === null || start === 'beginning' ? rotated : [...rotated, live]) {
      const known = this.#add(candidate)
      this.moveTo(known, candidate === live ? lastLineEnd(candidate.file) : candidate.file.textSize, candidate.file)
    }
  }

  /** What was not read, oldest first and the live file last; and all that is known of the files there are. */
  unread({ live, rotated }: Survey): { unread: Unread[]; recognized: Map<Candidate, KnownFile> } {
    const recognized = recognize(this.#files, live === null ? rotated : [...rotated, live])
    const unread: Unread[] = rotated
      .filter((candidate) => !isRead(candidate, recognized.get(candidate)))
      .map((candidate) => ({ candidate, known: recognized.get(candidate) ?? this.#add(candidate), live: false }))
    if (live !== null) unread.push({ candidate: live, known: recognized.get(live) ?? this.#add(live), live: true })
    for (const { known, candidate } of unread) known.inode = candidate.file.inode
    return { unread, recognized }
  }

  /** Notes how far a file was read. */
  moveTo(known: KnownFile, offset: number, file: LogFile): void {
    known.offset = offset
    const isFirst = known.headBytes === 0
    noteHead(known, file)
    noteEnd(known, file)
    if (isFirst && known.headBytes > 0) known.firstMs = firstTimeMs(file.head(), this.#timeMs) ?? known.firstMs
  }

  #add({ file, firstMs }: Candidate): KnownFile {
    const known = { inode: file.inode, headBytes: 0, headSha256: '', offset: 0, firstMs }
    this.#files.push(known)
    this.#files.splice(0, this.#files.length - knownFilesMax)
    return known
  }
}

function isRead({ file }: Candidate, known: KnownFile | undefined): boolean {
  if (known === undefined) return false
  return file.gzipped ? file.textSize === known.offset % 2 ** 32 : file.size <= known.offset
}
