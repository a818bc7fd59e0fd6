import http from 'node:http'
import https from 'node:https'
import { codeOf, messageOf, Unavailable } from '../base/errors.ts'

export interface JsonServiceSettings {
  /** What it is called in errors, e.g. `Amplitude`. */
  what: string
  /** `https://HOST`, and a path where its own begin below one. */
  server: string
  /** Never shown, though the service should say them back. */
  secrets: string[]
  /** The key of the configuration to look at where its host is wrong. */
  serverKey: string
}

export interface JsonAnswer {
  status: number
  text: string
}

/** No answer came. */
export class Unanswered extends Unavailable {
  /** Whether the whole request had left this machine, so that it may have been worked on all the same. */
  readonly mayHaveArrived: boolean

  constructor(trouble: Unavailable['trouble'], mayHaveArrived: boolean) {
    super(trouble)
    this.mayHaveArrived = mayHaveArrived
  }
}

const timeoutMs = 30_000
const connectionsMax = 8
const answerBytesMax = 1_000_000

/** A web service that takes JSON, over few connections that are kept open. Redirections are not followed. */
export class JsonService {
  readonly where: string
  readonly what: string
  readonly #settings: JsonServiceSettings
  readonly #answerMs: number
  readonly #agent: http.Agent
  readonly #send: typeof https.request

  /** @param answerMs how long one request may take, at most 30 s */
  constructor(settings: JsonServiceSettings, answerMs: number = timeoutMs) {
    this.#settings = settings
    this.#answerMs = Math.min(timeoutMs, answerMs)
    this.what = settings.what
    this.where = new URL(settings.server).origin
    const isSecure = this.where.startsWith('https:')
    // HTTPS_PROXY and NO_PROXY, as they are usual.
    const connection = { keepAlive: true, maxSockets: connectionsMax, proxyEnv: process.env }
    this.#agent = isSecure ? new https.Agent(connection) : new http.Agent(connection)
    this.#send = isSecure ? https.request : http.request
  }

  /**
   * Sends the text of a JSON document; any status is an answer.
   *
   * @param path with its query; it shows in no error
   * @throws Unanswered
   */
  async post(path: string, body: string): Promise<JsonAnswer> {
    const { promise, resolve, reject } = Promise.withResolvers<JsonAnswer>()
    const headers = { 'content-type': 'application/json', 'content-length': Buffer.byteLength(body) }
    const signal = AbortSignal.timeout(this.#answerMs)
    const request = this.#send(`${this.#settings.server.replace(/\/+$/, '')}${path}`, {
      method: 'POST',
      headers,
      agent: this.#agent,
      signal,
    })
    request.on('error', (error) => reject(this.#unanswered(error, request.writableFinished)))
    request.once('response', (response) => {
      const chunks: Buffer[] = []
      let bytes = 0
      response.on('data', (chunk: Buffer) => {
        if (bytes < answerBytesMax) chunks.push(chunk)
        bytes += chunk.length
      })
      response.on('error', (error) => reject(this.#unanswered(error, true)))
      response.once('end', () => {
        const text = Buffer.concat(chunks).subarray(0, answerBytesMax).toString('utf8')
        resolve({ status: response.statusCode ?? 0, text: this.#withoutSecrets(text) })
      })
    })
    request.end(body)
    return promise
  }

  /** What an answer means that is none to the request itself. */
  unavailable({ status, text }: JsonAnswer, said: string | null, remedy?: string): Unavailable {
    const words = said ?? (text.startsWith('<') ? '' : text)
    const cause = `HTTP ${status}${words === '' ? '' : `: ${words.replace(/\s+/g, ' ').slice(0, 300)}`}`
    return new Unavailable({ what: this.what, where: this.where, cause, ...(remedy !== undefined && { remedy }) })
  }

  close(): void {
    this.#agent.destroy()
  }

  #withoutSecrets(text: string): string {
    return this.#settings.secrets.reduce((rest, secret) => rest.replaceAll(secret, '***'), text)
  }

  #unanswered(error: Error, mayHaveArrived: boolean): Unanswered {
    const isLate = codeOf(error) === 'ABORT_ERR'
    const cause = isLate ? `no answer within ${this.#answerMs / 1000} s` : this.#withoutSecrets(messageOf(error))
    const remedy = this.#remedies[codeOf(error)]
    const trouble = { what: this.what, where: this.where, cause, ...(remedy !== undefined && { remedy }) }
    return new Unanswered(trouble, mayHaveArrived)
  }

  get #remedies(): Record<string, string> {
    const certificate = 'A proxy that breaks open HTTPS needs its CA in NODE_EXTRA_CA_CERTS'
    return {
      ECONNREFUSED: 'May this machine reach it, or is HTTPS_PROXY needed?',
      ENOTFOUND: `Check ${this.#settings.serverKey}, and this machine's name server`,
      DEPTH_ZERO_SELF_SIGNED_CERT: certificate,
      SELF_SIGNED_CERT_IN_CHAIN: certificate,
      UNABLE_TO_VERIFY_LEAF_SIGNATURE: certificate,
      UNABLE_TO_GET_ISSUER_CERT_LOCALLY: certificate,
    }
  }
}
