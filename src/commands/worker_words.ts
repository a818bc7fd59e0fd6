import { wordMessage } from '../broker/receipt.ts'
import type { Rabbitmq } from '../clients/rabbitmq.ts'
import type { RabbitQueue } from '../sources/rabbitmq.ts'
import type { Worker } from './worker.ts'

const tellEveryMs = 5000

/** Tells the hub how a worker is, some seconds apart, for as long as it lives. */
export class WorkerWords {
  readonly #worker: Worker
  readonly #queue: RabbitQueue
  readonly #connection: Rabbitmq
  readonly #exchange: string
  readonly #timer: NodeJS.Timeout
  #isTelling = false

  /** @param connection for these alone: one that is not confirmed costs the session, and nothing else may hang on it */
  constructor(worker: Worker, queue: RabbitQueue, connection: Rabbitmq, exchange: string) {
    this.#worker = worker
    this.#queue = queue
    this.#connection = connection
    this.#exchange = exchange
    this.#timer = setInterval(() => void this.#tell(), tellEveryMs).unref()
    void this.#tell()
  }

  async [Symbol.asyncDispose](): Promise<void> {
    clearInterval(this.#timer)
    await this.#connection.close()
  }

  async #tell(): Promise<void> {
    if (this.#isTelling) return
    this.#isTelling = true
    const { destination, paused, circuit, sinceMs, cause, delivered, retried } = this.#worker.state
    const word = { paused, circuit, since_ms: sinceMs, cause, delivered, retried, in_hand: this.#queue.inHand }
    try {
      await this.#connection.publish([wordMessage(this.#exchange, destination, word)])
    } catch {
      // Whoever cannot be told now is told the next time; what keeps events from being delivered is said by the worker.
    } finally {
      this.#isTelling = false
    }
  }
}
