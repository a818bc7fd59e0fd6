import { log } from '../base/log.ts'
import type { Check } from './check.ts'
import type { Try } from './finding.ts'
import type { OwnNetwork } from './own_network.ts'
import { Checker, type Result } from './result.ts'
import { Schedule } from './schedule.ts'
import { Standing, type State } from './standing.ts'

/** A check's way to try, and what is to be done when the check goes. */
export interface Trying {
  attempt: Try
  close(): void
}

export interface ProberParts {
  region: string
  atOnceMax: number
  network: OwnNetwork
  tryingOf(check: Check): Trying
  onResult(result: Result): void
}

/** More than any check takes by its own limits. */
const graceMs = 30_000

/** Makes checks, each at its interval, until the signal. */
export class Prober {
  readonly #parts: ProberParts
  readonly #schedule: Schedule
  readonly #running = new Map<string, { as: string; trying: Trying; state: State; overdueMs: number | null }>()

  constructor(parts: ProberParts, signal: AbortSignal) {
    this.#parts = parts
    this.#schedule = new Schedule(parts.atOnceMax, parts.region, signal)
  }

  /** Makes these checks from now on. One that stays as it was goes on undisturbed. */
  async set(checks: Record<string, Check>): Promise<void> {
    for (const [name, { as, trying }] of this.#running) {
      if (Object.hasOwn(checks, name) && JSON.stringify(checks[name]) === as) continue
      await this.#schedule.stop(name)
      this.#running.delete(name)
      trying.close()
    }
    for (const [name, check] of Object.entries(checks)) if (!this.#running.has(name)) this.#start(name, check)
  }

  /** How many targets are in each state. */
  get states(): Partial<Record<State, number>> {
    const states: Partial<Record<State, number>> = {}
    for (const { state } of this.#running.values()) states[state] = (states[state] ?? 0) + 1
    return states
  }

  /** Whether a check takes longer than its own limits allow. */
  get isStuck(): boolean {
    const now = performance.now()
    return [...this.#running.values()].some(({ overdueMs }) => overdueMs !== null && now > overdueMs)
  }

  /** Rejects when a check throws. */
  get failed(): Promise<never> {
    return this.#schedule.failed
  }

  /** After the signal. */
  async close(): Promise<void> {
    await this.#schedule.ended()
    for (const { trying } of this.#running.values()) trying.close()
  }

  #start(name: string, check: Check): void {
    const { region, network, tryingOf, onResult } = this.#parts
    const { timeout_seconds: timeoutSeconds, retries, interval_seconds: intervalSeconds } = check
    const trying = tryingOf(check)
    const checker = new Checker(name, region, check, trying.attempt, new Standing(check), network)
    const running = { as: JSON.stringify(check), trying, state: 'unknown' as State, overdueMs: null as number | null }
    this.#running.set(name, running)
    const limitMs = (timeoutSeconds + 1) * (retries + 1) * 1000 + graceMs
    const run = async (signal: AbortSignal) => {
      running.overdueMs = performance.now() + limitMs
      try {
        const result = await checker.run(signal)
        const { state, message } = result.event.payload
        if (state !== running.state) {
          const details = { probe: name, state: String(state), was: running.state, message: String(message) }
          log[state === 'down' || state === 'unknown' ? 'warn' : 'info']('probe_state', details)
        }
        running.state = state as State
        onResult(result)
      } finally {
        running.overdueMs = null
      }
    }
    this.#schedule.start({ name, intervalMs: intervalSeconds * 1000, run })
  }
}
