import type { DatabaseSync } from 'node:sqlite'
import { hourMs } from './event_counts.ts'

/** How many events were refused when they were sent, by whom and with which HTTP status. */
export const refusalTables = `
  create table event_refusal (
    hour integer not null,
    source text not null,
    status integer not null,
    count integer not null,
    primary key (hour, source, status)
  ) without rowid;
`
/** Whoever sends nonsense must not make the disk work: counts of some seconds are written at once. */
const pendingMax = 1000

export interface RefusalCount {
  hour: number
  /** `''` where the key told nobody. */
  source: string
  status: number
  count: number
}

/** The counts of the last seconds are lost where the process is killed: what was refused is nothing that was promised. */
export class RefusalCounts {
  readonly #database: DatabaseSync
  #pending = new Map<string, RefusalCount>()

  /** @param database as `openOutbox` opens it, `normal` */
  constructor(database: DatabaseSync) {
    this.#database = database
  }

  add(source: string, status: number, count: number, nowMs: number): void {
    const hour = Math.floor(nowMs / hourMs)
    const key = JSON.stringify([hour, source, status])
    const pending = this.#pending.get(key) ?? { hour, source, status, count: 0 }
    pending.count += count
    if (this.#pending.size < pendingMax) this.#pending.set(key, pending)
  }

  /** @throws SQLite's own error; what was to be written is kept for another time then */
  write(): void {
    if (this.#pending.size === 0) return
    this.#database.exec('begin immediate')
    try {
      const put = this.#database.prepare(
        'insert into event_refusal values (?, ?, ?, ?) on conflict do update set count = count + excluded.count',
      )
      for (const { hour, source, status, count } of this.#pending.values()) put.run(hour, source, status, count)
      this.#database.exec('commit')
      this.#pending = new Map()
    } catch (error) {
      if (this.#database.isTransaction) this.#database.exec('rollback')
      throw error
    }
  }

  forget(beforeMs: number): void {
    this.#database.prepare('delete from event_refusal where hour < ?').run(Math.floor(beforeMs / hourMs))
  }
}

/** Of the hours from one, included, until another. */
export function refusalCounts(database: DatabaseSync, fromHour: number, untilHour: number): RefusalCount[] {
  return database
    .prepare('select * from event_refusal where hour >= ? and hour < ?')
    .all(fromHour, untilHour)
    .map((row) => ({
      hour: Number(row['hour']),
      source: String(row['source']),
      status: Number(row['status']),
      count: Number(row['count']),
    }))
}
