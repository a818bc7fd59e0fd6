import type { DatabaseSync } from 'node:sqlite'
import { availabilityView } from '../availability/probes_now.ts'
import type { DestinationSettings } from '../config/destinations.ts'
import { backlogOf } from '../outbox/backlog.ts'
import { countedHours, eventCounts } from '../outbox/event_counts.ts'
import { refusalCounts } from '../outbox/refusal_counts.ts'
import type { ShownHub } from '../web/hub_routes.ts'
import type { DestinationView } from '../web/view.ts'
import type { Worker } from './worker.ts'
import type { WorkersElsewhere } from './workers_elsewhere.ts'

const tellEveryMs = 1000

/** What the page shows of the hub in this process. It lasts as long as the hub. */
export class HubNumbers implements ShownHub {
  readonly #database: DatabaseSync
  readonly #workers: Worker[]
  readonly #elsewhere: WorkersElsewhere | null
  readonly #kinds: Record<string, DestinationSettings>
  readonly #listeners = new Set<() => void>()
  readonly #timer: NodeJS.Timeout
  #accepted = false
  #told = ''

  /**
   * @param elsewhere where workers on other hosts deliver what `workers` hand over
   * @param onAccepted calls what it is given whenever events were accepted
   */
  constructor(
    database: DatabaseSync,
    workers: Worker[],
    elsewhere: WorkersElsewhere | null,
    kinds: Record<string, DestinationSettings>,
    onAccepted: (listener: () => void) => void,
  ) {
    this.#database = database
    this.#workers = workers
    this.#elsewhere = elsewhere
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
    const own = this.#workers.map((worker): DestinationView => {
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
    const elsewhere = this.#elsewhere
    return elsewhere === null
      ? own
      : [...own, ...Object.keys(this.#kinds).map((it) => this.#elsewhereOf(it, elsewhere))]
  }

  #elsewhereOf(name: string, elsewhere: WorkersElsewhere): DestinationView {
    const { word, sinceMs, standing } = elsewhere.of(name)
    const { paused = false, circuit = 'unknown', cause = null, delivered = 0, retried = 0 } = word ?? {}
    return {
      name,
      kind: this.#kinds[name]!.kind,
      paused,
      circuit,
      circuitSince: new Date(sinceMs).toISOString(),
      cause,
      waitingSince: null,
      delivered,
      retried,
      waiting: standing === null ? null : standing.waiting + (word?.in_hand ?? 0),
      retrying: standing?.retrying ?? null,
      dead: standing?.dead ?? null,
      lastCause: backlogOf(this.#database, name).lastCause,
    }
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
