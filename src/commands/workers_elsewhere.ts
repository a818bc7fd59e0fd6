import { messageOf, Unavailable } from '../base/errors.ts'
import { atMostEvery, log } from '../base/log.ts'
import type { WorkerWord } from '../broker/receipt.ts'
import { type QueueStanding, standingOf } from '../broker/standing.ts'
import type { Rabbitmq } from '../clients/rabbitmq.ts'

const lookEveryMs = 5000
/** Several times what lies between two words of a worker. */
const silentMs = 30_000

/** What is known of a worker on any host. */
export interface WorkerElsewhere {
  /** `null` where none has said anything for so long that there is probably none. */
  word: WorkerWord | null
  /** When that began which is told, ms since 1970. */
  sinceMs: number
  /** `null` where RabbitMQ does not tell. */
  standing: QueueStanding | null
}

/** The workers that deliver what RabbitMQ holds, as they tell of themselves, and what they still have before them. */
export class WorkersElsewhere {
  readonly #names: string[]
  readonly #connection: Rabbitmq
  readonly #exchange: string
  readonly #startedMs: number
  readonly #heard = new Map<string, { word: WorkerWord; atMs: number }>()
  readonly #standings = new Map<string, QueueStanding>()
  readonly #timer: NodeJS.Timeout
  readonly #sayUnknown = atMostEvery(60_000)
  #isLooking = false
  #isClosed = false

  /** @param connection declares the queues of these destinations */
  constructor(names: string[], connection: Rabbitmq, exchange: string, nowMs: number = Date.now()) {
    this.#names = names
    this.#connection = connection
    this.#exchange = exchange
    this.#startedMs = nowMs
    this.#timer = setInterval(() => void this.#look(), lookEveryMs).unref()
    void this.#look()
  }

  heard(destination: string, word: WorkerWord, nowMs: number = Date.now()): void {
    if (this.#names.includes(destination)) this.#heard.set(destination, { word, atMs: nowMs })
  }

  of(destination: string, nowMs: number = Date.now()): WorkerElsewhere {
    const heard = this.#heard.get(destination)
    const standing = this.#standings.get(destination) ?? null
    if (heard === undefined) return { word: null, sinceMs: this.#startedMs, standing }
    if (nowMs - heard.atMs >= silentMs) return { word: null, sinceMs: heard.atMs, standing }
    return { word: heard.word, sinceMs: heard.word.since_ms, standing }
  }

  async close(): Promise<void> {
    this.#isClosed = true
    clearInterval(this.#timer)
    await this.#connection.close()
  }

  async #look(): Promise<void> {
    if (this.#isLooking) return
    this.#isLooking = true
    try {
      const { channel } = await this.#connection.session()
      for (const name of this.#names) this.#standings.set(name, await standingOf(channel, this.#exchange, name))
    } catch (error) {
      this.#standings.clear()
      // That RabbitMQ is away is told by whoever has events for it.
      if (error instanceof Unavailable || this.#isClosed) return
      this.#sayUnknown(() => log.warn('queues_not_counted', { where: this.#connection.where, cause: messageOf(error) }))
    } finally {
      this.#isLooking = false
    }
  }
}
