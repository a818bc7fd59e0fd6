import type { DatabaseSync } from 'node:sqlite'
import { messageOf, Unavailable } from '../base/errors.ts'
import { isOutOfReach } from '../base/state.ts'
import type { DeadLetter, DeadLetters, LetterChoice } from '../events/dead_letter.ts'
import { toWire } from '../events/event.ts'
import { eventColumns, eventOf } from './row.ts'

const where = `destination = :destination and state = 'dead' and at_ms >= :since
  and (:ids = '[]' or id in (select value from json_each(:ids)))`

/** A destination's dead letters in the outbox; also while `serve` runs, which finds within a second what is replayed. */
export class OutboxLetters implements DeadLetters {
  readonly #database: DatabaseSync
  readonly #destination: string

  constructor(database: DatabaseSync, destination: string) {
    this.#database = database
    this.#destination = destination
  }

  async list(choice: LetterChoice, most: number): Promise<DeadLetter[]> {
    const rows = this.#try(() =>
      this.#database
        .prepare(
          `select ${eventColumns}, at_ms, attempts, cause from delivery join event using (seq) where ${where}
           order by at_ms, event.seq limit :most`,
        )
        .all({ ...this.#parametersOf(choice), most }),
    )
    return rows.map((row) => {
      const event = toWire(eventOf(row))
      const deadAt = new Date(Number(row['at_ms'])).toISOString()
      const [attempts, cause] = [Number(row['attempts']), String(row['cause'])]
      return { destination: this.#destination, id: event.id, dead_at: deadAt, attempts, cause, event }
    })
  }

  async replay(choice: LetterChoice): Promise<number> {
    const { changes } = this.#try(() =>
      this.#database
        .prepare(
          `update delivery set state = 'retrying', attempts = 0, at_ms = :now
           where (destination, seq) in (select destination, seq from delivery join event using (seq) where ${where})`,
        )
        .run({ ...this.#parametersOf(choice), now: Date.now() }),
    )
    return Number(changes)
  }

  async close(): Promise<void> {
    if (this.#database.isOpen) this.#database.close()
  }

  #parametersOf({ sinceMs, ids }: LetterChoice) {
    const since = Number.isFinite(sinceMs) ? sinceMs : 0
    return { destination: this.#destination, since, ids: JSON.stringify(ids) }
  }

  #try<T>(work: () => T): T {
    try {
      return work()
    } catch (error) {
      if (!isOutOfReach(error)) throw error
      throw new Unavailable({ what: 'outbox', where: 'events.file', cause: messageOf(error) })
    }
  }
}
