import { setImmediate as turn } from 'node:timers/promises'
import type { Counters } from '../base/counters.ts'
import { Failed, Unavailable } from '../base/errors.ts'
import { log } from '../base/log.ts'
import type { Candidate } from '../lines/known_file.ts'
import { LineBuffer } from '../lines/line_buffer.ts'
import { DamagedFile, LogFile, type TextReader } from '../lines/log_file.ts'
import { firstTimeMs, lastTimeMs, offsetBefore } from '../lines/look_back.ts'
import { Picking } from '../lines/pick.ts'
import type { LineSelector } from '../lines/selector.ts'
import { closeAll, type LogPlace, survey } from '../lines/survey.ts'
import type { LogLine } from '../pipeline/entry.ts'
import type { Batch, Source } from '../pipeline/part.ts'

export interface WholeFilesSettings {
  paths: string[]
  selector: LineSelector
  lookBackMs: number
  /** Where the lines before a file's first may be found, besides the files that are read. */
  places: LogPlace[]
}

interface Part {
  file: LogFile
  reader: TextReader
  limit: number
  stream: string
  contextMs?: number
  /** Of a packed one: the line before which it ends, as where the file that is asked for begins is not known by an offset. */
  untilLine?: Buffer
}

const regionsPerTurn = 16
/** A commit and a write for each batch cost more than reading some hundred megabytes. */
const batchMaxMs = 1000

/** Reads whole files, plain or gzipped, in the order given. */
export class WholeFiles implements Source<LogLine> {
  readonly #settings: WholeFilesSettings
  readonly #counters: Counters
  readonly #lines = new LineBuffer()
  readonly #left: string[]
  #parts: Part[] = []
  #lastMs = Number.NaN
  #stream = 0
  /** Bytes on disk that were read, of files that are done, and of the one in hand. */
  #doneBytes = 0
  /** Files that could not be read whole. */
  readonly damaged: string[] = []

  constructor(settings: WholeFilesSettings, counters: Counters) {
    this.#settings = settings
    this.#counters = counters
    this.#left = [...settings.paths]
  }

  /** Bytes of text read, for a plain file; a gzipped one counts when it is done. */
  get readBytes(): number {
    const part = this.#parts[0]
    return (
      this.#doneBytes +
      (part === undefined || part.contextMs !== undefined || part.file.gzipped ? 0 : part.reader.offset)
    )
  }

  async pull(signal: AbortSignal): Promise<Batch<LogLine> | null> {
    const picking = new Picking(this.#settings.selector, batchMaxMs)
    let regions = 0
    let ended = false
    while (!signal.aborted && !picking.full) {
      const part = this.#parts[0] ?? this.#open()
      if (part === null) {
        ended = picking.entries.length === 0
        break
      }
      const space = this.#lines.space()
      const byteCount = await this.#read(part, space)
      let region = byteCount > 0 ? this.#lines.filled(byteCount) : await this.#finish(part)
      const end = part.untilLine === undefined ? -1 : region.indexOf(part.untilLine)
      if (end >= 0) {
        region = region.subarray(0, end)
        part.limit = part.reader.offset
        this.#lines.drop()
      }
      picking.take(region, part.stream, part.contextMs)
      this.#count(part, region)
      if (++regions % regionsPerTurn === 0) await turn()
    }
    return ended ? null : { entries: picking.entries }
  }

  remember(): void {}

  async close(): Promise<void> {
    for (const part of this.#parts) {
      part.reader.close()
      part.file.close()
    }
    this.#parts = []
  }

  /** Context is read again as a part of its own, or belongs to a file that was not asked for. */
  #count(part: Part, region: Buffer): void {
    if (part.contextMs === undefined) {
      this.#counters.lines += this.#lines.lines
      this.#counters.malformed += this.#lines.malformed
      if (part.file.gzipped && region.length > 0)
        this.#lastMs = lastTimeOf(region, this.#settings.selector) ?? this.#lastMs
    }
    this.#lines.lines = this.#lines.malformed = 0
  }

