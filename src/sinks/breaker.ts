import { LRUCache } from 'lru-cache'
import { Unavailable } from '../base/errors.ts'
import { log } from '../base/log.ts'
import type { Destination } from '../events/delivery.ts'
import type { HubEvent } from '../events/event.ts'
import type { Refusal, Sink } from '../pipeline/part.ts'

export interface CircuitState {
  /** `open`: nothing is sent until it answers again. */
  circuit: 'closed' | 'open'
  /** Since when, ms since 1970. */
  sinceMs: number
  /** Why it is open. */
  cause: string | null
}

/** So many times a destination that answers fails at a batch before one event in it is looked for that it cannot take. */
const wholeTimes = 2
/** After so many failures in a row the destination is asked whether it is there at all. */
const failuresInARow = 5
const failuresRemembered = 10_000

/**
 * Tells a destination that is down from an event that it cannot digest. While it is down only a question is sent to it,
 * and events wait. An event at which it fails again and again, though it answers, is set aside so that it holds up no
 * other.
 */
export class Breaker implements Sink<HubEvent> {
  readonly #name: string
  readonly #destination: Destination
  #state: CircuitState = { circuit: 'closed', sinceMs: Date.now(), cause: null }
  #failures = 0
  /** Events that were taken. */
  #passed = 0
  /** What `#passed` was when an event failed. */
  readonly #passedAtFailure = new LRUCache<string, number>({ max: failuresRemembered })

  constructor(name: string, destination: Destination) {
    this.#name = name
    this.#destination = destination
  }

  get state(): CircuitState {
    return this.#state
  }

  async write(events: HubEvent[]): Promise<Refusal<HubEvent>[]> {
    try {
      // Nothing is learnt about the batch from a destination that does not even answer.
      if (this.#state.circuit === 'open') await this.#destination.probe()
    } catch (error) {
      throw this.#opened(error)
    }
    try {
      const refusals = this.#failures < wholeTimes ? await this.#whole(events) : await this.#inParts(events)
      this.#failures = 0
      this.#change('closed', null)
      return refusals
    } catch (error) {
      this.#failures++
      throw this.#opened(error)
    }
  }

  close(): Promise<void> {
    return this.#destination.close()
  }

  async #whole(events: HubEvent[]): Promise<Refusal<HubEvent>[]> {
    const refusals = await this.#destination.write(events)
    this.#passed += events.length
    return refusals
  }

  /** By halves, so that many pass at once, down to the events at which it fails. */
  async #inParts(events: HubEvent[]): Promise<Refusal<HubEvent>[]> {
    const passedBefore = this.#passed
    const refusals: Refusal<HubEvent>[] = []
    const failed: Refusal<HubEvent>[] = []
    let inARow = 0
    const parts = halvesOf(events)
    for (let part = parts.shift(); part !== undefined; part = parts.shift()) {
      try {
        refusals.push(...(await this.#whole(part)))
        inARow = 0
      } catch (error) {
        if (!(error instanceof Unavailable)) throw error
        if (part.length > 1) parts.unshift(...halvesOf(part))
        else failed.push({ entry: part[0]!, cause: error.trouble.cause, mayPassLater: true })
        if (++inARow % failuresInARow === 0) await this.#destination.probe()
      }
    }
    if (failed.length > 0) await this.#destination.probe()
    return [...refusals, ...failed.map((refusal) => this.#judged(refusal, passedBefore))]
  }

  /** It is the event's own fault where others passed since it failed before, or now. */
  #judged(refusal: Refusal<HubEvent>, passedBefore: number): Refusal<HubEvent> {
    const { id } = refusal.entry
    const passedAtFailure = this.#passedAtFailure.get(id) ?? passedBefore
    this.#passedAtFailure.set(id, this.#passed)
    return this.#passed > passedAtFailure ? refusal : { ...refusal, isInDoubt: true }
  }

  #opened(error: unknown): unknown {
    if (error instanceof Unavailable) this.#change('open', error.trouble.cause)
    return error
  }

  #change(circuit: CircuitState['circuit'], cause: string | null): void {
    if (this.#state.circuit === circuit) {
      if (cause !== null) this.#state = { ...this.#state, cause }
      return
    }
    this.#state = { circuit, sinceMs: Date.now(), cause }
    if (circuit === 'open') log.warn('circuit_open', { destination: this.#name, cause })
    else log.info('circuit_closed', { destination: this.#name })
  }
}

function halvesOf(events: HubEvent[]): HubEvent[][] {
  const half = Math.ceil(events.length / 2)
  return [events.slice(0, half), events.slice(half)].filter(({ length }) => length > 0)
}
