import type { DatabaseSync } from 'node:sqlite'
import type { Stop } from '../base/stop.ts'
import type { Receipt } from '../broker/receipt.ts'
import type { EventsSettings } from '../config/events.ts'
import { Deliveries } from '../outbox/deliveries.ts'
import type { Outbox } from '../outbox/outbox.ts'
import { ToldDeliveries } from '../outbox/told.ts'
import { run } from '../pipeline/run.ts'
import { Exchange } from '../sinks/exchange.ts'
import { Receipts as ReceiptSink } from '../sinks/receipts.ts'
import { OutboxQueue } from '../sources/outbox.ts'
import { Receipts } from '../sources/receipts.ts'
import { brokerConnection } from './broker.ts'
import { Worker, type WorkerSettings } from './worker.ts'
import { WorkersElsewhere } from './workers_elsewhere.ts'

type WithRabbitmq = EventsSettings & { rabbitmq: NonNullable<EventsSettings['rabbitmq']> }

/** What the outbox calls the exchange, which is its one destination. */
export const relayName = 'exchange'
const batchMax = 500
/** The exchange takes every event as it is; what a destination may know is for its worker to choose. */
const everything: WorkerSettings = {
  filter: ['#'],
  fields: null,
  personal: true,
  retry: { attempts: 8, first_seconds: 5, longest_seconds: 900 },
}

/** What hands the outbox over to RabbitMQ. */
export function relayOf(events: WithRabbitmq, outbox: Outbox, database: DatabaseSync): Worker {
  const { rabbitmq, destinations } = events
  const exchange = new Exchange(brokerConnection(rabbitmq, 'serve publishes', destinations), rabbitmq.exchange, false)
  const queue = new OutboxQueue(outbox, new Deliveries(database, relayName), batchMax)
  return new Worker(relayName, everything, exchange, queue, () => false)
}

/** What workers on any host tell of themselves, and what waits for them. */
export function workersElsewhere(events: WithRabbitmq): WorkersElsewhere {
  const { rabbitmq, destinations } = events
  const connection = brokerConnection(rabbitmq, 'serve counts', destinations)
  return new WorkersElsewhere(Object.keys(destinations), connection, rabbitmq.exchange)
}

/** Until it is stopped: keeps what workers tell of the events that they delivered, and of themselves. */
export async function takeReceipts(
  events: WithRabbitmq,
  database: DatabaseSync,
  workers: WorkersElsewhere,
  stop: Stop,
): Promise<void> {
  const connection = brokerConnection(events.rabbitmq, 'serve takes receipts', {})
  await run<Receipt, Receipt, Receipt>({
    source: new Receipts(connection, events.rabbitmq.exchange),
    transforms: [{ apply: (receipts) => receipts }],
    sink: new ReceiptSink(new ToldDeliveries(database), (destination, word) => workers.heard(destination, word)),
    stop,
    patience: { patienceMs: Number.POSITIVE_INFINITY },
  })
}
