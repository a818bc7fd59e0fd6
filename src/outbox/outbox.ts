import type { DatabaseSync, StatementSync } from 'node:sqlite'
import { ProbeTallies } from '../availability/probe_tallies.ts'
import { messageOf, Unavailable } from '../base/errors.ts'
import { isOutOfReach } from '../base/state.ts'
import type { HubEvent, NewEvent } from '../events/event.ts'
import { EventCounts } from './event_counts.ts'
import { eventColumns, eventOf } from './row.ts'

/**
 * An event is a row, in the order in which they were accepted; `seq` is never used again. No two have the same
 * millisecond and ordinal.
 */
export const eventTables = `
  create table event (
    seq integer primary key autoincrement,
    id text not null unique,
    occurred_ms integer not null,
    ordinal integer not null,
    received_ms integer not null,
    source text not null,
    category text not null,
    type text not null,
    schema_version text not null,
    known integer not null,
    payload text not null,
    extensions text not null,
    unique (occurred_ms, ordinal)
  );
  create index event_received on event (received_ms);
`
const ordinalMax = 999_999

/** What became of one event that was offered. */
export type Acceptance =
  | 'accepted'
  | 'duplicate'
  | 'refused: a million events say that they happened in that millisecond'

interface Offer {
  events: NewEvent[]
  /** Done in the same transaction. */
  also: ((acceptances: Acceptance[]) => void) | undefined
  resolve: (acceptances: Acceptance[]) => void
  reject: (error: unknown) => void
}

/** How much may wait. */
export interface WaitingBound {
  most: number
  /** Those whose slowest is waited for. */
  destinations: string[]
}

/** Keeps events on disk from the moment that they are accepted until every destination has them, and some time longer. */
export class Outbox {
  /** What is counted of the events, in the same transaction. */
  readonly counts: EventCounts
  readonly probes: ProbeTallies
  readonly #database: DatabaseSync
  readonly #path: string
  readonly #put: StatementSync
  readonly #isThere: StatementSync
  readonly #lastOrdinal: StatementSync
  readonly #find: StatementSync
  readonly #waiting: StatementSync
  readonly #bound: WaitingBound
  readonly #listeners = new Set<() => void>()
  #offers: Offer[] = []
  #failedMs = 0
  #trouble: string | null = null

