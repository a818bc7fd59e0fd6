import type { GetMessage } from 'amqplib'
import { messageOf, Unavailable } from '../base/errors.ts'
import type { Rabbitmq } from '../clients/rabbitmq.ts'
import { type DeadLetter, type DeadLetters, isChosenLetter, type LetterChoice } from '../events/dead_letter.ts'
import { toWire } from '../events/event.ts'
import { attemptsOf, copyOf, eventOf, headerNames } from './message.ts'
import { queuesOf } from './topology.ts'

/** So many are looked through at once; they are held in memory, and by RabbitMQ for us. */
const lookMax = 100_000

/**
 * A destination's dead letters in its queue at RabbitMQ. Whoever looks takes each into his hands and gives them back by
 * closing the channel; meanwhile nobody else sees them.
 */
export class BrokerLetters implements DeadLetters {
  readonly #connection: Rabbitmq
  readonly #destination: string
  readonly #exchange: string

  constructor(connection: Rabbitmq, exchange: string, destination: string) {
    this.#connection = connection
    this.#exchange = exchange
    this.#destination = destination
  }

  async list(choice: LetterChoice, most: number): Promise<DeadLetter[]> {
    const found: DeadLetter[] = []
    await this.#each(async (message) => {
      const letter = this.#letterIn(message)
      if (isChosenLetter(letter, choice)) found.push(letter)
      return found.length < most
    })
    return found
  }

  /** Each is taken away when its copy is confirmed: what fails in between leaves one too many, never one too few. */
  async replay(choice: LetterChoice): Promise<number> {
    const { main } = queuesOf(this.#exchange, this.#destination)
    let count = 0
    await this.#each(async (message, acknowledge) => {
      const letter = this.#letterIn(message)
      if (!isChosenLetter(letter, choice)) return true
      const lost = await this.#connection.publish([copyOf(message.content, main, { messageId: letter.id })])
      if (lost.size > 0) throw this.#unavailable(`the queue ${main} is gone`)
      acknowledge()
      count++
      return true
    })
    return count
  }

  close(): Promise<void> {
    return this.#connection.close()
  }

  async #each(look: (message: GetMessage, acknowledge: () => void) => Promise<boolean>): Promise<void> {
    const { channel } = await this.#connection.session()
    const { dead } = queuesOf(this.#exchange, this.#destination)
    try {
      let most = lookMax
      for (let seen = 0; seen < most; seen++) {
        const message = await channel.get(dead)
        if (message === false) return
        // Those there are now: one that is replayed may be dead again, and at the end of the queue, before the last is seen.
        // Asked for by itself, their count is 0 at times though there are some (seen with 3.10.8).
        if (seen === 0) most = Math.min(lookMax, 1 + message.fields.messageCount)
        if (!(await look(message, () => channel.ack(message)))) return
      }
    } catch (error) {
      throw error instanceof Unavailable ? error : this.#unavailable(messageOf(error))
    } finally {
      // Those that were only looked at go back with it.
      await this.#connection.close()
    }
  }

  #letterIn({ content, properties }: GetMessage): DeadLetter {
    const { headers = {}, messageId } = properties
    const common = {
      destination: this.#destination,
      dead_at: text(headers[headerNames.deadAt]),
      attempts: attemptsOf({ properties }),
      // Put there by RabbitMQ itself: `delivery_limit`.
      cause: text(headers[headerNames.cause]) ?? `${text(headers['x-first-death-reason']) ?? 'unknown'} at RabbitMQ`,
    }
    try {
      const event = toWire(eventOf(content, Date.now()))
      return { ...common, id: event.id, event }
    } catch {
      return { ...common, id: String(messageId ?? ''), event: null, text: content.toString('utf8') }
    }
  }

  #unavailable(cause: string): Unavailable {
    return new Unavailable({ what: 'RabbitMQ', where: this.#connection.where, cause })
  }
}

function text(value: unknown): string | null {
  return typeof value === 'string' ? value : null
}
