import { readFileSync } from 'node:fs'
import type { Channel, ChannelModel } from 'amqplib'
import { codeOf, Failed, messageOf, Unavailable } from '../base/errors.ts'
import { type Outgoing, Session, within } from './rabbitmq_session.ts'

export interface RabbitmqSettings {
  /** With user, password and virtual host. */
  url: string
  verifySsl: boolean
  caFile: string | null
  /** What RabbitMQ's own lists show it as. */
  name: string
}

const connectMs = 15_000
const heartbeatSeconds = 15
/** Somewhat more than a session takes to say goodbye to a server that does not answer. */
const closeMs = 5000

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
    const opening = this.#session
    const session = await opening?.catch(() => null)
    if (session?.isLost === false) return session
    if (this.#closed) throw this.#unavailable('it is closed')
    // Of those that waited for the same one, the first opens another, and all share what it comes to.
    if (this.#session === opening || this.#session === null) this.#session = this.#open()
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
    // One that is still being opened is closed as soon as it is there; a stop waits no longer for it.
    const closed = this.#session?.then((session) => session.close()).catch(() => {})
    await within(closeMs, Promise.resolve(closed)).catch(() => {})
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
      const session = await within(connectMs, Session.start(connection, this.where))
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
