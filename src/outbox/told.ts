import type { DatabaseSync, StatementSync } from 'node:sqlite'

/** What a worker elsewhere says of one event. */
export interface Told {
  destination: string
  id: string
  state: 'delivered' | 'retrying' | 'dead'
  attempts: number
  atMs: number
  cause: string | null
}

/** Keeps what workers elsewhere tell beside what this process delivers itself, so that an event's way is in one place. */
export class ToldDeliveries {
  readonly #database: DatabaseSync
  readonly #keep: StatementSync

  constructor(database: DatabaseSync) {
    this.#database = database
    // Told again, or late, it changes nothing.
    this.#keep = database.prepare(
      `insert into delivery select :destination, seq, :state, :attempts, :atMs, :cause from event where id = :id
       on conflict (destination, seq) do update set state = excluded.state, attempts = excluded.attempts,
         at_ms = excluded.at_ms, cause = excluded.cause where excluded.at_ms >= delivery.at_ms`,
    )
  }

  /** @throws SQLite's own error; `isOutOfReach` tells whether to try again */
  keep(all: Told[]): void {
    this.#database.exec('begin immediate')
    try {
      for (const told of all) this.#keep.run({ ...told })
      this.#database.exec('commit')
    } catch (error) {
      if (this.#database.isTransaction) this.#database.exec('rollback')
      throw error
    }
  }
}
