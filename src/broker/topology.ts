import type { Channel } from 'amqplib'

/** What the exchange is called, and Clowder's that is bound to it; `null`: none. */
export interface Exchanges {
  exchange: string
  clowderExchange: string | null
}

/** The queues of one destination. */
export interface Queues {
  main: string
  retry: string
  dead: string
}

/** Losses of a connection while a message was not acknowledged, before it is taken for one that kills its worker. */
const deliveriesMax = 100
/** RabbitMQ 4 drops what was handed out twenty times, and looking at dead letters hands them out; 3.10 knows no -1. */
const unlimited = 1_000_000_000
/** Receipts are told to whoever asks later: where nobody takes them, the oldest go. */
const receiptsMax = 100_000

/** All names begin with the exchange's, so that one pattern of permissions fits. */
export function queuesOf(exchange: string, destination: string): Queues {
  const main = `${exchange}.${destination}`
  return { main, retry: `${main}.retry`, dead: `${main}.dead` }
}

export function receiptsOf(exchange: string): string {
  return `${exchange}.receipts`
}

/** Declares the exchanges and the queue of receipts; harmless where they are there. */
export async function declareExchanges(channel: Channel, { exchange, clowderExchange }: Exchanges): Promise<void> {
  await channel.assertExchange(exchange, 'topic', { durable: true })
  if (clowderExchange !== null) {
    await channel.assertExchange(clowderExchange, 'fanout', { durable: true })
    await channel.bindExchange(exchange, clowderExchange, '')
  }
  await channel.assertQueue(receiptsOf(exchange), {
    durable: true,
    arguments: {
      'x-queue-type': 'quorum',
      'x-delivery-limit': unlimited,
      'x-max-length': receiptsMax,
      'x-overflow': 'drop-head',
    },
  })
}

/**
 * Declares a destination's queues and binds them. Dead letters are handed over with confirms (`at-least-once`), which
 * asks for `reject-publish`. A pattern that the configuration had before stays bound: the worker leaves out what comes
 * by it.
 *
 * @throws RabbitMQ's own error, 406 where a queue is there with other arguments
 */
export async function declareDestination(
  channel: Channel,
  { exchange, clowderExchange }: Exchanges,
  destination: string,
  filter: string[],
): Promise<void> {
  const { main, retry, dead } = queuesOf(exchange, destination)
  const deadLetters = (to: string) => ({
    'x-queue-type': 'quorum',
    'x-dead-letter-exchange': '',
    'x-dead-letter-routing-key': to,
    'x-dead-letter-strategy': 'at-least-once',
    'x-overflow': 'reject-publish',
  })
  const limited = (limit: number) => ({ 'x-delivery-limit': limit })
  await channel.assertQueue(dead, { durable: true, arguments: { 'x-queue-type': 'quorum', ...limited(unlimited) } })
  await channel.assertQueue(main, { durable: true, arguments: { ...deadLetters(dead), ...limited(deliveriesMax) } })
  // Each message says how long it waits here. One that waits longer holds up those behind it, so a retry may come late,
  // but no later than the longest.
  await channel.assertQueue(retry, { durable: true, arguments: { ...deadLetters(main), ...limited(unlimited) } })
  for (const pattern of filter) await channel.bindQueue(main, exchange, pattern)
  // Clowder's routing keys say nothing about what the event is, so no pattern could choose among its events.
  if (clowderExchange !== null) await channel.bindQueue(main, clowderExchange, '')
}
