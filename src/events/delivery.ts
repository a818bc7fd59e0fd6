import type { Sink, Source } from '../pipeline/part.ts'
import type { HubEvent } from './event.ts'

/** An event on its way to one destination. */
export interface Delivery {
  event: HubEvent
  /** How often it failed there while others passed. */
  attempts: number
}

/** What became of a delivery; `attempts` are those that it has had now. */
export type Outcome = { delivery: Delivery; attempts: number } & (
  | { state: 'delivered' }
  /** To be tried again, not before `afterMs` from now. */
  | { state: 'retrying'; cause: string; afterMs: number }
  /** Kept among the dead letters with its cause. */
  | { state: 'dead'; cause: string }
)

/**
 * Where a destination's events wait. What was pulled and not remembered is pulled again at the next start; an event that
 * the destination's filter leaves out is pulled, has no outcome, and is remembered like the others.
 */
export interface DeliveryQueue extends Source<Delivery> {
  /**
   * Returns when the outcomes are on disk, or at the broker; `remember` comes after it. May be called again with the
   * same outcomes.
   *
   * @throws Unavailable
   */
  settle(outcomes: Outcome[]): Promise<void>
}

/**
 * Where events are delivered to. Writing the same event twice changes nothing there (by its id, or by an own record of
 * what was sent).
 */
export interface Destination extends Sink<HubEvent> {
  /**
   * Asks whether it would take events, without any.
   *
   * @throws Unavailable where it is out of reach, or its credentials are wrong
   */
  probe(): Promise<void>
}
