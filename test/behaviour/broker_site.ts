// What the tests of RabbitMQ share: an exchange of their own, something to deliver to, and a worker between the two.
import { randomBytes } from 'node:crypto'
import { type Channel, connect } from 'amqplib'
import { Unavailable } from '../../src/base/errors.ts'
import { declareDestination, declareExchanges, queuesOf } from '../../src/broker/topology.ts'
import { Rabbitmq as Client } from '../../src/clients/rabbitmq.ts'
import type { Delivery, Destination } from '../../src/events/delivery.ts'
import type { HubEvent } from '../../src/events/event.ts'
import { newEventId } from '../../src/events/event_id.ts'
import { run } from '../../src/pipeline/run.ts'
import { Breaker } from '../../src/sinks/breaker.ts'
import { Delivered, type RetryBudget } from '../../src/sinks/delivered.ts'
import { Exchange } from '../../src/sinks/exchange.ts'
import { RabbitQueue } from '../../src/sources/rabbitmq.ts'
import { Choice } from '../../src/transforms/choice.ts'
import type { Rabbitmq } from '../services/rabbitmq.ts'

export const down = new Unavailable({ what: 'it', where: 'there', cause: 'down' })

export function eventOf(type: string, payload: HubEvent['payload'] = {}): HubEvent {
  const occurredMs = Date.parse('2026-06-25T00:00:00Z')
  const named = { source: 'galaxy', category: 'job', type, schemaVersion: '1', known: false, extensions: {} }
  return { id: newEventId(), occurredMs, ordinal: 0, receivedMs: Date.now(), ...named, payload }
}

type Answer = 'take' | 'refuse' | 'fail'

/** An exchange with one destination `there`, that is asked for each event what it does with it. */
export class BrokerSite {
  readonly exchange: string
  readonly clowder: string
  /** Types of the events that the destination took, in that order. */
  readonly taken: string[] = []
  readonly events: HubEvent[] = []
  readonly sink: Exchange
  readonly #server: Rabbitmq
  readonly #open: Client[] = []

  constructor(server: Rabbitmq) {
    this.#server = server
    const name = randomBytes(4).toString('hex')
    this.exchange = `events.${name}`
    this.clowder = `clowder.${name}`
    this.sink = new Exchange(this.client('publishes'), this.exchange, false)
  }

  get queues() {
    return queuesOf(this.exchange, 'there')
  }

  /** @param filter what the destination is bound with; nothing is declared but the exchanges where it is left out */
  client(name: string, filter: string[] | null = ['job.#']): Client {
    const exchanges = { exchange: this.exchange, clowderExchange: this.clowder }
    const client = new Client({ url: this.#server.url, verifySsl: true, caFile: null, name }, async (channel) => {
      await declareExchanges(channel, exchanges)
      if (filter !== null) await declareDestination(channel, exchanges, 'there', filter)
    })
    this.#open.push(client)
    return client
  }

  /** Delivers until there is no more to do. */
  async work(
    answer: (event: HubEvent) => Answer | Promise<Answer>,
    until: () => boolean | Promise<boolean>,
    budget: RetryBudget = { attempts: 3, firstMs: 20, longestMs: 40 },
    batch = 100,
  ): Promise<Delivered> {
    const stop = new AbortController()
    const connections: [Client, Client] = [this.client('takes'), this.client('tells')]
    const queue = new RabbitQueue(this.exchange, 'there', connections, batch)
    const destination: Destination = {
      write: async (events) => {
        const answers = await Promise.all(events.map(answer))
        if (answers.includes('fail')) throw down
        for (const [index, event] of events.entries())
          if (answers[index] === 'take') {
            this.taken.push(event.type)
            this.events.push(event)
          }
        return events.flatMap((entry, index) => (answers[index] === 'refuse' ? [{ entry, cause: 'bad' }] : []))
      },
      probe: async () => {},
      close: async () => {},
    }
    const sink = new Delivered(new Breaker('there', destination), queue, budget)
    let asking = false
    let late = false
    const tooLong = setTimeout(() => {
      late = true
      stop.abort()
    }, 40_000)
    const timer = setInterval(async () => {
      if (asking || stop.signal.aborted) return
      asking = true
      if (await until()) stop.abort()
      asking = false
    }, 20)
    try {
      await run<Delivery, Delivery, Delivery>({
        source: queue,
        transforms: [new Choice({ filter: ['job.#', 'user_activity.#'], fields: null, personal: true })],
        sink,
        stop: { asked: stop.signal, now: new AbortController().signal },
        patience: { patienceMs: Number.POSITIVE_INFINITY },
      })
    } finally {
      clearInterval(timer)
      clearTimeout(tooLong)
    }
    if (late) throw new Error(`not done within 40 s; taken: ${this.taken.length}`)
    return sink
  }

  /** Does something over a connection that knows nothing of ours. */
  async raw<T>(work: (channel: Channel) => Promise<T>): Promise<T> {
    const connection = await connect(this.#server.url)
    connection.on('error', () => {})
    try {
      const channel = await connection.createConfirmChannel()
      const result = await work(channel)
      await channel.waitForConfirms()
      return result
    } finally {
      await connection.close().catch(() => {})
    }
  }

  /** How many messages a queue has that nobody has in hand. */
  depth(queue: string): Promise<number> {
    return this.raw(async (channel) => (await channel.checkQueue(queue)).messageCount)
  }

  /** The dead letters, taken out. */
  dead() {
    return this.raw(async (channel) => {
      const letters: { text: string; cause: unknown; attempts: unknown; id: unknown }[] = []
      for (;;) {
        const message = await channel.get(this.queues.dead, { noAck: true })
        if (message === false) return letters
        const { headers = {}, messageId } = message.properties
        const { 'workflow-cause': cause, 'workflow-attempts': attempts } = headers
        letters.push({ text: message.content.toString(), cause, attempts, id: messageId })
      }
    })
  }

  async [Symbol.asyncDispose]() {
    await Promise.all(this.#open.map((client) => client.close()))
  }
}
