import type { Channel } from 'amqplib'
import { queuesOf } from './topology.ts'

/** How many events a destination's queues hold. */
export interface QueueStanding {
  /** Those that RabbitMQ has handed out to a worker are not among them. */
  waiting: number
  retrying: number
  dead: number
}

/** @throws RabbitMQ's own error, 404 where somebody deleted one; the channel is closed then */
export async function standingOf(channel: Channel, exchange: string, destination: string): Promise<QueueStanding> {
  const { main, retry, dead } = queuesOf(exchange, destination)
  const [waiting, retrying, letters] = await Promise.all([main, retry, dead].map((queue) => channel.checkQueue(queue)))
  return { waiting: waiting!.messageCount, retrying: retrying!.messageCount, dead: letters!.messageCount }
}
