import { wordMessage } from '../broker/receipt.ts'
import type { Rabbitmq } from '../clients/rabbitmq.ts'
import type { Worker } from './worker.ts'

const tellEveryMs = 5000

/** Tells the hub how a worker is, some seconds apart, for as long as it lives. */
export class WorkerWords {
  readonly #worker: Worker
  readonly #connection: Rabbitmq
  readonly #exchange: string
  readonly #timer: NodeJS.Timeout

  constructor(worker: Worker, connection: Rabbitmq, exchange: string) {
    this.#worker = worker
    this.#connection = connection
    this.#exchange = exchange
    this.#timer = setInterval(() => this.#tell(), tellEveryMs).unref()
    this.#tell()
  }

  [Symbol.dispose](): void {
    clearInterval(this.#timer)
  }

  #tell(): void {
    const { destination, paused, circuit, sinceMs, cause, delivered, retried } = this.#worker.state
    const word = { paused, circuit, since_ms: sinceMs, cause, delivered, retried }
    // Whoever cannot be told now is told the next time; what keeps events from being delivered is said by the worker.
    this.#connection.publish([wordMessage(this.#exchange, destination, word)]).catch(() => {})
  }
}
