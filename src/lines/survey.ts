import { globSync } from 'node:fs'
import { basename } from 'node:path'
import { Unavailable } from '../base/errors.ts'
import { atMostEvery, log } from '../base/log.ts'
import { type Candidate, endOf } from './known_file.ts'
import { LogFile, statusOf } from './log_file.ts'
import { firstTimeMs } from './look_back.ts'
import type { LineSelector } from './selector.ts'

/** Where the files of one log are: the one written now, and the patterns under which the older ones are found again. */
export interface LogPlace {
  path: string
  rotated: string[]
  /** Only files whose names begin with the log's own belong to it: the patterns hold other logs' files, too. */
  byName: boolean
}

export interface Survey {
  live: Candidate | null
  /** Oldest first; no two of the same text. */
  rotated: Candidate[]
  /** Which files had which names before they were opened. */
  listing: string
}

const sayUnreadable = atMostEvery(60_000)

/** A survey takes milliseconds, and files are rotated once in minutes: the second time they stand still. */
const attemptsMax = 5

/** Opens every file of a log to see which they are. The caller closes them. */
export function survey(place: LogPlace, timeMs: LineSelector['timeMs']): Survey {
  for (let attempt = 1; ; attempt++) {
    const found = lookAtAll(place, timeMs)
    if (attempt === attemptsMax || !isOutdated(found, place)) return found
    closeAll([...found.rotated, found.live])
  }
}

function lookAtAll(place: LogPlace, timeMs: LineSelector['timeMs']): Survey {
  const paths = rotatedPaths(place)
  const listing = listingOf(paths)
  const live = examine(place.path, timeMs)
  const rotated: Candidate[] = []
  for (const path of paths) {
    const candidate = examineRotated(path, timeMs)
    if (candidate === null) continue
    const twin = rotated.find((other) => sameText(other, candidate))
    if (
      candidate.head.length === 0 ||
      (live !== null && isCopy(candidate, live)) ||
      (twin !== undefined && !isMore(candidate, twin))
    ) {
      candidate.file.close()
      continue
    }
    if (twin !== undefined) {
      twin.file.close()
      rotated.splice(rotated.indexOf(twin), 1)
    }
    rotated.push(candidate)
  }
  rotated.sort((a, b) => a.firstMs - b.firstMs || a.file.modifiedMs - b.file.modifiedMs)
  return { live, rotated, listing }
}

/**
 * Whether the log was cut, or a file packed, copied or renamed, since the survey began: then it may have found some files
 * as they were before, and others not at all.
 */
export function isOutdated({ live, listing }: Survey, place: LogPlace): boolean {
  const isSame = live === null ? statusOf(place.path) === null : live.file.head(live.head.length).equals(live.head)
  return !isSame || listing !== listingOf(rotatedPaths(place))
}

function rotatedPaths({ path, rotated, byName }: LogPlace): string[] {
  const paths = globSync(rotated).sort()
  return byName ? paths.filter((other) => basename(other).startsWith(basename(path))) : paths
}

function listingOf(paths: string[]): string {
  return paths.map((path) => `${path} ${statusOf(path)?.inode}\n`).join('')
}

/** Closes what a survey opened and nobody took. */
export function closeAll(candidates: Iterable<Candidate | null>): void {
  for (const candidate of candidates) candidate?.file.close()
}

function examine(path: string, timeMs: LineSelector['timeMs']): Candidate | null {
  const file = LogFile.open(path)
  if (file === null) return null
  const head = file.head()
  return { file, head, firstMs: firstTimeMs(head, timeMs) ?? file.modifiedMs }
}

/** One unreadable old file must not hold up the log that is written now. */
function examineRotated(path: string, timeMs: LineSelector['timeMs']): Candidate | null {
  try {
    return examine(path, timeMs)
  } catch (error) {
    if (!(error instanceof Unavailable)) throw error
    sayUnreadable(() => log.warn('rotated_log_unreadable', { file: path, cause: error.trouble.cause }))
    return null
  }
}

/**
 * Whether it holds lines of the live log alone: it is that file, or a copy, perhaps not whole yet. With more than there
 * is in the live log, it is a copy that was made before the log was cut, and the log has begun with the same line again.
 */
function isCopy(candidate: Candidate, live: Candidate): boolean {
  return candidate.file.inode === live.file.inode || isBeginningOf(candidate, live)
}

/** The same file under two names, or a plain file beside its packed copy, as there is while it is packed. */
function sameText(a: Candidate, b: Candidate): boolean {
  return a.file.inode === b.file.inode || isBeginningOf(a, b) || isBeginningOf(b, a)
}

/** Whether the other's text, which may have grown since it was looked at, begins with all of the one's. */
function isBeginningOf(one: Candidate, other: Candidate): boolean {
  const { length } = one.head
  const byteCount = Math.min(length, other.head.length)
  if (byteCount === 0 || !one.head.subarray(0, byteCount).equals(other.head.subarray(0, byteCount))) return false
  if (byteCount < length && !one.head.equals(other.file.head(length))) return false
  if (one.file.gzipped || other.file.gzipped) return true
  const { size } = one.file
  return size <= other.file.size && endOf(one.file, size).equals(endOf(other.file, size))
}

/** A packed copy may be unfinished yet: the plain file goes first. */
function isMore(candidate: Candidate, twin: Candidate): boolean {
  if (candidate.file.gzipped !== twin.file.gzipped) return twin.file.gzipped
  return candidate.file.size > twin.file.size
}
