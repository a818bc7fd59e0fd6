import type { DatabaseSync, StatementSync } from 'node:sqlite'
import type { Delivery, Outcome } from '../events/delivery.ts'
import { eventColumns, eventOf } from './row.ts'

/**
 * How far each destination is: everything up to `cursor` was pulled and settled, and what became of it stands in
 * `delivery`. An event without a row there was left out by the destination's filter. `at_ms` is when it came to that
 * state, or for `retrying` when it is tried again.
 */
export const deliveryTables = `
  create table destination (name text primary key, cursor integer not null) without rowid;
  create table delivery (
    destination text not null,
    seq integer not null,
    state text not null check (state in ('delivered', 'retrying', 'dead')),
    attempts integer not null,
    at_ms integer not null,
    cause text,
    primary key (destination, seq)
  ) without rowid;
  create index delivery_retrying on delivery (destination, at_ms) where state = 'retrying';
  create index delivery_dead on delivery (destination, at_ms) where state = 'dead';
  create index delivery_event on delivery (seq);
`

/** What the outbox holds for one destination. */
export class Deliveries {
  readonly #database: DatabaseSync
  readonly #destination: string
  readonly #due: StatementSync
  readonly #new: StatementSync
  readonly #nextDue: StatementSync
  readonly #seqOf: StatementSync
  readonly #settle: StatementSync
  readonly #remember: StatementSync
  readonly #leaveOut: StatementSync
  /** Pulled to be tried again and not settled since: what is left of them when the place is kept, a filter left out. */
  readonly #again = new Set<number>()
  #pulled: number
  #remembered: number

  /** A destination that is new here gets what is accepted from now on. */
  constructor(database: DatabaseSync, destination: string) {
    this.#database = database
    this.#destination = destination
    database
      .prepare(
        "insert or ignore into destination values (?, coalesce((select seq from sqlite_sequence where name = 'event'), 0))",
      )
      .run(destination)
    this.#due = database.prepare(
      `select ${eventColumns}, attempts from delivery join event using (seq)
       where destination = ? and state = 'retrying' and at_ms <= ? order by at_ms limit ?`,
    )
    // What was settled and not remembered is not delivered again.
    this.#new = database.prepare(
      `select ${eventColumns} from event left join delivery on destination = ? and delivery.seq = event.seq
       where event.seq > ? and delivery.seq is null order by event.seq limit ?`,
    )
    this.#nextDue = database.prepare(
      "select min(at_ms) as at_ms from delivery where destination = ? and state = 'retrying'",
    )
    this.#seqOf = database.prepare('select seq from event where id = ?')
    this.#settle = database.prepare('insert or replace into delivery values (?, ?, ?, ?, ?, ?)')
    this.#remember = database.prepare('update destination set cursor = ? where name = ?')
    this.#leaveOut = database.prepare(
      "delete from delivery where destination = ? and state = 'retrying' and seq in (select value from json_each(?))",
    )
    const row = database.prepare('select cursor from destination where name = ?').get(destination)
    this.#pulled = this.#remembered = Number(row?.['cursor'])
  }

  /** Those that are to be tried again now, then new ones; at most `most`. */
  pull(most: number, nowMs: number): Delivery[] {
    const due = this.#due.all(this.#destination, nowMs, Math.ceil(most / 2))
    const fresh = this.#new.all(this.#destination, this.#pulled, most - due.length)
    const last = fresh.at(-1)
    if (last !== undefined) this.#pulled = Number(last['seq'])
    this.#again.clear()
    for (const row of due) this.#again.add(Number(row['seq']))
    return [...due, ...fresh].map((row) => ({ event: eventOf(row), attempts: Number(row['attempts'] ?? 0) }))
  }

  /** When the next one is to be tried again, ms since 1970; `null` where none is. */
  get nextDueMs(): number | null {
    const at = this.#nextDue.get(this.#destination)?.['at_ms'] ?? null
    return at === null ? null : Number(at)
  }

  /** Keeps what became of them. @throws SQLite's own error; `isOutOfReach` tells whether to try again */
  settle(outcomes: Outcome[], nowMs: number): void {
    const settled: number[] = []
    this.#database.exec('begin immediate')
    try {
      for (const outcome of outcomes) {
        const { delivery, state, attempts } = outcome
        const seq = this.#seqOf.get(delivery.event.id)?.['seq']
        // Pruned meanwhile: there is nothing left to say about it.
        if (seq === undefined) continue
        const atMs = state === 'retrying' ? nowMs + outcome.afterMs : nowMs
        const cause = state === 'delivered' ? null : outcome.cause
        this.#settle.run(this.#destination, Number(seq), state, attempts, atMs, cause)
        settled.push(Number(seq))
      }
      this.#database.exec('commit')
      for (const seq of settled) this.#again.delete(seq)
    } catch (error) {
      if (this.#database.isTransaction) this.#database.exec('rollback')
      throw error
    }
  }

  /** Keeps how far it was pulled. */
  remember(): void {
    if (this.#again.size > 0) {
      // The filter was another one when they failed. They would be pulled again at once, for ever.
      this.#leaveOut.run(this.#destination, JSON.stringify([...this.#again]))
      this.#again.clear()
    }
    if (this.#pulled === this.#remembered) return
    this.#remember.run(this.#pulled, this.#destination)
    this.#remembered = this.#pulled
  }
}
