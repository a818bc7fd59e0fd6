import { globSync } from 'node:fs'
import { basename } from 'node:path'
import { Unavailable } from '../base/errors.ts'
import { atMostEvery, log } from '../base/log.ts'
import type { Candidate } from './known_file.ts'
import { LogFile } from './log_file.ts'
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
}

const sayUnreadable = atMostEvery(60_000)

/** Opens every file of a log to see which they are. The caller closes them. */
export function survey(place: LogPlace, timeMs: LineSelector['timeMs']): Survey {
  const live = examine(place.path, timeMs)
  const rotated: Candidate[] = []
  for (const path of globSync(place.rotated)) {
    if (place.byName && !basename(path).startsWith(basename(place.path))) continue
    const candidate = examineRotated(path, timeMs)
    if (candidate === null) continue
    const twin = [live, ...rotated].find((other) => other !== null && sameText(other, candidate))
    if (candidate.head.length === 0 || (twin != null && !replaces(candidate, twin, live))) {
      candidate.file.close()
      continue
    }
    if (twin != null) {
      twin.file.close()
      rotated.splice(rotated.indexOf(twin), 1)
    }
    rotated.push(candidate)
  }
  rotated.sort((a, b) => a.firstMs - b.firstMs || a.file.modifiedMs - b.file.modifiedMs)
  return { live, rotated }
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

/** The same file under two names, or a plain file beside its packed copy, as there is while it is packed. */
function sameText(a: Candidate, b: Candidate): boolean {
  if (a.file.inode === b.file.inode) return true
  const byteCount = Math.min(a.head.length, b.head.length)
  return byteCount > 0 && a.head.subarray(0, byteCount).equals(b.head.subarray(0, byteCount))
}

/** A packed copy may be unfinished yet: the plain file goes first. */
function replaces(candidate: Candidate, twin: Candidate, live: Candidate | null): boolean {
  return twin !== live && twin.file.gzipped && !candidate.file.gzipped
}
