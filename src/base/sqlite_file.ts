import { closeSync, mkdirSync, openSync } from 'node:fs'
import { dirname } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import { codeOf, Failed, messageOf } from './errors.ts'
import { isOutOfReach } from './state.ts'

/** What a database file of this program holds. */
export interface SqliteFormat {
  /** What it is called in errors. */
  what: string
  /** The key of the configuration that names it. */
  key: string
  schema: string
  schemaVersion: number
  /** Tells the file from other databases (https://sqlite.org/fileformat2.html#application_id). */
  applicationId: number
  /** What to do about a file that cannot be used. */
  remedy: string
}

const busyMs = 10_000
const readerBusyMs = 1000

/**
 * Opens the file to write, and makes it where there is none, for its owner alone.
 *
 * @param synchronous `full`: what was committed outlives a power cut; `normal`: the file does, but the last commits may not
 * @throws Failed where it cannot be used; SQLite's own error where time may mend it (`isOutOfReach`)
 */
export function openToWrite(path: string, format: SqliteFormat, synchronous: 'full' | 'normal'): DatabaseSync {
  try {
    make(path)
    const database = new DatabaseSync(path, { timeout: busyMs })
    try {
      database.exec(`pragma journal_mode = wal; pragma synchronous = ${synchronous}`)
      migrate(database, format)
      return database
    } catch (error) {
      database.close()
      throw error
    }
  } catch (error) {
    throw told(path, format, error)
  }
}

/**
 * Opens the file to read it; `null` where there is none yet.
 *
 * @throws Failed where it is none of this program's, or cannot be read
 */
export function openToRead(path: string, format: SqliteFormat): DatabaseSync | null {
  try {
    // Asked first, because SQLite has one answer for everything that keeps it from opening a file.
    closeSync(openSync(path, 'r'))
  } catch (error) {
    if (codeOf(error) === 'ENOENT') return null
    throw told(path, format, error)
  }
  try {
    const database = new DatabaseSync(path, { readOnly: true, timeout: readerBusyMs })
    try {
      const version = versionOf(database, format)
      if (version === format.schemaVersion) return database
      database.close()
      if (version === 0) return null
      throw tooNew(version, format)
    } catch (error) {
      if (database.isOpen) database.close()
      throw error
    }
  } catch (error) {
    throw told(path, format, error)
  }
}

/** The file's mode is chosen before SQLite opens it, and SQLite gives the same to the files beside it. */
function make(path: string): void {
  mkdirSync(dirname(path), { recursive: true, mode: 0o700 })
  try {
    closeSync(openSync(path, 'wx', 0o600))
  } catch (error) {
    if (codeOf(error) !== 'EEXIST') throw error
  }
}

function migrate(database: DatabaseSync, format: SqliteFormat): void {
  const { schema, schemaVersion, applicationId } = format
  if (versionOf(database, format) === schemaVersion) return
  database.exec('begin immediate')
  // Another process may have made it meanwhile.
  const version = versionOf(database, format)
  if (version === 0)
    database.exec(`${schema}; pragma application_id = ${applicationId}; pragma user_version = ${schemaVersion}`)
  database.exec('commit')
  if (version > schemaVersion) throw tooNew(version, format)
}

/** 0 where nothing is in it yet. */
function versionOf(database: DatabaseSync, { applicationId }: SqliteFormat): number {
  const found = database
    .prepare(
      'select application_id, user_version, (select count(*) from sqlite_schema) as tables from pragma_application_id, pragma_user_version',
    )
    .get()!
  if (found['application_id'] === applicationId) return Number(found['user_version'])
  if (found['tables'] === 0) return 0
  throw new Error('it is the database of something else')
}

class TooNew extends Error {}

function tooNew(version: number, { schemaVersion }: SqliteFormat): TooNew {
  return new TooNew(
    `it was made by a newer version of this program (format ${version}, this one knows ${schemaVersion})`,
  )
}

function told(path: string, { what, key, remedy }: SqliteFormat, error: unknown): unknown {
  if (isOutOfReach(error)) return error
  const next = error instanceof TooNew ? `Install that version, or name another file in \`${key}\`` : remedy
  return new Failed(`${what} (${path}): ${messageOf(error)}. ${next}`)
}
