import { messageOf, Unavailable } from '../base/errors.ts'
import { isOutOfReach } from '../base/state.ts'
import type { Receipt, WorkerWord } from '../broker/receipt.ts'
import type { ToldDeliveries } from '../outbox/told.ts'
import type { Sink } from '../pipeline/part.ts'

/** Keeps in the outbox what became of events at workers elsewhere, and passes on what these say of themselves. */
export class Receipts implements Sink<Receipt> {
  readonly #told: ToldDeliveries
  readonly #onWorker: (destination: string, word: WorkerWord) => void

  /** @param onWorker is given what a worker says of itself */
  constructor(told: ToldDeliveries, onWorker: (destination: string, word: WorkerWord) => void) {
    this.#told = told
    this.#onWorker = onWorker
  }

  async write(receipts: Receipt[]): Promise<[]> {
    const all = receipts.flatMap(({ destination, outcomes }) =>
      outcomes.map(({ at_ms: atMs, ...outcome }) => ({ destination, ...outcome, atMs })),
    )
    try {
      this.#told.keep(all)
    } catch (error) {
      if (!isOutOfReach(error)) throw error
      throw new Unavailable({ what: 'outbox', where: 'events.file', cause: messageOf(error) })
    }
    for (const { destination, worker } of receipts) if (worker !== undefined) this.#onWorker(destination, worker)
    return []
  }

  async close(): Promise<void> {}
}
