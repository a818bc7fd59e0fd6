import { messageOf, Unavailable } from '../base/errors.ts'
import { isOutOfReach } from '../base/state.ts'
import type { Receipt } from '../broker/receipt.ts'
import type { ToldDeliveries } from '../outbox/told.ts'
import type { Sink } from '../pipeline/part.ts'

/** Keeps in the outbox what became of events at workers elsewhere. */
export class Receipts implements Sink<Receipt> {
  readonly #told: ToldDeliveries

  constructor(told: ToldDeliveries) {
    this.#told = told
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
    return []
  }

  async close(): Promise<void> {}
}
