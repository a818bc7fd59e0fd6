import type { Delivery, DeliveryQueue, Outcome } from '../events/delivery.ts'
import type { HubEvent } from '../events/event.ts'
import type { Refusal, Sink } from '../pipeline/part.ts'

/** How often, and how soon, an event is tried again that failed while others passed. */
export interface RetryBudget {
  attempts: number
  firstMs: number
  longestMs: number
}

/** What a destination did since the start. */
export interface DeliveryCounters {
  delivered: number
  retried: number
  dead: number
}

/** Writes deliveries, and has the queue keep what became of each before the batch counts as written. */
export class Delivered implements Sink<Delivery> {
  readonly counters: DeliveryCounters = { delivered: 0, retried: 0, dead: 0 }
  readonly #sink: Sink<HubEvent>
  readonly #queue: DeliveryQueue
  readonly #budget: RetryBudget
  /** Known of a batch that was written and could not be settled yet: it is not written again. */
  #unsettled: { deliveries: Delivery[]; outcomes: Outcome[] } | null = null

  constructor(sink: Sink<HubEvent>, queue: DeliveryQueue, budget: RetryBudget) {
    this.#sink = sink
    this.#queue = queue
    this.#budget = budget
  }

  async write(deliveries: Delivery[]): Promise<Refusal<Delivery>[]> {
    if (this.#unsettled?.deliveries !== deliveries) {
      const refusals = await this.#sink.write(deliveries.map(({ event }) => event))
      const refused = new Map(refusals.map((refusal) => [refusal.entry, refusal]))
      const outcomes = deliveries.map((delivery) => this.#outcomeOf(delivery, refused.get(delivery.event)))
      this.#unsettled = { deliveries, outcomes }
    }
    const { outcomes } = this.#unsettled
    await this.#queue.settle(outcomes)
    this.#unsettled = null
    const { counters } = this
    for (const { state } of outcomes) {
      if (state === 'delivered') counters.delivered++
      else if (state === 'retrying') counters.retried++
      else counters.dead++
    }
    return outcomes.flatMap((outcome) =>
      outcome.state === 'dead' ? [{ entry: outcome.delivery, cause: outcome.cause }] : [],
    )
  }

  close(): Promise<void> {
    return this.#sink.close()
  }

  #outcomeOf(delivery: Delivery, refusal: Refusal<HubEvent> | undefined): Outcome {
    if (refusal === undefined) return { delivery, state: 'delivered', attempts: delivery.attempts + 1 }
    const { attempts, firstMs, longestMs } = this.#budget
    const { cause } = refusal
    if (refusal.mayPassLater !== true) return { delivery, state: 'dead', attempts: delivery.attempts + 1, cause }
    const failed = delivery.attempts + (refusal.isInDoubt === true ? 0 : 1)
    if (failed >= attempts)
      return { delivery, state: 'dead', attempts: failed, cause: `given up after ${failed} attempts: ${cause}` }
    const backOffMs = Math.min(longestMs, firstMs * 2 ** Math.max(0, failed - 1))
    const afterMs = Math.max(refusal.afterMs ?? 0, backOffMs)
    return { delivery, state: 'retrying', attempts: failed, cause, afterMs }
  }
}
