import { closeSync, mkdirSync, openSync } from 'node:fs'
import { dirname } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import { codeOf, Failed, messageOf } from '../base/errors.ts'
import { isOutOfReach } from '../base/state.ts'

const schemaVersion = 1
/** `wfrp`: tells this program's stores from other databases. */
const applicationId = 0x77_66_72_70
/**
 * A point is a row: its time, and its tags by way of a `series`. A tag that a point does not have is `''`, which is no
 * tag's value, and a field that it does not have is null. Rows of `invocation` and `rejected` are never deleted, so that
 * a reader finds new ones by their ids; `change.older` grows whenever an older row is changed.
 */
const schema = `
  create table change (older integer not null);
  insert into change values (0);
  create table series (
    id integer primary key,
    domain text not null,
    workflow_name text not null,
    canonical_id text not null,
    trs_server text not null,
    identity text not null,
    unique (canonical_id, workflow_name, domain, trs_server, identity)
  );
  create table version (id integer primary key, name text not null unique);
  create table invocation (
    id integer primary key,
    second integer not null,
    nanosecond integer not null,
    series integer not null references series,
    workflow_id integer,
    user_id integer,
    owner_id integer,
    version integer references version,
    invocation_id integer,
    revision_id integer,
    derived integer,
    unique (second, nanosecond, series)
  );
  create table rejected_series (
    id integer primary key,
    domain text not null,
    status text not null,
    unique (domain, status)
  );
  create table rejected (
    id integer primary key,
    second integer not null,
    nanosecond integer not null,
    series integer not null references rejected_series,
    workflow_id integer,
    unique (second, nanosecond, series)
  );
  create table reporting (
    second integer not null,
    nanosecond integer not null,
    host text not null,
    fields text not null,
    primary key (second, nanosecond, host)
  ) without rowid;
`
const busyMs = 10_000
const readerBusyMs = 1000

/**
 * Opens the store to write points, and makes it where there is none, for its owner alone.
 *
 * @throws Failed where it cannot be used; SQLite's own error where time may mend it (`isOutOfReach`)
 */
export function openToWrite(path: string): DatabaseSync {
  try {
    make(path)
    const database = new DatabaseSync(path, { timeout: busyMs })
    try {
      // The saved place is on disk as soon as a batch is accepted: what the batch wrote must be there before it.
      database.exec('pragma journal_mode = wal; pragma synchronous = full')
      migrate(database)
      return database
    } catch (error) {
      database.close()
      throw error
    }
  } catch (error) {
    throw told(path, error)
  }
}

/**
 * Opens the store to read it; `null` where there is none yet.
 *
 * @throws Failed where it is none of this program's, or cannot be read
 */
export function openToRead(path: string): DatabaseSync | null {
  try {
    // Asked first, because SQLite has one answer for everything that keeps it from opening a file.
    closeSync(openSync(path, 'r'))
  } catch (error) {
    if (codeOf(error) === 'ENOENT') return null
    throw told(path, error)
  }
  try {
    const database = new DatabaseSync(path, { readOnly: true, timeout: readerBusyMs })
    try {
      const version = versionOf(database)
      if (version === schemaVersion) return database
      database.close()
      if (version === 0) return null
      throw tooNew(version)
    } catch (error) {
      if (database.isOpen) database.close()
      throw error
    }
  } catch (error) {
    throw told(path, error)
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

function migrate(database: DatabaseSync): void {
  if (versionOf(database) === schemaVersion) return
  database.exec('begin immediate')
  // Another process may have made it meanwhile.
  const version = versionOf(database)
  if (version === 0)
    database.exec(`${schema}; pragma application_id = ${applicationId}; pragma user_version = ${schemaVersion}`)
  database.exec('commit')
  if (version > schemaVersion) throw tooNew(version)
}

/** 0 where nothing is in it yet. */
function versionOf(database: DatabaseSync): number {
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

function tooNew(version: number): TooNew {
  return new TooNew(
    `it was made by a newer version of this program (format ${version}, this one knows ${schemaVersion})`,
  )
}

function told(path: string, error: unknown): unknown {
  if (isOutOfReach(error)) return error
  const remedy =
    error instanceof TooNew
      ? 'Install that version, or name another file in `store`'
      : "Give the file to this program's user; move a damaged one away, and `backfill` writes it anew"
  return new Failed(`store (${path}): ${messageOf(error)}. ${remedy}`)
}
