import { closeSync, fsyncSync, mkdirSync, openSync, readFileSync, renameSync, writeFileSync } from 'node:fs'
import { dirname } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import { codeOf, Failed, messageOf } from './errors.ts'
import { log } from './log.ts'

/** Makes the folder of the saved place and the ledger, for its owner alone. */
export function makeStateFolder(folder: string): void {
  try {
    mkdirSync(folder, { recursive: true, mode: 0o700 })
  } catch (error) {
    throw new Failed(
      `state_dir (${folder}) cannot be made: ${messageOf(error)}. Give its parent to the user of this program`,
    )
  }
}

/**
 * Writes a new file beside `path` and renames it over, so that a reader sees the old text or the new one, whole,
 * whatever fails in between.
 */
export function writeWhole(path: string, text: string): void {
  const beside = `${path}.new`
  const file = openSync(beside, 'w', 0o600)
  try {
    writeFileSync(file, text)
    fsyncSync(file)
  } finally {
    closeSync(file)
  }
  renameSync(beside, path)
  const folder = openSync(dirname(path), 'r')
  try {
    fsyncSync(folder)
  } finally {
    closeSync(folder)
  }
}

export type Loaded<T> = { kind: 'none' } | { kind: 'damaged' } | { kind: 'found'; value: T }

/**
 * Reads what `writeWhole` wrote. A file that `parse` throws at is set aside under another name and told, so that the
 * next start does not meet it again.
 */
export function readWhole<T>(path: string, parse: (text: string) => T): Loaded<T> {
  let text: string
  try {
    text = readFileSync(path, 'utf8')
  } catch (error) {
    if (codeOf(error) === 'ENOENT') return { kind: 'none' }
    throw new Failed(
      `saved place (${path}) cannot be read: ${messageOf(error)}. Give the file to the user of this program`,
    )
  }
  try {
    return { kind: 'found', value: parse(text) }
  } catch (error) {
    const aside = `${path}.damaged-${new Date().toISOString().replace(/[:.]/g, '')}`
    renameSync(path, aside)
    log.error('state_damaged', { file: path, set_aside: aside, cause: messageOf(error) })
    return { kind: 'damaged' }
  }
}

/**
 * Holds `path` for this process alone until it is released or the process ends, however it ends: the lock is the
 * kernel's own on an SQLite file, so a killed holder leaves nothing behind.
 */
export function lockAlone(path: string, holder: string): Disposable {
  const database = new DatabaseSync(path)
  try {
    database.exec('pragma busy_timeout = 0; pragma locking_mode = exclusive; begin exclusive')
  } catch (error) {
    database.close()
    throw new Failed(`${holder} (${path}): ${messageOf(error)}. Another one runs on this state_dir; stop it first`)
  }
  return { [Symbol.dispose]: () => database.close() }
}

/** SQLite's result codes for what time or room may mend: busy, locked, out of disk, a failed write. */
const passingSqliteCodes = new Set([5, 6, 10, 13])

/** Whether a database file could not be used just now, as when the disk is full or another process holds it. */
export function isOutOfReach(error: unknown): boolean {
  const { code, errcode } = error as { code?: unknown; errcode?: unknown }
  return code === 'ERR_SQLITE_ERROR' && typeof errcode === 'number' && passingSqliteCodes.has(errcode & 0xff)
}
