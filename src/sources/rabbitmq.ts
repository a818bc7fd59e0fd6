import type { ConsumeMessage } from 'amqplib'
import { LRUCache } from 'lru-cache'
import { codeOf, messageOf, Unavailable } from '../base/errors.ts'
import { atMostEvery, log } from '../base/log.ts'
import { Consumer } from '../broker/consumer.ts'
import { attemptsOf, deadMessage, eventOf, keyOf, outcomeMessage } from '../broker/message.ts'
import { receiptMessage } from '../broker/receipt.ts'
import { type Queues, queuesOf } from '../broker/topology.ts'
import type { Rabbitmq } from '../clients/rabbitmq.ts'
import type { Outgoing } from '../clients/rabbitmq_session.ts'
import { BadEvent } from '../events/bad_event.ts'
import type { Delivery, DeliveryQueue, Outcome } from '../events/delivery.ts'

const settledRemembered = 100_000
const untoldMax = 1000

/**
 * A destination's events out of its queue. They are acknowledged when what became of them is at the broker, so a
 * connection that is lost makes RabbitMQ hand them out again, and never loses one. It is not opened again before the
 * next batch is asked for: while a destination is down, a queue that RabbitMQ took back (`consumer_timeout`, 30 minutes)
 * waits there, and is not handed out again and again.
 */
export class RabbitQueue implements DeliveryQueue {
  readonly #exchange: string
  readonly #destination: string
  readonly #queues: Queues
  readonly #consuming: Rabbitmq
  readonly #publishing: Rabbitmq
  readonly #batchMax: number
  /** In hand since the last `remember`, by the event's id. */
  readonly #held = new Map<string, { message: ConsumeMessage; consumer: Consumer; key: string }>()
  /** What became of these is at the broker: handed out again, they are only acknowledged. */
  readonly #settled = new LRUCache<string, true>({ max: settledRemembered })
  readonly #sayUntold = atMostEvery(60_000)
  #untold: Outgoing[] = []
  #consumer: Consumer | null = null
  #last: { message: ConsumeMessage; consumer: Consumer } | null = null

  /** Two connections: one that publishes is not read while RabbitMQ is short of memory, and acknowledging must go on. */
  constructor(exchange: string, destination: string, connections: [Rabbitmq, Rabbitmq], batchMax: number) {
    this.#exchange = exchange
    this.#destination = destination
    this.#queues = queuesOf(exchange, destination)
    this.#consuming = connections[0]
    this.#publishing = connections[1]
    this.#batchMax = batchMax
  }

  /** How many events RabbitMQ has handed out here that are not settled, and counts no more. */
  get inHand(): number {
    return this.#consumer?.inHand ?? 0
  }

  async pull(signal: AbortSignal) {
    if (this.#consumer === null || this.#consumer.session.isLost)
      this.#consumer = await Consumer.start(this.#consuming, this.#queues.main, this.#batchMax)
    const consumer = this.#consumer
    const messages = await consumer.look(this.#batchMax, signal)
    const nowMs = Date.now()
    const entries: Delivery[] = []
    const bad: Outgoing[] = []
    for (const message of messages) {
      try {
        const event = eventOf(message.content, nowMs)
        const key = keyOf(event, message)
        if (this.#settled.has(key) || this.#held.has(event.id)) continue
        this.#held.set(event.id, { message, consumer, key })
        entries.push({ event, attempts: attemptsOf(message) })
      } catch (error) {
        if (!(error instanceof BadEvent)) throw error
        const field = error.field === null ? 'it' : error.field
        const cause = `unreadable: ${field} ${error.message}`
        const id = String(message.properties.messageId ?? `unreadable-${nowMs}-${message.fields.deliveryTag}`)
        bad.push(deadMessage(message.content, id, { attempts: 0, cause, nowMs }, this.#queues))
        log.error('event_unreadable', { destination: this.#destination, cause })
      }
    }
    try {
      await this.#publish(bad)
    } catch (error) {
      // They are looked at again.
      this.#held.clear()
      throw error
    }
    consumer.take(messages.length)
    const last = messages.at(-1)
    if (last !== undefined) this.#last = { message: last, consumer }
    return { entries }
  }

  async settle(outcomes: Outcome[]): Promise<void> {
    const nowMs = Date.now()
    // What RabbitMQ took back is handed out again and judged then.
    const held = outcomes.flatMap((outcome) => {
      const found = this.#held.get(outcome.delivery.event.id)
      const isOurs = found !== undefined && (outcome.state === 'delivered' || !found.consumer.session.isLost)
      return isOurs && !this.#settled.has(found.key) ? [{ outcome, ...found }] : []
    })
    if (held.length === 0) return
    const kept = held.flatMap(({ outcome, message }) => outcomeMessage(outcome, message, this.#queues, nowMs) ?? [])
    await this.#publish(kept)
    for (const { key } of held) this.#settled.set(key, true)
    const told = held.map(({ outcome }) => outcome)
    await this.#tell(receiptMessage(this.#exchange, this.#destination, told, nowMs))
  }

  remember(): void {
    if (this.#last !== null) this.#last.consumer.acknowledge(this.#last.message)
    this.#last = null
    this.#held.clear()
  }

  async close(): Promise<void> {
    await Promise.all([this.#consuming.close(), this.#publishing.close()])
  }

  /** @throws Unavailable also where one of our queues is gone: it is declared with the next connection */
  async #publish(messages: Outgoing[]): Promise<void> {
    const lost = await this.#publishing.publish(messages)
    if (lost.size === 0) return
    const cause = `a queue of ${this.#destination} is gone`
    ;(await this.#publishing.session()).lose(cause)
    throw new Unavailable({ what: 'RabbitMQ', where: this.#publishing.where, cause })
  }

  /** A broker short of memory takes no receipts, and is helped by who goes on emptying its queues. */
  async #tell(receipt: Outgoing): Promise<void> {
    this.#untold.push(receipt)
    try {
      await this.#publish(this.#untold)
      this.#untold = []
    } catch (error) {
      if (!(error instanceof Unavailable)) throw error
      this.#untold = this.#untold.slice(-untoldMax)
      const details = { destination: this.#destination, cause: messageOf(error), code: codeOf(error) }
      this.#sayUntold((sinceLast) => log.warn('receipts_wait', { ...details, since_last: sinceLast }))
    }
  }
}
