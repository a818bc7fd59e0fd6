import { readFileSync } from 'node:fs'
import http from 'node:http'
import https from 'node:https'
import { codeOf, Failed, messageOf, Unavailable } from '../base/errors.ts'
import { pause } from '../base/retry.ts'

export interface HubSettings {
  url: string
  key: string
  verifySsl: boolean
  caFile: string | null
}

/** An event that the hub will never take. */
export interface HubRefusal {
  id: string
  cause: string
}

const timeoutMs = 30_000
const answerMaxBytes = 4 * 1024 * 1024
const waitMaxMs = 300_000
/** What the hub says of events, and not of whoever sends them. */
const refusing = new Set([400, 413, 422])

interface Answer {
  status: number
  headers: http.IncomingHttpHeaders
  body: string
}

/** Sends events to a hub, and asks it what a probe is to do. */
export class HubClient {
  readonly where: string
  readonly #base: URL
  readonly #settings: HubSettings
  readonly #answerMs: number
  readonly #agent: http.Agent
  /** Asked for by the hub: nothing is sent before. */
  #notBeforeMs = 0

  /**
   * @param answerMs how long one request may take
   * @throws Failed where `caFile` cannot be read
   */
  constructor(settings: HubSettings, answerMs: number = timeoutMs) {
    this.#settings = settings
    this.#answerMs = answerMs
    this.#base = new URL(settings.url.endsWith('/') ? settings.url : `${settings.url}/`)
    this.where = this.#base.origin
    const connection = { keepAlive: true, maxSockets: 2 }
    this.#agent =
      this.#base.protocol === 'https:'
        ? new https.Agent({
            ...connection,
            rejectUnauthorized: settings.verifySsl,
            ...certificateAuthority(settings.caFile),
          })
        : new http.Agent(connection)
  }

  /**
   * Sends events, each as JSON text of `POST /v1/events`. May be repeated with the same ones: the hub knows them by
   * their ids. Where it refuses all of them at once they are sent in halves, until the bad one is known.
   *
   * @returns those that it will never take
   * @throws Unavailable where it cannot be told; any part of them may be there
   */
  async send(events: { id: string; event: string }[], signal: AbortSignal): Promise<HubRefusal[]> {
    const body = events.map(({ event }) => `${event}\n`).join('')
    const answer = await this.#ask('POST', 'v1/events', { 'Content-Type': 'application/x-ndjson' }, body, signal)
    const said = parsed(answer.body)
    if (refusing.has(answer.status) && said !== null && !Array.isArray(said['results'])) {
      const [only] = events
      if (events.length === 1) return [{ id: only!.id, cause: `HTTP ${answer.status}: ${errorOf(said)}` }]
      const middle = Math.ceil(events.length / 2)
      const first = await this.send(events.slice(0, middle), signal)
      return [...first, ...(await this.send(events.slice(middle), signal))]
    }
    // A key without the right scope is refused event by event, too, and is the operator's to mend.
    const isTold = refusing.has(answer.status) || (answer.status >= 200 && answer.status <= 299)
    if (said === null || !isTold) throw this.#unavailable(answer)
    return refusalsOf(said, events)
  }

  /**
   * What the hub wants probed from a region; `null` where that is what `etag` stands for.
   *
   * @throws Unavailable
   */
  async checks(
    region: string,
    etag: string | null,
    signal: AbortSignal,
  ): Promise<{ etag: string | null; body: string } | null> {
    const headers = etag === null ? {} : { 'If-None-Match': etag }
    const path = `v1/probes?region=${encodeURIComponent(region)}`
    const answer = await this.#ask('GET', path, headers, null, signal)
    if (answer.status === 304) return null
    if (answer.status !== 200 || parsed(answer.body) === null) throw this.#unavailable(answer)
    return { etag: answer.headers.etag ?? null, body: answer.body }
  }

  /**
   * What the key may do, as `events:write:probe`; nothing is sent.
   *
   * @throws Unavailable where there is no hub, or it does not know the key
   */
  async scopes(): Promise<string[]> {
    const answer = await this.#ask('GET', 'v1/key', {}, null, new AbortController().signal)
    const scopes = parsed(answer.body)?.['scopes']
    if (answer.status === 200 && Array.isArray(scopes)) return scopes.map(String)
    throw this.#unavailable(answer)
  }

  close(): void {
    this.#agent.destroy()
  }

