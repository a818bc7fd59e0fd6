import { type Candidate, type KnownFile, recognize } from './known_file.ts'
import { headMaxBytes, type LogFile } from './log_file.ts'
import { lastLineEnd } from './look_back.ts'
import { Reading } from './reading.ts'
import type { LineSelector } from './selector.ts'
import type { Survey } from './survey.ts'

/** A file of which something was not read yet. */
export interface Unread {
  candidate: Candidate
  known: KnownFile
  live: boolean
}

/** More than a year of daily rotation, with those that are not there any more. */
const knownFilesMax = 400
/** A copy is there before its log is cut; so many cuts may come before anybody looks for it. */
const cutMax = 8

/**
 * Every file of one log that was read or, at the first start, passed over, with how far. A file that is not among them
 * is new, whatever its name, its times or the clock say.
 */
export class KnownFiles {
  readonly #files: KnownFile[]
  /** Those that were cut, and the first bytes that were read of each; until a copy is found. */
  readonly #cut = new Map<KnownFile, Buffer>()
  readonly #timeMs: LineSelector['timeMs']

  constructor(files: KnownFile[], timeMs: LineSelector['timeMs']) {
    this.#files = files
    this.#timeMs = timeMs
  }

  /** A copy, of those that can be told from others. */
  get saved(): KnownFile[] {
    return this.#files.filter((file) => file.headBytes > 0).map((file) => ({ ...file }))
  }

  /**
   * First start: the older files are passed over, and the live one up to its last whole line. Undone, and false, where
   * the files are not as they were found when that is done.
   */
  passOver({ live, rotated }: Survey, start: 'end' | 'beginning', isSound: () => boolean): boolean {
    for (const candidate of live === null || start === 'beginning' ? rotated : [...rotated, live]) {
      const offset = candidate === live ? lastLineEnd(candidate.file) : candidate.file.textSize
      this.reading(this.#add(candidate), candidate.file, offset).moveTo(offset)
    }
    if (isSound()) return true
    this.#files.splice(0)
    return false
  }

  /** What was not read, oldest first and the live file last; and all that is known of the files there are. */
  unread({ live, rotated }: Survey): { unread: Unread[]; recognized: Map<Candidate, KnownFile> } {
    const recognized = recognize(this.#files, live === null ? rotated : [...rotated, live])
    for (const known of recognized.values()) this.#cut.delete(known)
    for (const candidate of rotated) {
      const known = recognized.has(candidate) ? null : this.#takeCut(candidate)
      if (known !== null) recognized.set(candidate, known)
    }
    const unread: Unread[] = rotated
      .filter((candidate) => !isRead(candidate, recognized.get(candidate)))
      .map((candidate) => ({ candidate, known: recognized.get(candidate) ?? this.#add(candidate), live: false }))
    if (live !== null) unread.push({ candidate: live, known: recognized.get(live) ?? this.#add(live), live: true })
    for (const { known, candidate } of unread) known.inode = candidate.file.inode
    this.#forgetGone(new Set([...recognized.values(), ...unread.map(({ known }) => known)]))
    return { unread, recognized }
  }

  /** A file that is read on, from `offset`. */
  reading(known: KnownFile, file: LogFile, offset = known.offset): Reading {
    return new Reading(known, file, offset, this.#timeMs)
  }

  /** Says that the file under the log's path is another one now. */
  cut({ known, head }: Reading): void {
    if (known.headBytes === 0) return
    this.#cut.set(known, head)
    for (const oldest of this.#cut.keys()) if (this.#cut.size > cutMax) this.#cut.delete(oldest)
  }

  /**
   * Lines that came between the copying and the cutting were read and are in no file any more. The copy without them is
   * the file that was read, and it is known from now on as it is; taken for a new one, all its lines would be read twice.
   */
  #takeCut({ file, head }: Candidate): KnownFile | null {
    const { textSize } = file
    for (const [known, before] of this.#cut) {
      if (textSize >= known.offset || head.length !== Math.min(textSize, headMaxBytes)) continue
      if (!before.subarray(0, head.length).equals(head)) continue
      this.#cut.delete(known)
      this.reading(known, file, textSize).moveTo(textSize)
      return known
    }
    return null
  }

  /** Of those that are there none is forgotten, however many: it would be read as a new one, and push out the next. */
  #forgetGone(there: Set<KnownFile>): void {
    const tooMany = Math.max(0, this.#files.length - knownFilesMax)
    for (const gone of this.#files.filter((file) => !there.has(file)).slice(0, tooMany))
      this.#files.splice(this.#files.indexOf(gone), 1)
  }

  #add({ file, firstMs }: Candidate): KnownFile {
    const empty = this.#files.find(({ inode, headBytes }) => inode === file.inode && headBytes === 0)
    if (empty !== undefined) return Object.assign(empty, { firstMs })
    const known = { inode: file.inode, headBytes: 0, headSha256: '', offset: 0, firstMs }
    this.#files.push(known)
    return known
  }
}

function isRead({ file }: Candidate, known: KnownFile | undefined): boolean {
  if (known === undefined) return false
  return file.gzipped ? file.textSize === known.offset % 2 ** 32 : file.size <= known.offset
}
