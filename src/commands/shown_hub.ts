import type { DatabaseSync } from 'node:sqlite'
import { availabilityView } from '../availability/probes_now.ts'
import type { DestinationSettings } from '../config/destinations.ts'
import { backlogOf } from '../outbox/backlog.ts'
import { countedHours, eventCounts } from '../outbox/event_counts.ts'
import { refusalCounts } from '../outbox/refusal_counts.ts'
import type { ShownHub } from '../web/hub_routes.ts'
import type { DestinationView } from '../web/view.ts'
import type { Worker } from './worker.ts'

const tellEveryMs = 1000

/** What the page shows of the hub in this process. It lasts as long as the hub. */
export class HubNumbers implements ShownHub {
  readonly #database: DatabaseSync
  readonly #workers: Worker[]
  readonly #kinds: Record<string, DestinationSettings>
  readonly #listeners = new Set<() => void>()
  readonly #timer: NodeJS.Timeout
  #accepted = false
  #told = ''

  /** @param onAccepted calls what it is given whenever events were accepted */
  constructor(
    database: DatabaseSync,
    workers: Worker[],
    kinds: Record<string, DestinationSettings>,
    onAccepted: (listener: () => void) => void,
  ) {
    this.#database = database
    this.#workers = workers
    this.#kinds = kinds
    onAccepted(() => {
      this.#accepted = true
    })
    this.#timer = setInterval(() => this.#look(), tellEveryMs).unref()
  }

  counts(fromHour: number, untilHour: number) {
    return eventCounts(this.#database, fromHour, untilHour)
  }

  refusals(fromHour: number, untilHour: number) {
    return refusalCounts(this.#database, fromHour, untilHour)
  }

  hours() {
    return countedHours(this.#database)
  }

  availability(nowMs: number) {
    return availabilityView(this.#database, nowMs)
  }

  destinations(): DestinationView[] {
    return this.#workers.map((worker) => {
      const { destination: name, paused, circuit, sinceMs, cause, delivered, retried } = worker.state
      const { waitingSinceMs, ...backlog } = backlogOf(this.#database, name)
      return {
        name,
        kind: this.#kinds[name]?.kind ?? 'rabbitmq',
        paused,
        circuit,
        circuitSince: new Date(sinceMs).toISOString(),
        cause,
        waitingSince: waitingSinceMs === null ? null : new Date(waitingSinceMs).toISOString(),
        delivered,
        retried,
        ...backlog,
      }
    })
  }

  onChange(listener: () => void): void {
    this.#listeners.add(listener)
  }

  close(): void {
    clearInterval(this.#timer)
  }

  #look(): void {
    if (this.#listeners.size === 0) return
    const destinations = JSON.stringify(this.destinations())
    if (!this.#accepted && destinations === this.#told) return
    this.#accepted = false
    this.#told = destinations
    for (const listener of this.#listeners) listener()
  }
}