  /** @param database as `openOutbox` opens it, `full` */
  constructor(
    database: DatabaseSync,
    path: string,
    bound: WaitingBound = { most: Number.POSITIVE_INFINITY, destinations: [] },
  ) {
    this.#database = database
    this.#path = path
    this.counts = new EventCounts(database)
    this.probes = new ProbeTallies(database)
    this.#bound = bound
    this.#waiting = database.prepare(
      `select (select seq from sqlite_sequence where name = 'event') - min(cursor) as waiting from destination
       where name in (select value from json_each(?))`,
    )
    this.#isThere = database.prepare('select 1 from event where id = ?')
    this.#lastOrdinal = database.prepare('select max(ordinal) as last from event where occurred_ms = ?')
    this.#put = database.prepare(
      `insert into event (id, occurred_ms, ordinal, received_ms, source, category, type, schema_version, known, payload,
         extensions) values (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)`,
    )
    this.#find = database.prepare(`select ${eventColumns} from event where id = ?`)
  }

  /**
   * Resolves when the events are on disk, and would outlive a power cut. What is offered at the same time is written
   * together, so that many small offers share one wait for the disk. An id that is there already changes nothing.
   *
   * @param also done in the same transaction, as what is to be answered when the same request comes again
   * @throws Unavailable where the disk is full, the file is held, or too much waits; nothing was kept then
   */
  async accept(events: NewEvent[], also?: Offer['also']): Promise<Acceptance[]> {
    const bound = this.#boundReached()
    if (bound !== null) throw bound
    const { promise, resolve, reject } = Promise.withResolvers<Acceptance[]>()
    if (this.#offers.push({ events, also, resolve, reject }) === 1) setImmediate(() => this.#keep())
    return promise
  }

  /** The event of an id, for as long as it is kept. */
  find(id: string): HubEvent | null {
    const row = this.#find.get(id)
    return row === undefined ? null : eventOf(row)
  }

  /** To be called where something was sent and, by no fault of its sender, not even offered to be kept. */
  turnedAway(): void {
    this.#failedMs = Date.now()
  }

  /** When something that was sent could not be kept for the last time, ms since 1970. */
  get failedMs(): number {
    return this.#failedMs
  }

  /** Lets go of what was counted before an instant. @throws SQLite's own error; `isOutOfReach` tells whether to try again */
  forgetCounts(beforeMs: number, nowMs: number): void {
    this.counts.forget(beforeMs)
    this.probes.forget(beforeMs, nowMs)
  }

  /** How many events the slowest of the destinations has before it; what is tried again is not counted. */
  get waiting(): number {
    return Number(this.#waiting.get(JSON.stringify(this.#bound.destinations))?.['waiting'] ?? 0)
  }

  /** Why no events are accepted now; `null` where they are. Writes where the last attempt failed, to see whether it would. */
  async trouble(): Promise<string | null> {
    const bound = this.#boundReached()
    if (bound !== null) return bound.trouble.cause
    // The file's own version, as it is: a write like any other, that changes nothing.
    const write = () => this.#database.exec(`pragma user_version = ${this.#version()}`)
    if (this.#trouble !== null) await this.accept([], write).catch(() => {})
    return this.#trouble
  }

  /** Calls `listener` whenever events were accepted, until what it returns is called. */
  onAccepted(listener: () => void): () => void {
    this.#listeners.add(listener)
    return () => this.#listeners.delete(listener)
  }

  close(): void {
    this.#keep()
    if (this.#database.isOpen) this.#database.close()
  }

  #keep(): void {
    const offers = this.#offers
    this.#offers = []
    if (offers.length === 0) return
    try {
      const kept = this.#write(offers)
      this.#trouble = null
      for (const [index, { resolve }] of offers.entries()) resolve(kept[index]!)
    } catch (error) {
      this.#failedMs = Date.now()
      const cause = messageOf(error)
      this.#trouble = cause
      const told = isOutOfReach(error) ? this.#unavailable(cause) : error
      for (const { reject } of offers) reject(told)
      return
    }
    for (const listener of this.#listeners) listener()
  }

  #write(offers: Offer[]): Acceptance[][] {
    this.#database.exec('begin immediate')
    try {
      const receivedMs = Date.now()
      const accepted: HubEvent[] = []
      const kept = offers.map(({ events, also }) => {
        const acceptances = events.map((event) => this.#putOne(event, receivedMs, accepted))
        also?.(acceptances)
        return acceptances
      })
      this.counts.keep(accepted)
      this.probes.keep(accepted)
      this.#database.exec('commit')
      return kept
    } catch (error) {
      // Some errors, as that the disk is full, have ended the transaction already.
      if (this.#database.isTransaction) this.#database.exec('rollback')
      throw error
    }
  }

  #putOne(event: NewEvent, receivedMs: number, accepted: HubEvent[]): Acceptance {
    if (this.#isThere.get(event.id) !== undefined) return 'duplicate'
    const last = this.#lastOrdinal.get(event.occurredMs)?.['last'] ?? -1
    const ordinal = Number(last) + 1
    if (ordinal > ordinalMax) return 'refused: a million events say that they happened in that millisecond'
    const { id, occurredMs, source, category, type, schemaVersion, known, payload, extensions } = event
    const texts = [JSON.stringify(payload), JSON.stringify(extensions)] as const
    this.#put.run(id, occurredMs, ordinal, receivedMs, source, category, type, schemaVersion, Number(known), ...texts)
    accepted.push({ ...event, ordinal, receivedMs })
    return 'accepted'
  }

  #version(): number {
    return Number(this.#database.prepare('pragma user_version').get()?.['user_version'])
  }

  #boundReached(): Unavailable | null {
    const { waiting } = this
    if (waiting < this.#bound.most) return null
    const cause = `${waiting} events wait for a destination, which is as many as may (events.limits.waiting)`
    return this.#unavailable(cause, 'Mend the destination that is down, pause none for long, or raise the limit')
  }

  #unavailable(cause: string, remedy = 'Make room on its disk, or let go of the file'): Unavailable {
    return new Unavailable({ what: 'outbox', where: this.#path, cause, remedy })
  }
}
