import type { DatabaseSync, StatementSync } from 'node:sqlite'
import { isChosen } from '../events/choice.ts'
import type { HubEvent } from '../events/event.ts'

/** How far an event is on its way to one destination. */
export interface Way {
  destination: string
  /** `skipped`: it is none of the destination's, by its filter or because it was accepted before the destination was there. */
  state: 'waiting' | 'delivered' | 'retrying' | 'dead' | 'skipped'
  attempts: number
  /** When it came to that state, or for `retrying` when it is tried again; ms since 1970. */
  atMs: number | null
  cause: string | null
}

/** What became of events. */
export class Ways {
  readonly #destinations: { name: string; filter: string[] }[]
  readonly #seqOf: StatementSync
  readonly #row: StatementSync
  readonly #cursor: StatementSync

  /** @param destinations those of the configuration, each with its filter */
  constructor(database: DatabaseSync, destinations: { name: string; filter: string[] }[]) {
    this.#destinations = destinations
    this.#seqOf = database.prepare('select seq from event where id = ?')
    this.#row = database.prepare('select * from delivery where destination = ? and seq = ?')
    this.#cursor = database.prepare('select cursor from destination where name = ?')
  }

  /** The way of an event to each destination. */
  of(event: HubEvent): Way[] {
    const seq = Number(this.#seqOf.get(event.id)?.['seq'] ?? 0)
    return this.#destinations.map(({ name, filter }) => {
      const row = this.#row.get(name, seq)
      if (row !== undefined)
        return {
          destination: name,
          state: row['state'] as Way['state'],
          attempts: Number(row['attempts']),
          atMs: Number(row['at_ms']),
          cause: row['cause'] === null ? null : String(row['cause']),
        }
      const wasPassed = Number(this.#cursor.get(name)?.['cursor'] ?? -1) >= seq
      const state = wasPassed || !isChosen(filter, event) ? 'skipped' : 'waiting'
      return { destination: name, state, attempts: 0, atMs: null, cause: null }
    })
  }
}
