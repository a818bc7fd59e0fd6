import type { CheckOf } from './check.ts'
import type { Finding } from './finding.ts'

export type State = 'up' | 'down' | 'maintenance' | 'unknown'
type Policy = Pick<CheckOf<'tcp'>, 'failures' | 'successes' | 'report' | 'heartbeat_intervals' | 'interval_seconds'>

/** How a target stands after a result. */
export interface Stand {
  state: State
  consecutiveFailures: number
  /** Whether the result is to be sent. */
  isReported: boolean
}

/** What the results of one check add up to: a target is up or down only after enough of them in a row. */
export class Standing {
  readonly #policy: Policy
  /** Below maintenance and a lost network, the state that goes on after them. */
  #state: 'up' | 'down' | 'unknown' = 'unknown'
  #told: State | null = null
  #failures = 0
  #successes = 0
  /** A failure was told, and nothing good since. */
  #isFailureOpen = false
  #silentIntervals = 0

  constructor(policy: Policy) {
    this.#policy = policy
  }

  /** At the latest so long after a sent result comes another, as long as all is well with the probe. */
  get nextWithinSeconds(): number {
    const { report, interval_seconds: seconds, heartbeat_intervals: intervals } = this.#policy
    return report === 'always' ? seconds : seconds * intervals
  }

  /** In maintenance a failure counts for nothing, and neither does what could not be seen. */
  after(verdict: Finding['verdict'], inMaintenance: boolean): Stand {
    if (verdict === 'good') {
      this.#failures = 0
      this.#successes++
      if (this.#state !== 'down' || this.#successes >= this.#policy.successes) this.#state = 'up'
    } else if (verdict === 'failed' && !inMaintenance) {
      this.#successes = 0
      this.#failures++
      if (this.#failures >= this.#policy.failures) this.#state = 'down'
    }
    const state = inMaintenance ? 'maintenance' : verdict === 'unknown' ? 'unknown' : this.#state
    const isReported = this.#isReported(state, verdict, inMaintenance)
    this.#silentIntervals = isReported ? 0 : this.#silentIntervals + 1
    if (isReported) this.#told = state
    return { state, consecutiveFailures: this.#failures, isReported }
  }

  #isReported(state: State, verdict: Finding['verdict'], inMaintenance: boolean): boolean {
    const { report, heartbeat_intervals: intervals } = this.#policy
    const isHeartbeat = this.#told === null || this.#silentIntervals + 1 >= intervals
    if (report === 'always' || isHeartbeat) {
      this.#noteFailure(verdict, inMaintenance)
      return true
    }
    if (report === 'change') return state !== this.#told
    const wasOpen = this.#isFailureOpen
    this.#noteFailure(verdict, inMaintenance)
    return this.#isFailureOpen || wasOpen
  }

  #noteFailure(verdict: Finding['verdict'], inMaintenance: boolean): void {
    if (verdict === 'good') this.#isFailureOpen = false
    else if (!inMaintenance) this.#isFailureOpen = true
  }
}