  async #read(part: Part, into: Buffer): Promise<number> {
    const byteCount = Math.min(into.length, part.limit - part.reader.offset)
    if (byteCount <= 0) return 0
    try {
      return await part.reader.read(into.subarray(0, byteCount))
    } catch (error) {
      if (!(error instanceof DamagedFile)) throw error
      const details = { file: part.file.path, cause: error.message }
      if (part.contextMs !== undefined) {
        log.warn('log_file_damaged', { ...details, next: 'it was only looked back into' })
        return 0
      }
      this.damaged.push(part.file.path)
      log.error('log_file_damaged', { ...details, next: 'what could be read of it was counted' })
      return 0
    }
  }

  async #finish(part: Part): Promise<Buffer> {
    const rest = this.#lines.finish()
    if (part.contextMs === undefined) {
      this.#doneBytes += part.file.size
      if (!part.file.gzipped)
        this.#lastMs = (await lastTimeMs(part.file, part.file.size, this.#settings.selector.timeMs)) ?? Number.NaN
    }
    this.#parts.shift()
    part.reader.close()
    part.file.close()
    return rest
  }

  #open(): Part | null {
    const path = this.#left.shift()
    if (path === undefined) return null
    const file = openOrFail(path)
    const firstMs = firstTimeMs(file.head(), this.#settings.selector.timeMs)
    // A file that goes on where the last one ended is of one stream with it. Any other, such as one that overlaps
    // it, begins anew, so that a line met again counts as that line and not as a further one like it.
    const goesOn = firstMs !== null && firstMs >= this.#lastMs && firstMs - this.#lastMs <= this.#settings.lookBackMs
    if (!goesOn) this.#stream++
    const stream = String(this.#stream)
    this.#parts.push({ file, reader: file.reader(0), limit: Number.POSITIVE_INFINITY, stream })
    if (!goesOn && firstMs !== null) {
      const before = this.#lookBack(file, firstMs, stream)
      if (before !== null) this.#parts.unshift(before)
    }
    return this.#parts[0] ?? null
  }

  /** The end of the file that was written before this one, where it is to be had. */
  #lookBack(file: LogFile, firstMs: number, stream: string): Part | null {
    const { selector, lookBackMs, places, paths } = this.#settings
    const fromMs = firstMs - lookBackMs
    const inPlaces = places.map((place) => this.#foundIn(place))
    const own = inPlaces.filter((files) => files.some((other) => other.file.inode === file.inode))
    const named = paths.map((path) => this.#foundIn({ path, rotated: [], byName: false }))
    // Of several logs the one that the file is of; for a copy elsewhere, whatever there is.
    const found = [...inPlaces, ...named].flat()
    const candidates = own.length > 0 ? own.flat() : found
    const head = file.head()
    const headLine = head.subarray(0, head.indexOf(0x0a) + 1)
    const before = candidates
      .filter((other) => other.file.inode !== file.inode && other.firstMs < firstMs && other.file.modifiedMs >= fromMs)
      .sort((a, b) => b.firstMs - a.firstMs)[0]
    closeAll(found.filter((other) => other !== before))
    if (before === undefined) return null
    const from = offsetBefore(before.file, before.file.size, fromMs, selector.timeMs)
    const limit = before.file.gzipped ? Number.POSITIVE_INFINITY : offsetOf(before.file, headLine, from)
    return {
      ...{ file: before.file, reader: before.file.reader(from), limit, stream, contextMs: firstMs },
      ...(before.file.gzipped && headLine.length > 0 && { untilLine: headLine }),
    }
  }

  /** One that may not be read is not looked back into: thrown here, the lines of this batch would be gone. */
  #foundIn(place: LogPlace): Candidate[] {
    try {
      const { live, rotated } = survey(place, this.#settings.selector.timeMs)
      return live === null ? rotated : [...rotated, live]
    } catch (error) {
      if (!(error instanceof Unavailable)) throw error
      log.warn('log_unreadable', { file: place.path, cause: error.trouble.cause, next: 'it is not looked back into' })
      return []
    }
  }
}

/** Where the line stands in a plain file, from an offset on: so far do two overlapping files not overlap. */
function offsetOf(file: LogFile, line: Buffer, from: number): number {
  const windowMaxBytes = 64 * 1024 * 1024
  const at = line.length === 0 ? -1 : file.bytesAt(from, Math.min(windowMaxBytes, file.size - from)).indexOf(line)
  return at < 0 ? Number.POSITIVE_INFINITY : from + at
}

function openOrFail(path: string): LogFile {
  try {
    const file = LogFile.open(path)
    if (file !== null) return file
  } catch (error) {
    if (!(error instanceof Unavailable)) throw error
    throw new Failed(error.message)
  }
  throw new Failed(`log (${path}) is gone`)
}

function lastTimeOf(region: Buffer, selector: LineSelector): number | null {
  const start = region.lastIndexOf(0x0a, -2) + 1
  return selector.timeMs(region.toString('latin1', start, region.length - 1))
}
