import { atMostEvery, log } from '../base/log.ts'
import type { Candidate, KnownFile } from './known_file.ts'
import { KnownFiles } from './known_files.ts'
import { LateFile } from './late_file.ts'
import { LineBuffer } from './line_buffer.ts'
import { DamagedFile, type LogFile, statusOf, type TextReader } from './log_file.ts'
import { spansBefore } from './look_back.ts'
import type { Reading } from './reading.ts'
import type { LineSelector } from './selector.ts'
import { closeAll, isOutdated, type LogPlace, type Survey, survey } from './survey.ts'

/** Where the reading of one log stands. */
export type SavedLog = KnownFile[]

export interface FollowSettings {
  place: LogPlace
  selector: LineSelector
  /** So far back are lines looked at again, as context, before the first that is asked for. */
  lookBackMs: number
}

/** Whole lines; good until the next call. `contextMs`: see `LogLine`. */
export interface Region {
  bytes: Buffer
  contextMs?: number
}

interface Work {
  file: LogFile
  reader: TextReader
  /** `null` for lines that are context only: reading them changes no place. */
  reading: Reading | null
  limit: number
  live: boolean
  /** Lines may still come to it when its end was read, though another is written by then. */
  keepOpen: boolean
  contextMs?: number
}

/** nginx's workers reopen one after the other: so long must an old file have been silent before the next is begun. */
const drainMs = 1000
/**
 * One path is one endless stream of lines, though the files under it are renamed into another folder, packed, copied
 * and cut, or missing for a while. Every file is read to its end before the next is begun.
 */
export class FollowedLog {
  readonly lines = new LineBuffer()
  readonly #settings: FollowSettings
  readonly #known: KnownFiles
  /** A first start is still to be made. */
  #start: 'end' | 'beginning' | null
  #queue: Work[] = []
  readonly #late = new LateFile()
  /** What the queue was made of, until something is read of the live log. */
  #found: Survey | null = null
  #quietSinceMs: number | null = null
  #fresh = true
  readonly #sayWaiting = atMostEvery(60_000)

  /**
   * @param saved where an earlier run came to; `null` for a first start
   * @param start where a first start begins
   */
  constructor(settings: FollowSettings, saved: SavedLog | null, start: 'end' | 'beginning') {
    this.#settings = settings
    this.#known = new KnownFiles(saved ?? [], settings.selector.timeMs)
    this.#start = saved === null ? start : null
  }

  /** Where the reading stands after the last region; `null` before a first start was made. */
  get saved(): SavedLog | null {
    return this.#start === null ? this.#known.saved : null
  }

  /** True while an old file is given time to fall silent: to be asked again soon, without any event. */
  get draining(): boolean {
    return this.#quietSinceMs !== null
  }

  /** The paths whose changes are worth a look. */
  get path(): string {
    return this.#settings.place.path
  }

  /** The next whole lines; `null` where there are none just now. */
  async next(): Promise<Region | null> {
    if (this.#start !== null && !this.#begin(this.#start)) return null
    this.#start = null
    for (;;) {
      const work = this.#queue[0] ?? (await this.#findWork())
      if (work === null) return null
      const space = this.lines.space()
      const byteCount = await this.#read(work, space.subarray(0, Math.max(0, work.limit - work.reader.offset)))
      if (work.live && !this.#isAsFound(work, byteCount)) continue
      if (byteCount > 0) {
        this.#quietSinceMs = null
        work.reading?.take(space.subarray(0, byteCount))
        const bytes = this.lines.filled(byteCount)
        this.#moved(work)
        if (bytes.length > 0) return this.#region(work, bytes)
        continue
      }
      if (work.live && !this.#isReplaced(work)) {
        if (!this.#readLateLines()) return null
        continue
      }
      const rest = this.lines.finish()
      if (work.reading !== null) {
        work.reading.moveTo(Math.min(work.limit, work.reader.offset))
        log.info('log_file_finished', { file: work.file.path, bytes: work.reading.known.offset })
      }
      this.#drop(work, work.keepOpen)
      if (rest.length > 0) return this.#region(work, rest)
    }
  }

  close(): void {
    for (const { reader, file } of this.#queue.splice(0)) {
      reader.close()
      file.close()
    }
    this.#late.close()
  }

  #region(work: Work, bytes: Buffer): Region {
    return work.contextMs === undefined ? { bytes } : { bytes, contextMs: work.contextMs }
  }

  #moved(work: Work): void {
    if (work.reading === null) {
      // Context comes before everything else, and is not what was asked for.
      this.lines.lines = this.lines.malformed = 0
      return
    }
    work.reading.moveTo(work.reader.offset - this.lines.unfinishedBytes)
  }

  async #read(work: Work, into: Buffer): Promise<number> {
    if (into.length === 0) return 0
    try {
      return await work.reader.read(into)
    } catch (error) {
      if (!(error instanceof DamagedFile)) throw error
      log.warn('log_file_damaged', { file: work.file.path, cause: error.message, next: 'going on with the next file' })
      // It may still be written: the line that ends too early is left for when the file is met again, whole.
      work.limit = work.reader.offset - this.lines.unfinishedBytes
      this.lines.drop()
      return 0
    }
  }

