import type { DatabaseSync, StatementSync } from 'node:sqlite'
import type { HubEvent } from '../events/event.ts'

/** How many events happened in each hour, counted in the transaction that keeps them, and kept longer than they are. */
export const eventCountTables = `
  create table event_series (
    id integer primary key,
    source text not null,
    category text not null,
    type text not null,
    known integer not null,
    unique (source, category, type, known)
  );
  create table event_hour (
    hour integer not null,
    series integer not null,
    count integer not null,
    primary key (hour, series)
  ) without rowid;
`
export const hourMs = 3_600_000
/** Whoever has a key chooses names of types; from here on new ones are counted as one of each source. */
const seriesMax = 5000
const anyOther = '(other)'

type Series = Pick<HubEvent, 'source' | 'category' | 'type' | 'known'>

export interface EventCount extends Series {
  /** Hours since 1970, by when the events happened. */
  hour: number
  count: number
}

/** Exact whatever fails: an event is counted if and only if it was accepted. */
export class EventCounts {
  readonly #findSeries: StatementSync
  readonly #allSeries: StatementSync
  readonly #addSeries: StatementSync
  readonly #add: StatementSync
  readonly #forget: StatementSync

  constructor(database: DatabaseSync) {
    this.#findSeries = database.prepare(
      'select id from event_series where source = ? and category = ? and type = ? and known = ?',
    )
    this.#allSeries = database.prepare('select count(*) as count from event_series')
    this.#addSeries = database.prepare(
      'insert into event_series (source, category, type, known) values (?, ?, ?, ?) returning id',
    )
    this.#add = database.prepare(
      'insert into event_hour values (?, ?, ?) on conflict do update set count = count + excluded.count',
    )
    this.#forget = database.prepare('delete from event_hour where hour < ?')
  }

  /** Inside the transaction in which they were accepted. */
  keep(events: HubEvent[]): void {
    const groups = Map.groupBy(events, ({ occurredMs, source, category, type, known }) =>
      JSON.stringify([Math.floor(occurredMs / hourMs), source, category, type, known]),
    )
    for (const group of groups.values()) {
      const [event] = group as [HubEvent]
      this.#add.run(Math.floor(event.occurredMs / hourMs), this.#seriesOf(event), group.length)
    }
  }

  /** Lets go of the hours before an instant. */
  forget(beforeMs: number): void {
    this.#forget.run(Math.floor(beforeMs / hourMs))
  }

  #seriesOf({ source, category, type, known }: Series): number {
    const found = this.#find(source, category, type, known)
    if (found !== null) return found
    if (Number(this.#allSeries.get()?.['count']) < seriesMax) return this.#make(source, category, type, known)
    return this.#find(source, anyOther, anyOther, false) ?? this.#make(source, anyOther, anyOther, false)
  }

  #find(source: string, category: string, type: string, known: boolean): number | null {
    const id = this.#findSeries.get(source, category, type, Number(known))?.['id']
    return id === undefined ? null : Number(id)
  }

  #make(source: string, category: string, type: string, known: boolean): number {
    return Number(this.#addSeries.get(source, category, type, Number(known))?.['id'])
  }
}

/** The counts of the hours from one, included, until another. */
export function eventCounts(database: DatabaseSync, fromHour: number, untilHour: number): EventCount[] {
  return database
    .prepare(
      `select hour, source, category, type, known, count from event_hour join event_series on id = series
       where hour >= ? and hour < ? order by hour`,
    )
    .all(fromHour, untilHour)
    .map((row) => ({
      hour: Number(row['hour']),
      source: String(row['source']),
      category: String(row['category']),
      type: String(row['type']),
      known: row['known'] === 1,
      count: Number(row['count']),
    }))
}

/** The first and the last hour that has a count; `null` where none has. */
export function countedHours(database: DatabaseSync): { first: number; last: number } | null {
  const row = database.prepare('select min(hour) as first, max(hour) as last from event_hour').get()!
  return row['first'] === null ? null : { first: Number(row['first']), last: Number(row['last']) }
}
