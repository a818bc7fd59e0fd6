import type { ConsumeMessage } from 'amqplib'
import { log } from '../base/log.ts'
import { Consumer } from '../broker/consumer.ts'
import { type Receipt, receiptIn } from '../broker/receipt.ts'
import { receiptsOf } from '../broker/topology.ts'
import type { Rabbitmq } from '../clients/rabbitmq.ts'
import type { Batch, Source } from '../pipeline/part.ts'

const batchMax = 100

/** What workers elsewhere tell of the events that they delivered. */
export class Receipts implements Source<Receipt> {
  readonly #connection: Rabbitmq
  readonly #queue: string
  #consumer: Consumer | null = null
  #last: { message: ConsumeMessage; consumer: Consumer } | null = null

  constructor(connection: Rabbitmq, exchange: string) {
    this.#connection = connection
    this.#queue = receiptsOf(exchange)
  }

  async pull(signal: AbortSignal): Promise<Batch<Receipt>> {
    if (this.#consumer === null || this.#consumer.session.isLost)
      this.#consumer = await Consumer.start(this.#connection, this.#queue, batchMax)
    const consumer = this.#consumer
    const messages = await consumer.look(batchMax, signal)
    consumer.take(messages.length)
    const last = messages.at(-1)
    if (last !== undefined) this.#last = { message: last, consumer }
    const entries = messages.flatMap(({ content }) => receiptIn(content) ?? [])
    if (entries.length < messages.length) log.warn('receipts_unreadable', { count: messages.length - entries.length })
    return { entries }
  }

  remember(): void {
    if (this.#last !== null) this.#last.consumer.acknowledge(this.#last.message)
    this.#last = null
  }

  close(): Promise<void> {
    return this.#connection.close()
  }
}