  /** False where the files were changed meanwhile: it is to be done again. */
  #begin(start: 'end' | 'beginning'): boolean {
    const found = this.#survey()
    const isSound = this.#known.passOver(found, start, () => !isOutdated(found, this.#settings.place))
    closeAll([...found.rotated, found.live])
    return isSound
  }

  /** Looks which files there are and queues what was not read of them, oldest first, the live one last. */
  async #findWork(): Promise<Work | null> {
    const found = this.#survey()
    if (found.live === null) {
      this.#sayWaiting(() => log.warn('log_missing', { file: this.path, next: 'waiting for it' }))
    }
    const { unread, recognized } = this.#known.unread(found)
    this.#queue = unread.map(({ candidate: { file }, known, live }) => ({
      file,
      reader: file.reader(known.offset),
      reading: this.#known.reading(known, file),
      limit: Number.POSITIVE_INFINITY,
      live,
      keepOpen: live,
    }))
    if (this.#fresh) this.#expectLateLines(found.rotated.at(-1), recognized)
    this.#found = found
    const first = this.#queue[0] ?? null
    if (this.#fresh && first?.reading) {
      const { selector, lookBackMs } = this.#settings
      const spans = await spansBefore(recognized, lookBackMs, first.reading.known.firstMs, selector.timeMs)
      this.#queue.unshift(
        ...spans.map((span) => ({
          ...span,
          ...{ reader: span.file.reader(span.from), reading: null, live: false, keepOpen: false },
        })),
      )
    }
    if (first !== null) this.#fresh = false
    const taken = new Set(this.#queue.map((work) => work.file))
    closeAll(found.rotated.filter(({ file }) => !taken.has(file) && !this.#late.has(file)))
    return this.#queue[0] ?? null
  }

  /** A start may come between the renaming and nginx's opening of the new file. */
  #expectLateLines(newest: Candidate | undefined, recognized: Map<Candidate, KnownFile>): void {
    if (newest === undefined || newest.file.gzipped) return
    const work = this.#queue.find(({ file }) => file === newest.file)
    const known = recognized.get(newest)
    if (work) work.keepOpen = true
    else if (known) this.#late.keep(newest.file, known)
  }

  #survey(): Survey {
    return survey(this.#settings.place, this.#settings.selector.timeMs)
  }

  /** Is the path another file now, and all of this one read? Asked at the end of what was written to it. */
  #isReplaced({ file }: Work): boolean {
    const status = statusOf(this.path)
    // Made anew but still empty: nginx was not told yet, and goes on writing to the old file.
    if (status === null || status.inode === file.inode || status.size === 0) {
      this.#quietSinceMs = null
      return false
    }
    this.#quietSinceMs ??= performance.now()
    return performance.now() - this.#quietSinceMs >= drainMs
  }

  /** Whether what was read just now follows the lines before it; else the file is let go, and looked for anew. */
  #isAsFound(work: Work, byteCount: number): boolean {
    const found = this.#found
    if (work.reading?.isCut(work.file, work.reader.offset)) {
      this.#giveUp(work)
      return false
    }
    if (byteCount > 0) this.#found = null
    // Renamed meanwhile, it is read to its end, as ever.
    if (found === null || statusOf(this.path)?.inode !== work.file.inode) return true
    if (!isOutdated(found, this.#settings.place)) return true
    this.lines.drop()
    this.#drop(work)
    return false
  }

  /** The rest of the old text may be in a copy, which is then read from where this was left; this one begins anew. */
  #giveUp(work: Work): void {
    log.warn('log_cut', { file: work.file.path, read_bytes: work.reading?.known.offset })
    if (work.reading !== null) this.#known.cut(work.reading)
    this.lines.drop()
    this.#drop(work)
  }

  /** Takes up the renamed file again where it has grown after all. Not in the middle of a line of the present one. */
  #readLateLines(): boolean {
    const grown = this.lines.unfinishedBytes > 0 ? null : this.#late.takeGrown()
    if (grown === null) return false
    const { file, known } = grown
    const [reader, reading] = [file.reader(known.offset), this.#known.reading(known, file)]
    this.#queue.unshift({ file, reader, reading, limit: Number.POSITIVE_INFINITY, live: false, keepOpen: true })
    return true
  }

  #drop(work: Work, keepOpen = false): void {
    this.#queue.shift()
    this.#quietSinceMs = null
    work.reader.close()
    if (keepOpen && work.reading !== null) this.#late.keep(work.file, work.reading.known)
    else if (!this.#late.has(work.file) && !this.#queue.some((other) => other.file === work.file)) work.file.close()
  }
}
