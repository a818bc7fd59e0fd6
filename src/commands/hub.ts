import type { DatabaseSync } from 'node:sqlite'
import { Definitions } from '../availability/definitions.ts'
import { HubWindows } from '../availability/hub_window.ts'
import { messageOf } from '../base/errors.ts'
import { log } from '../base/log.ts'
import { isOutOfReach, lockAlone } from '../base/state.ts'
import type { Stop } from '../base/stop.ts'
import type { EventsSettings } from '../config/events.ts'
import { Answers } from '../outbox/answers.ts'
import { Deliveries } from '../outbox/deliveries.ts'
import { openOutbox } from '../outbox/file.ts'
import { Keys } from '../outbox/keys.ts'
import { Outbox } from '../outbox/outbox.ts'
import { type Keeping, prune } from '../outbox/pruning.ts'
import { Ways } from '../outbox/ways.ts'
import { OutboxQueue } from '../sources/outbox.ts'
import type { EventHub } from '../web/v1/hub.ts'
import { destinationOf } from './destinations.ts'
import { Pauses } from './pauses.ts'
import { relayName, relayOf, takeReceipts, workersElsewhere } from './relay.ts'
import { HubNumbers } from './shown_hub.ts'
import { Watching } from './watching.ts'
import { Worker } from './worker.ts'

/** A thousand at a time: eight million a day. */
const pruneEveryMs = 10_000

/** The outbox, and what delivers what is in it: a worker for each destination, or one that hands all over to RabbitMQ. */
export class Hub {
  readonly outbox: Outbox
  readonly workers: Worker[]
  /** What the API is given of it. */
  readonly api: EventHub
  /** What the page shows of it. */
  readonly numbers: HubNumbers
  readonly #running: Promise<void>
  readonly #closeAll: () => Promise<void>

  private constructor(
    api: EventHub,
    workers: Worker[],
    others: Promise<unknown>[],
    numbers: HubNumbers,
    stop: Stop,
    closeAll: () => Promise<void>,
  ) {
    this.api = api
    this.outbox = api.outbox
    this.workers = workers
    this.numbers = numbers
    this.#closeAll = closeAll
    // One without destinations keeps events all the same.
    const stopped = new Promise<void>((resolve) => {
      if (stop.asked.aborted) resolve()
      stop.asked.addEventListener('abort', () => resolve())
    })
    this.#running = Promise.all([...workers.map((worker) => worker.run(stop)), ...others, stopped]).then(() => {})
  }

  /** @throws Failed where the file of events cannot be used, or another hub has it */
  static async start(events: EventsSettings, stateFolder: string, stop: Stop): Promise<Hub> {
    const names = events.rabbitmq === null ? Object.keys(events.destinations) : [relayName]
    // Makes its folder, too.
    const database = openOutbox(events.file, 'full')
    const lock = lockAlone(`${events.file}.lock`, 'another hub')
    const outbox = new Outbox(database, events.file, { most: events.limits.waiting, destinations: names })
    const deliveries = openOutbox(events.file, 'normal')
    const pauses = new Pauses(stateFolder)
    const { rabbitmq } = events
    const workers =
      rabbitmq === null
        ? await Promise.all(
            Object.entries(events.destinations).map(async ([name, settings]) => {
              const queue = new OutboxQueue(outbox, new Deliveries(deliveries, name), settings.batch)
              const destination = await destinationOf(name, settings, stateFolder)
              return new Worker(name, settings, destination, queue, () => pauses.isPaused(name))
            }),
          )
        : [relayOf({ ...events, rabbitmq }, outbox, deliveries)]
    const elsewhere = rabbitmq === null ? null : workersElsewhere({ ...events, rabbitmq })
    const receipts =
      rabbitmq === null || elsewhere === null
        ? []
        : [takeReceipts({ ...events, rabbitmq }, deliveries, elsewhere, stop)]
    const keeping = {
      keepDays: events.keep_days,
      keepDeadDays: events.keep_dead_days,
      destinations: names,
    }
    const pruning = setInterval(() => forget(deliveries, keeping), pruneEveryMs).unref()
    const { body_bytes: bodyBytes, batch, rate_per_second: ratePerSecond, burst } = events.limits
    const filters = Object.entries(events.destinations).map(([name, { filter }]) => ({ name, filter }))
    const maintenance = new Definitions(database, 'maintenance')
    const windows = new HubWindows(events.maintenance, maintenance)
    outbox.probes.isMaintained = (probe, atMs) => windows.isMaintained(probe, atMs)
    const watching = new Watching(outbox, deliveries, events)
    const numbers = new HubNumbers(deliveries, workers, elsewhere, events.destinations, (listener) =>
      outbox.onAccepted(listener),
    )
    const api: EventHub = {
      refused: (source, status, count) => watching.refusals.add(source, status, count, Date.now()),
      outbox,
      keys: new Keys(deliveries),
      answers: new Answers(database),
      defined: { probes: new Definitions(database, 'probe'), maintenance, windows },
      ways: new Ways(deliveries, filters),
      destinations: () => numbers.destinations(),
      limits: { bodyBytes, batch, ratePerSecond, burst },
    }
    return new Hub(api, workers, receipts, numbers, stop, async () => {
      clearInterval(pruning)
      numbers.close()
      await elsewhere?.close()
      await watching.stop()
      outbox.close()
      deliveries.close()
      lock[Symbol.dispose]()
    })
  }

  /** Throws what a worker failed with; else waits for the end of them all. Where there is none, nothing ends. */
  get ended(): Promise<void> {
    return this.workers.length === 0 ? new Promise(() => {}) : this.#running
  }

  /** After `stop` was asked and nothing is accepted any more. */
  async close(): Promise<void> {
    await this.#running.finally(() => this.#closeAll())
  }
}

/** A thousand now and the others later: nobody who sends events waits for it. */
function forget(database: DatabaseSync, keeping: Keeping): void {
  try {
    const events = prune(database, keeping, Date.now())
    if (events > 0) log.info('events_pruned', { events })
  } catch (error) {
    if (!isOutOfReach(error)) throw error
    log.warn('events_not_pruned', { cause: messageOf(error) })
  }
}
