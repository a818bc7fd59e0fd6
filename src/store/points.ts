import type { DatabaseSync, StatementSync } from 'node:sqlite'
import type { Point } from '../pipeline/entry.ts'
import { openToWrite } from './file.ts'

const nanosecondsPerSecond = 1_000_000_000n
/** What the collector said of itself is for looking back a while, not for ever. */
const keepReportingSeconds = 40 * 86_400

const invocationFields = ['workflow_id', 'user_id', 'owner_id', 'version', 'invocation_id', 'revision_id', 'derived']

/**
 * Writes points into the store. A point is the same point where measurement, tags and time are; written again, its
 * fields take the place of those that it had, and fields that it does not have stay, as in InfluxDB.
 */
export class PointWriter {
  readonly #database: DatabaseSync
  readonly #series: Dictionary
  readonly #rejectedSeries: Dictionary
  readonly #versions: Dictionary
  readonly #putInvocation: StatementSync
  readonly #putRejected: StatementSync
  readonly #putReporting: StatementSync
  readonly #lastIds: StatementSync

  private constructor(database: DatabaseSync) {
    this.#database = database
    const seriesTags = ['canonical_id', 'workflow_name', 'domain', 'trs_server', 'identity']
    this.#series = new Dictionary(database, 'series', seriesTags)
    this.#rejectedSeries = new Dictionary(database, 'rejected_series', ['domain', 'status'])
    this.#versions = new Dictionary(database, 'version', ['name'])
    this.#putInvocation = database.prepare(upsert('invocation', invocationFields))
    this.#putRejected = database.prepare(upsert('rejected', ['workflow_id']))
    this.#putReporting = database.prepare(
      `insert into reporting values (?, ?, ?, ?)
       on conflict do update set fields = json_patch(fields, excluded.fields)`,
    )
    this.#lastIds = database.prepare(
      'select (select max(id) from invocation) as invocation, (select max(id) from rejected) as rejected',
    )
  }

  /** @throws Failed, or SQLite's own error where time may mend it (`isOutOfReach`) */
  static open(path: string): PointWriter {
    return new PointWriter(openToWrite(path))
  }

  /**
   * All of them or, when it throws, none. They are on disk when it returns.
   *
   * @throws SQLite's own error; `isOutOfReach` tells whether to try again
   */
  write(points: Point[]): void {
    this.#database.exec('begin immediate')
    try {
      const last = this.#lastIds.get()!
      let hasChanged = false
      for (const point of points) {
        const id = this.#put(point)
        const lastOfTable = Number(last[point.measurement === 'workflow_invocation' ? 'invocation' : 'rejected'] ?? 0)
        hasChanged ||= id !== null && id <= lastOfTable
      }
      if (hasChanged) this.#database.exec('update change set older = older + 1')
      this.#database.exec('commit')
    } catch (error) {
      // Some errors, as that the disk is full, have ended the transaction already.
      if (this.#database.isTransaction) this.#database.exec('rollback')
      throw error
    }
  }

  close(): void {
    if (this.#database.isOpen) this.#database.close()
  }

  /** @returns the id of a row that is new or has changed, where readers follow the table */
  #put({ measurement, tags, fields, timeNs }: Point): number | null {
    const second = Number(timeNs / nanosecondsPerSecond)
    const nanosecond = Number(timeNs % nanosecondsPerSecond)
    switch (measurement) {
      case 'workflow_invocation': {
        const { count, trs_version_id: version, ...others } = fields
        const row =
          version === undefined ? others : { ...others, version: this.#versions.idOf({ name: String(version) }) }
        const values = valuesOf(measurement, invocationFields, row).map(toColumn)
        return idOf(this.#putInvocation.get(second, nanosecond, this.#series.idOf(tags), ...values))
      }
      case 'workflow_invocation_rejected': {
        const { count, ...others } = fields
        const values = valuesOf(measurement, ['workflow_id'], others).map(toColumn)
        return idOf(this.#putRejected.get(second, nanosecond, this.#rejectedSeries.idOf(tags), ...values))
      }
      case 'workflow_reporting': {
        const plain = Object.entries(fields).map(([name, value]) => [name, plainOf(value)])
        this.#putReporting.run(second, nanosecond, tags['host'] ?? '', JSON.stringify(Object.fromEntries(plain)))
        this.#database.prepare('delete from reporting where second < ?').run(second - keepReportingSeconds)
        return null
      }
      default:
        throw new Error(`the store has no table for points of ${measurement}`)
    }
  }
}

/** Texts that come again and again, each with a number. */
class Dictionary {
  readonly #columns: string[]
  readonly #table: string
  readonly #find: StatementSync
  readonly #add: StatementSync

  constructor(database: DatabaseSync, table: string, columns: string[]) {
    this.#table = table
    this.#columns = columns
    this.#find = database.prepare(`select id from ${table} where ${columns.map((name) => `${name} = ?`).join(' and ')}`)
    const places = columns.map(() => '?').join(', ')
    this.#add = database.prepare(`insert into ${table} (${columns.join(', ')}) values (${places}) returning id`)
  }

  idOf(texts: Record<string, string>): number {
    const values = valuesOf(this.#table, this.#columns, texts).map((value) => value ?? '')
    return idOf(this.#find.get(...values)) ?? idOf(this.#add.get(...values))!
  }
}

/** Gives back the id of the row where it is new, or where something of it has changed. */
function upsert(table: string, fields: string[]): string {
  const merged = fields.map((name) => `coalesce(excluded.${name}, ${table}.${name})`)
  const current = fields.map((name) => `${table}.${name}`)
  return `
    insert into ${table} (second, nanosecond, series, ${fields.join(', ')})
    values (?, ?, ?, ${fields.map(() => '?').join(', ')})
    on conflict (second, nanosecond, series) do update set ${fields.map((name, index) => `${name} = ${merged[index]}`).join(', ')}
    where (${merged.join(', ')}) is not (${current.join(', ')})
    returning id`
}

/** In the order of the columns, null where there is none. What no column takes would be lost without a word. */
function valuesOf<T>(what: string, columns: string[], values: Record<string, T>): (T | null)[] {
  const unknown = Object.keys(values).find((name) => !columns.includes(name))
  if (unknown !== undefined) throw new Error(`the store has no column for ${unknown} of ${what}`)
  return columns.map((name) => values[name] ?? null)
}

function idOf(row: Record<string, unknown> | undefined): number | null {
  return row === undefined ? null : Number(row['id'])
}

/** SQLite has no booleans. */
function toColumn(value: Point['fields'][string] | null): number | bigint | string | null {
  return typeof value === 'boolean' ? Number(value) : value
}

function plainOf(value: Point['fields'][string]): number | string | boolean {
  return typeof value === 'bigint' ? Number(value) : value
}
