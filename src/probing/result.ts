import { pause } from '../base/retry.ts'
import type { Payload } from '../events/event.ts'
import { newEventId } from '../events/event_id.ts'
import { maintenanceAt } from '../events/maintenance.ts'
import { type Check, shownTarget } from './check.ts'
import type { Try } from './finding.ts'
import { type Finding, rounded } from './finding.ts'
import type { OwnNetwork } from './own_network.ts'
import type { Standing } from './standing.ts'

const retryAfterMs = 1000

/** A result as the hub takes it: an event of category `probe`, its type the kind of the check. */
export interface ResultEvent {
  id: string
  occurred_at: string
  category: 'probe'
  type: string
  schema_version: '1'
  payload: Payload
}

export interface Result {
  event: ResultEvent
  isReported: boolean
}

/** Makes one check, with its retries, and says what came of it and how its target stands now. */
export class Checker {
  readonly check: Check
  readonly name: string
  readonly #region: string
  readonly #try: Try
  readonly #standing: Standing
  readonly #network: OwnNetwork

  constructor(name: string, region: string, check: Check, makeTry: Try, standing: Standing, network: OwnNetwork) {
    this.name = name
    this.check = check
    this.#region = region
    this.#try = makeTry
    this.#standing = standing
    this.#network = network
  }

  /** @throws Stopped when the signal is given meanwhile */
  async run(signal: AbortSignal): Promise<Result> {
    const { kind, maintenance, interval_seconds: intervalSeconds } = this.check
    const startedAtMs = Date.now()
    const startedMs = performance.now()
    const { finding, tries } = await this.#tried(signal)
    const elapsedMs = rounded(performance.now() - startedMs)
    const { verdict, result, message } = await this.#blamed(finding, signal)
    const window = maintenanceAt(maintenance, startedAtMs)
    const stand = this.#standing.after(verdict, window !== null)
    const payload: Payload = {
      probe: this.name,
      region: this.#region,
      target: shownTarget(this.check),
      kind,
      success: verdict === 'good',
      result,
      message,
      interval_seconds: intervalSeconds,
      next_within_seconds: this.#standing.nextWithinSeconds,
      consecutive_failures: stand.consecutiveFailures,
      state: stand.state,
      elapsed_ms: elapsedMs,
      tries,
      ...(window !== null && { maintenance: true, maintenance_window: window.name }),
      ...finding.fields,
    }
    const occurred = { id: newEventId(), occurred_at: new Date(startedAtMs).toISOString() }
    const event: ResultEvent = { ...occurred, category: 'probe', type: kind, schema_version: '1', payload }
    return { event, isReported: stand.isReported }
  }

  async #tried(signal: AbortSignal): Promise<{ finding: Finding; tries: number }> {
    const { retries, timeout_seconds: timeoutSeconds } = this.check
    for (let tries = 1; ; tries++) {
      const finding = await this.#try(timeoutSeconds * 1000, signal)
      signal.throwIfAborted()
      if (finding.verdict === 'good' || tries > retries) return { finding, tries }
      await pause(retryAfterMs, signal)
    }
  }

  /** A target is not blamed for what ails the probe. */
  async #blamed(finding: Finding, signal: AbortSignal): Promise<Finding> {
    if (finding.verdict !== 'failed' || (await this.#network.isUp(signal))) return finding
    return { ...finding, verdict: 'unknown', result: 'own_network_down', message: "this probe's own network is down" }
  }
}
