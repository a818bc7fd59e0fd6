import { readFileSync } from 'node:fs'
import { setTimeout as sleep } from 'node:timers/promises'
import type { Channel, ChannelModel, ConfirmChannel, Message, Options } from 'amqplib'
import { codeOf, Failed, messageOf, Unavailable } from '../base/errors.ts'

export interface RabbitmqSettings {
  /** With user, password and virtual host. */
  url: string
  verifySsl: boolean
  caFile: string | null
  /** What RabbitMQ's own lists show it as. */
  name: string
}

/** A message that is to be published; `mandatory` is set for all. */
export interface Outgoing {
  exchange: string
  routingKey: string
  content: Buffer
  options: Options.Publish & { messageId: string }
}

const connectMs = 15_000
/** So long may a batch of messages wait for its confirms. */
const confirmMs = 15_000
const heartbeatSeconds = 15

/**
 * A connection to RabbitMQ with one channel, opened when it is first needed, and again by whoever needs it after it was
 * lost. Nothing is sent again by itself: whoever sent it is told that it cannot be known, and asks again.
 */
export class Rabbitmq {
  readonly where: string
  readonly #settings: RabbitmqSettings
  readonly #setUp: (channel: Channel) => Promise<void>
  #session: Promise<Session> | null = null
  #closed = false

  /** @param setUp declares what is needed on every new channel */
  constructor(settings: RabbitmqSettings, setUp: (channel: Channel) => Promise<void> = async () => {}) {
    const { host, pathname } = new URL(settings.url)
    this.where = `${host}${pathname === '/' ? '' : pathname}`
    this.#settings = settings
    this.#setUp = setUp
  }

  /**
   * @throws Unavailable
   * @throws Failed where what is there is of another kind than what `setUp` declares
   */
  async session(): Promise<Session> {
    const session = await this.#session?.catch(() => null)
    if (session?.isLost === false) return session
    if (this.#closed) throw this.#unavailable('it is closed')
    this.#session = this.#open()
    return this.#session
  }

  /**
   * Returns when RabbitMQ has confirmed every message, with the ids of those that no queue got.
   *
   * @throws Unavailable where one was not confirmed; any of them may have arrived
   */
  async publish(messages: Outgoing[]): Promise<Set<string>> {
    return messages.length === 0 ? new Set() : (await this.session()).publish(messages)
  }

  /** @throws Unavailable where it is out of reach, or takes no messages */
  async probe(): Promise<void> {
    const session = await this.session()
    session.demandUnblocked()
  }

  async close(): Promise<void> {
    this.#closed = true
    await (await this.#session?.catch(() => null))?.close()
  }

  async #open(): Promise<Session> {
    const { url, verifySsl, caFile, name } = this.#settings
    const { protocol, hostname, port, username, password, pathname } = new URL(url)
    // Only here: most commands need none.
    const { connect } = await import('amqplib')
    let connection: ChannelModel | undefined
    try {
      const address = {
        protocol: protocol.replace(':', ''),
        hostname: hostname.replace(/^\[|\]$/g, ''),
        ...(port !== '' && { port: Number(port) }),
        ...(username !== '' && { username: decodeURIComponent(username), password: decodeURIComponent(password) }),
        vhost: pathname.slice(1),
        heartbeat: heartbeatSeconds,
      }
      const options = {
        timeout: connectMs,
        noDelay: true,
        rejectUnauthorized: verifySsl,
        ...(caFile !== null && { ca: [readFileSync(caFile)] }),
        clientProperties: { connection_name: name },
      }
      connection = await connect(address, options)
      const session = await Session.start(connection, this.where)
      await within(connectMs, this.#setUp(session.channel))
      return session
    } catch (error) {
      connection?.close().catch(() => {})
      throw this.#translate(error)
    }
  }

  #translate(error: unknown): Error {
    if (error instanceof Unavailable) return error
    const cause = messageOf(error)
    if (cause.includes('PRECONDITION_FAILED') || cause.includes('PRECONDITION-FAILED')) {
      const remedy =
        'Delete it when it is empty (`rabbitmqctl delete_queue`), or set events.rabbitmq.exchange to a new name'
      return new Failed(`RabbitMQ (${this.where}): ${cause}. ${remedy}`)
    }
    return this.#unavailable(cause, remedyFor(codeOf(error), cause))
  }

  #unavailable(cause: string, remedy?: string): Unavailable {
    return new Unavailable({ what: 'RabbitMQ', where: this.where, cause, ...(remedy !== undefined && { remedy }) })
  }
}

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
    this.#returned.clear()
    const timer = new AbortController()
    try {
      const confirmed = Promise.all(messages.map((message) => this.#publishOne(message)))
      const late = sleep(confirmMs, 'late' as const, { signal: timer.signal })
      late.catch(() => {})
      confirmed.catch(() => {})
      if ((await Promise.race([confirmed, late])) === 'late')
        throw new Error(`not confirmed within ${confirmMs / 1000} s`)
      return new Set(this.#returned)
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

async function within<T>(durationMs: number, work: Promise<T>): Promise<T> {
  const timer = new AbortController()
  const late = sleep(durationMs, undefined, { signal: timer.signal }).then(() => {
    throw new Error(`no answer within ${durationMs / 1000} s`)
  })
  late.catch(() => {})
  return Promise.race([work, late]).finally(() => timer.abort())
}

const certificate = 'Name the CA that signed its certificate in events.rabbitmq.ca_file'
const remedies: Record<string, string> = {
  ECONNREFUSED: 'Is the server up, and the port right?',
  ENOTFOUND: 'Check the host in events.rabbitmq.url',
  DEPTH_ZERO_SELF_SIGNED_CERT: certificate,
  SELF_SIGNED_CERT_IN_CHAIN: certificate,
  UNABLE_TO_VERIFY_LEAF_SIGNATURE: certificate,
  UNABLE_TO_GET_ISSUER_CERT_LOCALLY: certificate,
  ERR_TLS_CERT_ALTNAME_INVALID: 'events.rabbitmq.url must name the host that its certificate is for',
}

/** RabbitMQ says by words what it has no code for. */
function remedyFor(code: string, cause: string): string | undefined {
  if (/Handshake terminated.*403|ACCESS[-_]REFUSED - Login/.test(cause))
    return 'Check user and password in events.rabbitmq.url'
  if (/ACCESS[-_]REFUSED/.test(cause))
    return 'Give the user the rights to configure, write and read what begins with events.rabbitmq.exchange (`rabbitmqctl set_permissions`)'
  if (/vhost/i.test(cause) && /NOT[-_]ALLOWED/.test(cause))
    return 'Make the virtual host (`rabbitmqctl add_vhost`), or give the user rights in it'
  return remedies[code]
}
