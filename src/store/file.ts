import type { DatabaseSync } from 'node:sqlite'
import { openToRead as openFile, openToWrite as openOrMake, type SqliteFormat } from '../base/sqlite_file.ts'

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
const format: SqliteFormat = {
  what: 'store',
  key: 'store',
  schema,
  schemaVersion: 1,
  applicationId: 0x77_66_72_70,
  remedy: "Give the file to this program's user; move a damaged one away, and `backfill` writes it anew",
}

/**
 * Opens the store to write points, and makes it where there is none, for its owner alone.
 *
 * @throws Failed where it cannot be used; SQLite's own error where time may mend it (`isOutOfReach`)
 */
export function openToWrite(path: string): DatabaseSync {
  // The saved place is on disk as soon as a batch is accepted: what the batch wrote must be there before it.
  return openOrMake(path, format, 'full')
}

/**
 * Opens the store to read it; `null` where there is none yet.
 *
 * @throws Failed where it is none of this program's, or cannot be read
 */
export function openToRead(path: string): DatabaseSync | null {
  return openFile(path, format)
}
