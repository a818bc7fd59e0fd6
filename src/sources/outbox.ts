import { setImmediate as breath, setTimeout as sleep } from 'node:timers/promises'
import { messageOf, Unavailable } from '../base/errors.ts'
import { atMostEvery, log } from '../base/log.ts'
import { isOutOfReach } from '../base/state.ts'
import type { Delivery, DeliveryQueue, Outcome } from '../events/delivery.ts'
import type { Deliveries } from '../outbox/deliveries.ts'
import type { Outbox } from '../outbox/outbox.ts'
import type { Batch } from '../pipeline/part.ts'

/** What another process put back, as `dead replay` does, is found after this long. */
const lookEveryMs = 1000

/** A destination's events, straight out of the outbox. */
export class OutboxQueue implements DeliveryQueue {
  readonly #deliveries: Deliveries
  readonly #batchMax: number
  readonly #stopListening: () => void
  readonly #sayNotRemembered = atMostEvery(60_000)
  #wake = new AbortController()

  constructor(outbox: Outbox, deliveries: Deliveries, batchMax: number) {
    this.#deliveries = deliveries
    this.#batchMax = batchMax
    this.#stopListening = outbox.onAccepted(() => this.#wake.abort())
  }

  async pull(signal: AbortSignal): Promise<Batch<Delivery>> {
    // A batch that a filter leaves out waits for nobody: requests and signals must have their turn between two.
    await breath()
    this.#wake = new AbortController()
    const entries = this.#try(() => this.#deliveries.pull(this.#batchMax, Date.now()))
    if (entries.length === 0) {
      const dueMs = (this.#deliveries.nextDueMs ?? Number.POSITIVE_INFINITY) - Date.now()
      const waitMs = Math.max(1, Math.min(dueMs, lookEveryMs))
      await sleep(waitMs, undefined, { signal: AbortSignal.any([signal, this.#wake.signal]) }).catch(() => {})
    }
    return { entries }
  }

  async settle(outcomes: Outcome[]): Promise<void> {
    this.#try(() => this.#deliveries.settle(outcomes, Date.now()))
  }

  /** A place that is not kept makes settled events be looked at again, which does no harm. */
  remember(): void {
    try {
      this.#deliveries.remember()
    } catch (error) {
      if (!isOutOfReach(error)) throw error
      this.#sayNotRemembered((sinceLast) => {
        log.warn('place_not_kept', { of: 'outbox', cause: messageOf(error), since_last: sinceLast })
      })
    }
  }

  async close(): Promise<void> {
    this.#stopListening()
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
