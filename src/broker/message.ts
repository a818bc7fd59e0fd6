import { createHash, randomUUID } from 'node:crypto'
import type { Message } from 'amqplib'
import type { Outgoing } from '../clients/rabbitmq_session.ts'
import { BadEvent } from '../events/bad_event.ts'
import { isClowderEvent } from '../events/clowder.ts'
import type { Outcome } from '../events/delivery.ts'
import { type HubEvent, routingKey, toWire } from '../events/event.ts'
import { readEvent } from '../events/read_event.ts'
import { isWireEvent, readWireEvent } from '../events/wire.ts'
import type { Queues } from './topology.ts'

/** Of messages in the queues of retries and dead letters; the bytes are always those that came. */
export const headerNames = {
  attempts: 'workflow-attempts',
  /** Different for each message that was published anew; what is delivered twice by RabbitMQ has the same. */
  copy: 'workflow-copy',
  cause: 'workflow-cause',
  deadAt: 'workflow-dead-at',
} as const

const causeMaxCharacters = 1000

/** An event as it is published to the exchange. */
export function messageOf(event: HubEvent, exchange: string): Outgoing {
  return {
    exchange,
    routingKey: routingKey(event),
    content: Buffer.from(JSON.stringify(toWire(event))),
    options: {
      messageId: event.id,
      contentType: 'application/json',
      timestamp: Math.trunc(event.receivedMs / 1000),
      type: 'workflow.event',
      appId: 'workflow-reporting',
    },
  }
}

/**
 * The event that a message holds: one of the hub's, or one that somebody published straight to the exchange, as Clowder
 * does, in any form that the API takes.
 *
 * @throws BadEvent
 */
export function eventOf(content: Buffer, nowMs: number): HubEvent {
  let value: unknown
  try {
    value = JSON.parse(content.toString('utf8'))
  } catch {
    throw new BadEvent(null, 'is not JSON')
  }
  if (isWireEvent(value)) return readWireEvent(value)
  const event = readEvent(value, { source: 'exchange', nowMs })
  const { id } = event
  const hasItsOwn = isClowderEvent(value as object) || ('id' in (value as object) && hasTime(value as object))
  // Read again it must be the same event.
  if (!hasItsOwn) throw new BadEvent('id', 'is missing, or its time is. Send it to the API, which gives it both')
  const ordinal = createHash('sha256').update(id).digest().readUInt32BE() % 1_000_000
  return { ...event, ordinal, receivedMs: nowMs }
}

function hasTime(value: object): boolean {
  return 'occurred_at' in value || 'time' in value
}

/** How often it failed already. */
export function attemptsOf({ properties }: Pick<Message, 'properties'>): number {
  const said: unknown = properties.headers?.[headerNames.attempts]
  return Number.isSafeInteger(said) ? Math.max(0, said as number) : 0
}

/** Which message it is: the same for each time that RabbitMQ hands it out. */
export function keyOf(event: HubEvent, { properties }: Message): string {
  return `${event.id} ${properties.headers?.[headerNames.copy] ?? ''}`
}

/** The message that keeps an outcome at the broker; `null` where none is needed. */
export function outcomeMessage(outcome: Outcome, message: Message, queues: Queues, nowMs: number): Outgoing | null {
  const { delivery, state, attempts } = outcome
  const { content } = message
  if (state === 'delivered') return null
  // Published again because its confirm was lost, it is the same message.
  const copy = createHash('sha256')
    .update(`${keyOf(delivery.event, message)} ${state} ${attempts}`)
    .digest('hex')
  if (state === 'dead')
    return deadMessage(content, delivery.event.id, { attempts, cause: outcome.cause, nowMs }, queues, copy)
  const options = { messageId: delivery.event.id, expiration: String(Math.ceil(outcome.afterMs)) }
  return copyOf(content, queues.retry, options, { [headerNames.attempts]: attempts }, copy)
}

export function deadMessage(
  content: Buffer,
  messageId: string,
  { attempts, cause, nowMs }: { attempts: number; cause: string; nowMs: number },
  queues: Queues,
  copy?: string,
): Outgoing {
  const headers = {
    [headerNames.attempts]: attempts,
    [headerNames.cause]: cause.slice(0, causeMaxCharacters),
    [headerNames.deadAt]: new Date(nowMs).toISOString(),
  }
  return copyOf(content, queues.dead, { messageId }, headers, copy)
}

/** The same bytes as a new message, straight to a queue. */
export function copyOf(
  content: Buffer,
  queue: string,
  options: Outgoing['options'],
  headers: Record<string, string | number> = {},
  copy: string = randomUUID(),
): Outgoing {
  const all = { ...headers, [headerNames.copy]: copy }
  return {
    exchange: '',
    routingKey: queue,
    content,
    options: { contentType: 'application/json', ...options, headers: all },
  }
}
