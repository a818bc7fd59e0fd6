import { once } from 'node:events'
import type { ConsumeMessage } from 'amqplib'
import { messageOf, Unavailable } from '../base/errors.ts'
import type { Rabbitmq } from '../clients/rabbitmq.ts'
import type { Session } from '../clients/rabbitmq_session.ts'

/** So long an empty queue is waited at before the caller hears that it is empty. */
const patienceMs = 1000
/** Messages come one by one: this long after the last one, a batch is taken for complete. */
const quietMs = 5

/** Takes messages out of one queue, a bounded number at a time. What is not acknowledged goes back with the session. */
export class Consumer {
  readonly session: Session
  readonly #waiting: ConsumeMessage[] = []
  readonly #arrived = new EventTarget()
  /** Tags are given in order. */
  #lastTag = 0
  #acknowledgedTag = 0

  private constructor(session: Session) {
    this.session = session
  }

  /**
   * @param most how many messages are handed out before any is acknowledged
   * @throws Unavailable
   */
  static async start(connection: Rabbitmq, queue: string, most: number): Promise<Consumer> {
    const session = await connection.session()
    const consumer = new Consumer(session)
    const { channel } = session
    try {
      await channel.prefetch(most)
      await channel.consume(queue, (message) => {
        // Without one, the queue was deleted.
        if (message === null) session.lose(`the queue ${queue} is gone`)
        else consumer.#add(message)
        consumer.#arrived.dispatchEvent(new Event('message'))
      })
    } catch (error) {
      session.lose(String(error))
      // Opened anew, it says what is the matter.
      await connection.session()
      throw new Unavailable({ what: 'RabbitMQ', where: connection.where, cause: messageOf(error) })
    }
    return consumer
  }

  /** How many messages were handed out and not acknowledged. */
  get inHand(): number {
    return this.session.isLost ? 0 : this.#lastTag - this.#acknowledgedTag
  }

  /** Waits for messages, and shows at most `most` without taking them away; none where it took too long. */
  async look(most: number, signal: AbortSignal): Promise<ConsumeMessage[]> {
    const stop = AbortSignal.any([signal, this.session.lost])
    if (this.#waiting.length === 0) await this.#anArrival(patienceMs, stop)
    for (let seen = 0; seen < this.#waiting.length && this.#waiting.length < most && !stop.aborted; ) {
      seen = this.#waiting.length
      await this.#anArrival(quietMs, stop)
    }
    return this.session.isLost ? [] : this.#waiting.slice(0, most)
  }

  /** Those looked at are in somebody's hands now. */
  take(count: number): void {
    this.#waiting.splice(0, count)
  }

  /** Acknowledges a message, and all before it. */
  acknowledge(message: ConsumeMessage): void {
    if (this.session.isLost) return
    this.session.channel.ack(message, true)
    this.#acknowledgedTag = message.fields.deliveryTag
  }

  #add(message: ConsumeMessage): void {
    this.#lastTag = message.fields.deliveryTag
    this.#waiting.push(message)
  }

  async #anArrival(forMs: number, stop: AbortSignal): Promise<void> {
    const signal = AbortSignal.any([stop, AbortSignal.timeout(forMs)])
    await once(this.#arrived, 'message', { signal }).catch(() => {})
  }
}
