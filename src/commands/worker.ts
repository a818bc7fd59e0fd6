import type { Stop } from '../base/stop.ts'
import type { DestinationSettings } from '../config/destinations.ts'
import type { DeliveryQueue, Destination } from '../events/delivery.ts'
import { pausedSource } from '../pipeline/paused.ts'
import { run } from '../pipeline/run.ts'
import { Breaker, type CircuitState } from '../sinks/breaker.ts'
import { Delivered, type DeliveryCounters } from '../sinks/delivered.ts'
import { Choice } from '../transforms/choice.ts'
import { choiceOf } from './destinations.ts'

/** What a worker says of itself. */
export interface WorkerState extends DeliveryCounters, CircuitState {
  destination: string
  paused: boolean
}

/** Of a destination's settings, what is the same for all kinds. */
export type WorkerSettings = Pick<DestinationSettings, 'filter' | 'fields' | 'personal' | 'retry'>

/** Delivers the events of one queue to one destination, in order but for those that are tried again. */
export class Worker {
  readonly name: string
  /** Grows with everything that it does, waiting for somebody included. */
  signs = 0
  readonly #settings: WorkerSettings
  readonly #queue: DeliveryQueue
  readonly #breaker: Breaker
  readonly #sink: Delivered
  readonly #isPaused: () => boolean

  constructor(
    name: string,
    settings: WorkerSettings,
    destination: Destination,
    queue: DeliveryQueue,
    isPaused: () => boolean,
  ) {
    const { attempts, first_seconds: firstSeconds, longest_seconds: longestSeconds } = settings.retry
    this.name = name
    this.#settings = settings
    this.#queue = queue
    this.#isPaused = isPaused
    this.#breaker = new Breaker(name, destination)
    const budget = { attempts, firstMs: firstSeconds * 1000, longestMs: longestSeconds * 1000 }
    this.#sink = new Delivered(this.#breaker, queue, budget)
  }

  get state(): WorkerState {
    return { destination: this.name, paused: this.#isPaused(), ...this.#breaker.state, ...this.#sink.counters }
  }

  /** Until it is stopped. */
  async run(stop: Stop): Promise<void> {
    await run({
      source: pausedSource(this.#queue, this.#isPaused),
      transforms: [new Choice(choiceOf(this.#settings))],
      sink: this.#sink,
      stop,
      patience: { patienceMs: Number.POSITIVE_INFINITY, onWait: () => this.signs++ },
      onPull: () => this.signs++,
      onBatch: () => this.signs++,
    })
  }
}
