import { Unavailable } from '../base/errors.ts'
import { atMostEvery, log } from '../base/log.ts'
import { messageOf } from '../broker/message.ts'
import type { Rabbitmq } from '../clients/rabbitmq.ts'
import type { Destination } from '../events/delivery.ts'
import type { HubEvent } from '../events/event.ts'

/**
 * Publishes events to the exchange. They count as written when RabbitMQ has confirmed every one, which it does when each
 * queue that gets it has it on disk.
 */
export class Exchange implements Destination {
  /** Events that no destination is bound for. */
  unroutable = 0
  readonly #connection: Rabbitmq
  readonly #exchange: string
  readonly #demandsQueue: boolean
  readonly #sayUnroutable = atMostEvery(60_000)

  /** @param demandsQueue whether an event that no destination is bound for waits until one is, and is not passed over */
  constructor(connection: Rabbitmq, exchange: string, demandsQueue: boolean) {
    this.#connection = connection
    this.#exchange = exchange
    this.#demandsQueue = demandsQueue
  }

  async write(events: HubEvent[]): Promise<[]> {
    const returned = await this.#connection.publish(events.map((event) => messageOf(event, this.#exchange)))
    if (returned.size === 0) return []
    const first = events.find(({ id }) => returned.has(id))
    const example = first === undefined ? '' : `${first.category}.${first.type}`
    const cause = `no queue is bound for ${example}`
    const remedy = 'Configure a destination whose filter takes it, and start `serve`, or its `work`, once'
    if (this.#demandsQueue) throw new Unavailable({ what: 'RabbitMQ', where: this.#connection.where, cause, remedy })
    this.unroutable += returned.size
    const total = this.unroutable
    this.#sayUnroutable(() => log.warn('events_unroutable', { events: total, cause, remedy }))
    return []
  }

  probe(): Promise<void> {
    return this.#connection.probe()
  }

  close(): Promise<void> {
    return this.#connection.close()
  }
}
