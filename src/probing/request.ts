import http, { type IncomingMessage } from 'node:http'
import https from 'node:https'
import { codeOf, messageOf } from '../base/errors.ts'

/** Telegraf's words for why a request came to nothing (plugins/inputs/http_response/README.md). */
export type RequestTrouble = 'dns_error' | 'connection_failed' | 'timeout' | 'body_read_error'

/** A request that came to nothing. */
export class RequestFailed extends Error {
  override name = 'RequestFailed'
  readonly result: RequestTrouble
  /** The name of what TLS found wrong, such as CERT_HAS_EXPIRED. */
  readonly tlsError: string | null
  constructor(result: RequestTrouble, message: string, tlsError: string | null = null) {
    super(message)
    this.result = result
    this.tlsError = tlsError
  }
}

export interface Asked {
  method: string
  headers: Record<string, string>
  /** How much of the body is kept to be looked at. */
  keepBytes: number
  /** How much of the body is read; then the connection is given up. */
  readBytes: number
}

export interface Answer {
  url: URL
  status: number
  headers: IncomingMessage['headers']
  /** The first `keepBytes` of the body. */
  body: Buffer
  /** How much of the body came. */
  bytes: number
  /** Whether more of it would have come. */
  isCut: boolean
  /** Until its head was there. */
  responseMs: number
  /** How long the server's certificate is good from now on; `null` without TLS. */
  certificateDays: number | null
}

const dayMs = 86_400_000
/** Node.js gives an address of several 250 ms, and another continent may be farther away. */
const perAddressMs = 2000
const connectionsPerHost = 6
const tlsErrors = /^(?:CERT_|CRL_|ERR_TLS_|ERR_SSL_|DEPTH_ZERO_|SELF_SIGNED_|UNABLE_TO_|HOSTNAME_|INVALID_CA|EPROTO$)/

/** The connections of one try: kept open between its requests, and closed with it. */
export class Connections {
  readonly #plain = new http.Agent({ keepAlive: true, maxSockets: connectionsPerHost })
  readonly #secure: https.Agent
  readonly #signal: AbortSignal
  readonly #late: AbortSignal
  readonly #timeoutMs: number

  /** @param ca PEM text of the authority to believe instead of the system's */
  constructor(verify: boolean, ca: string | null, timeoutMs: number, signal: AbortSignal) {
    // A session taken up again would show no certificate.
    const settings = { keepAlive: true, maxSockets: connectionsPerHost, maxCachedSessions: 0 }
    this.#secure = new https.Agent({ ...settings, rejectUnauthorized: verify, ...(ca !== null && { ca }) })
    this.#timeoutMs = timeoutMs
    this.#late = AbortSignal.timeout(timeoutMs)
    this.#signal = AbortSignal.any([signal, this.#late])
  }

  /** One request and its answer, whatever its status. @throws RequestFailed */
  async request(url: URL, asked: Asked): Promise<Answer> {
    const startedMs = performance.now()
    const response = await this.#head(url, asked)
    const responseMs = performance.now() - startedMs
    const certificateDays = certificateDaysOf(response)
    const kept: Buffer[] = []
    let [bytes, keptBytes, isCut] = [0, 0, false]
    try {
      for await (const chunk of response as AsyncIterable<Buffer>) {
        bytes += chunk.length
        if (keptBytes < asked.keepBytes) {
          kept.push(chunk.subarray(0, asked.keepBytes - keptBytes))
          keptBytes += kept.at(-1)!.length
        }
        if (bytes > asked.readBytes) {
          isCut = true
          break
        }
      }
    } catch (error) {
      throw this.#failed(error, 'body_read_error')
    }
    const { statusCode: status = 0, headers } = response
    return { url, status, headers, body: Buffer.concat(kept), bytes, isCut, responseMs, certificateDays }
  }

  close(): void {
    this.#plain.destroy()
    this.#secure.destroy()
  }

  #head(url: URL, { method, headers }: Asked): Promise<IncomingMessage> {
    const isSecure = url.protocol === 'https:'
    const agent = isSecure ? this.#secure : this.#plain
    const { promise, resolve, reject } = Promise.withResolvers<IncomingMessage>()
    const request = (isSecure ? https : http).request(url, {
      ...{ method, agent, signal: this.#signal, autoSelectFamilyAttemptTimeout: perAddressMs },
      headers: { 'user-agent': 'workflow-reporting', accept: '*/*', 'accept-encoding': 'identity', ...headers },
    })
    request.once('response', resolve)
    request.on('error', (error) => reject(this.#failed(error, 'connection_failed')))
    request.end()
    return promise
  }

  #failed(error: unknown, otherwise: RequestTrouble): RequestFailed {
    if (this.#late.aborted) return new RequestFailed('timeout', `no whole answer within ${this.#timeoutMs / 1000} s`)
    const first = error instanceof AggregateError ? (error.errors[0] as unknown) : error
    const code = codeOf(first)
    if (code === 'ENOTFOUND' || code === 'EAI_AGAIN') return new RequestFailed('dns_error', messageOf(first))
    if (!tlsErrors.test(code)) return new RequestFailed(otherwise, messageOf(first))
    // What OpenSSL says goes over several lines of its own sources.
    const message = code.startsWith('ERR_SSL_') || code === 'EPROTO' ? 'TLS was not agreed on' : messageOf(first)
    return new RequestFailed(otherwise, `${message} (${code})`, code)
  }
}

function certificateDaysOf({ socket }: IncomingMessage): number | null {
  if (!('getPeerCertificate' in socket)) return null
  const certificate = (socket as import('node:tls').TLSSocket).getPeerCertificate()
  const until = Date.parse(certificate.valid_to)
  return Number.isNaN(until) ? null : Math.floor((until - Date.now()) / dayMs)
}
