import type { Definitions } from '../../availability/definitions.ts'
import type { HubWindows } from '../../availability/hub_window.ts'
import type { Answers } from '../../outbox/answers.ts'
import type { Keys } from '../../outbox/keys.ts'
import type { Outbox } from '../../outbox/outbox.ts'
import type { Ways } from '../../outbox/ways.ts'
import type { DestinationView } from '../view.ts'

/** What is kept of probes and of windows of maintenance. */
export interface Defined {
  probes: Definitions
  maintenance: Definitions
  windows: HubWindows
}

/** What the API of events needs of the hub. */
export interface EventHub {
  outbox: Outbox
  keys: Keys
  answers: Answers
  ways: Ways
  /** Probes and windows of maintenance that were given through the API. */
  defined: Defined
  destinations(): DestinationView[]
  /** Told of events that were not taken; the source is `''` where no key told it. */
  refused(source: string, status: number, count: number): void
  limits: {
    bodyBytes: number
    batch: number
    ratePerSecond: number
    burst: number
  }
}
