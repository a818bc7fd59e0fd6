import { setTimeout as sleep } from 'node:timers/promises'
import type { ChannelModel, ConfirmChannel, Message, Options } from 'amqplib'
import { messageOf, Unavailable } from '../base/errors.ts'

/** A message that is to be published; `mandatory` is set for all. */
export interface Outgoing {
  exchange: string
  routingKey: string
  content: Buffer
  options: Options.Publish & { messageId: string }
}

/** So long may a batch of messages wait for its confirms. */
const confirmMs = 15_000

/** A channel with confirms, for as long as it lives. */
export class Session {
  readonly channel: ConfirmChannel
  readonly #connection: ChannelModel
  readonly #where: string
  readonly #returned = new Set<string>()
  readonly #lost = new AbortController()
  #blockedBy: string | null = null
  #cause = 'the connection was closed'

  private constructor(connection: ChannelModel, channel: ConfirmChannel, where: string) {
    this.#connection = connection
    this.channel = channel
    this.#where = where
  }

  static async start(connection: ChannelModel, where: string): Promise<Session> {
    let session: Session | undefined
    let early: Error | undefined
    const onError = (error: Error) => {
      early ??= error
      session?.lose(messageOf(error))
    }
    // From the first moment on: an error that nobody listens to ends the process.
    connection.on('error', onError)
    const channel = await connection.createConfirmChannel()
    session = new Session(connection, channel, where)
    const made = session
    channel.on('error', onError)
    for (const emitter of [connection, channel]) emitter.on('close', () => made.lose())
    connection.on('blocked', (reason) => {
      made.#blockedBy = reason
    })
    connection.on('unblocked', () => {
      made.#blockedBy = null
    })
    channel.on('return', (message: Message) => made.#returned.add(String(message.properties.messageId)))
    if (early !== undefined) throw early
    return session
  }

  get isLost(): boolean {
    return this.#lost.signal.aborted
  }

  /** Given when nothing that came over it can be acknowledged any more. */
  get lost(): AbortSignal {
    return this.#lost.signal
  }

  /** Of no use any more; what was sent over it and not confirmed may have arrived or not. */
  lose(cause?: string): void {
    if (cause !== undefined) this.#cause = cause
    if (this.isLost) return
    this.#lost.abort()
    this.#connection.close().catch(() => {})
  }

  /** @throws Unavailable while RabbitMQ takes no messages, being short of memory or disk */
  demandUnblocked(): void {
    if (this.#blockedBy !== null) throw this.#blocked(this.#blockedBy)
  }

  async publish(messages: Outgoing[]): Promise<Set<string>> {
    this.demandUnblocked()
    const timer = new AbortController()
    try {
      const confirmed = Promise.all(messages.map((message) => this.#publishOne(message)))
      const late = sleep(confirmMs, 'late' as const, { signal: timer.signal })
      late.catch(() => {})
      confirmed.catch(() => {})
      if ((await Promise.race([confirmed, late])) === 'late')
        throw new Error(`not confirmed within ${confirmMs / 1000} s`)
      // A return comes before its confirm. Others may be publishing at the same time.
      return new Set(messages.map(({ options }) => options.messageId).filter((id) => this.#returned.delete(id)))
    } catch (error) {
      // The connection is kept: every new one would be blocked, too, only after messages were sent to it once more.
      this.demandUnblocked()
      this.lose(messageOf(error))
      throw new Unavailable({ what: 'RabbitMQ', where: this.#where, cause: this.#cause })
    } finally {
      timer.abort()
    }
  }

  async close(): Promise<void> {
    const wasLost = this.isLost
    this.#lost.abort()
    if (wasLost) return
    // The channel first: it takes what was acknowledged last along, which the connection's own end overtakes.
    await within(2000, this.channel.close()).catch(() => {})
    await within(2000, this.#connection.close()).catch(() => {})
  }

  #publishOne({ exchange, routingKey, content, options }: Outgoing): Promise<void> {
    return new Promise((resolve, reject) => {
      const all = { persistent: true, mandatory: true, ...options }
      this.channel.publish(exchange, routingKey, content, all, (error) => (error == null ? resolve() : reject(error)))
    })
  }

  #blocked(reason: string): Unavailable {
    const remedy = 'Make room on it; it goes on by itself then'
    return new Unavailable({ what: 'RabbitMQ', where: this.#where, cause: `it takes no messages: ${reason}`, remedy })
  }
}

/** Gives up what takes longer; it goes on by itself. */
export async function within<T>(durationMs: number, work: Promise<T>): Promise<T> {
  const timer = new AbortController()
  const late = sleep(durationMs, undefined, { signal: timer.signal }).then(() => {
    throw new Error(`no answer within ${durationMs / 1000} s`)
  })
  late.catch(() => {})
  return Promise.race([work, late]).finally(() => timer.abort())
}