  async #ask(
    method: string,
    path: string,
    headers: Record<string, string>,
    body: string | null,
    signal: AbortSignal,
  ): Promise<Answer> {
    await pause(Math.max(0, this.#notBeforeMs - performance.now()), signal)
    const { promise, resolve, reject } = Promise.withResolvers<Answer>()
    const request = (this.#base.protocol === 'https:' ? https : http).request(new URL(path, this.#base), {
      ...{ method, agent: this.#agent, signal: AbortSignal.any([signal, AbortSignal.timeout(this.#answerMs)]) },
      headers: { Authorization: `Bearer ${this.#settings.key}`, Accept: 'application/json', ...headers },
    })
    request.once('response', (response) => wholeAnswer(response).then(resolve, reject))
    request.on('error', reject)
    request.end(body ?? undefined)
    const answer = await promise.catch((error: unknown) => {
      throw this.#unreachable(error)
    })
    if (answer.status === 429 || answer.status === 503) this.#waitFor(answer.headers['retry-after'])
    return answer
  }

  #waitFor(retryAfter: string | undefined): void {
    const seconds = Number(retryAfter)
    const waitMs = Number.isFinite(seconds) ? seconds * 1000 : Date.parse(retryAfter ?? '') - Date.now()
    if (waitMs > 0) this.#notBeforeMs = performance.now() + Math.min(waitMs, waitMaxMs)
  }

  #unreachable(error: unknown): Unavailable {
    const code = codeOf(error)
    const cause = code === 'TimeoutError' ? `no answer for ${this.#answerMs / 1000} s` : messageOf(error)
    const remedy = code in remedies ? { remedy: remedies[code]! } : {}
    return new Unavailable({ what: 'hub', where: this.where, cause, ...remedy }, { cause: error })
  }

  #unavailable({ status, body }: Answer): Unavailable {
    const said = parsed(body)
    const cause = `HTTP ${status}${said === null ? ', and no answer of a hub' : `: ${errorOf(said)}`}`
    const remedy = String(status) in remedies ? { remedy: remedies[status]! } : {}
    return new Unavailable({ what: 'hub', where: this.where, cause, ...remedy })
  }
}

/** Where a key lacks what a probe needs. */
export const keyRemedy = 'Give the key in hub.key the scope for what this probe does, such as events:write:probe'

const remedies: Record<string, string> = {
  401: 'Check hub.key; `workflow-reporting key create` on the hub makes another',
  403: keyRemedy,
  404: "Check hub.url: it is the address of the hub's page, without /v1/events",
  ECONNREFUSED: 'Is the hub up, and the port right?',
  ENOTFOUND: 'Check the host in hub.url',
  DEPTH_ZERO_SELF_SIGNED_CERT: 'Name the CA that signed its certificate in hub.ca_file',
  SELF_SIGNED_CERT_IN_CHAIN: 'Name the CA that signed its certificate in hub.ca_file',
  UNABLE_TO_VERIFY_LEAF_SIGNATURE: 'Name the CA that signed its certificate in hub.ca_file',
  UNABLE_TO_GET_ISSUER_CERT_LOCALLY: 'Name the CA that signed its certificate in hub.ca_file',
}

function certificateAuthority(caFile: string | null): { ca?: Buffer } {
  try {
    return caFile === null ? {} : { ca: readFileSync(caFile) }
  } catch (error) {
    throw new Failed(`hub.ca_file (${caFile}): ${messageOf(error)}. Give it to the user of this program`)
  }
}

async function wholeAnswer(response: http.IncomingMessage): Promise<Answer> {
  const chunks: Buffer[] = []
  let bytes = 0
  for await (const chunk of response as AsyncIterable<Buffer>) {
    bytes += chunk.length
    if (bytes > answerMaxBytes) throw new Error(`an answer of more than ${answerMaxBytes} bytes`)
    chunks.push(chunk)
  }
  const body = Buffer.concat(chunks).toString('utf8')
  return { status: response.statusCode ?? 0, headers: response.headers, body }
}

/** A hub answers in JSON; what does not is a proxy in front of it, or something else. */
function parsed(body: string): Record<string, unknown> | null {
  try {
    const value: unknown = JSON.parse(body)
    return typeof value === 'object' && value !== null && !Array.isArray(value)
      ? (value as Record<string, unknown>)
      : null
  } catch {
    return null
  }
}

function errorOf(said: Record<string, unknown>): string {
  const { error } = said
  const text = typeof error === 'object' && error !== null ? JSON.stringify(error) : String(error ?? 'no reason given')
  return text.slice(0, 300)
}

/** One result for each event, in their order; an `error` is the reason why it was refused. */
function refusalsOf({ results }: Record<string, unknown>, events: { id: string }[]): HubRefusal[] {
  if (!Array.isArray(results)) return []
  return (results as unknown[]).flatMap((result, index) => {
    const said = typeof result === 'object' && result !== null ? (result as Record<string, unknown>) : {}
    const id = events[index]?.id
    return said['error'] === undefined || id === undefined ? [] : [{ id, cause: errorOf(said) }]
  })
}
