// A hub in small: takes events as `POST /v1/events` does, and fails as it is told to.
import { once } from 'node:events'
import { createServer, type IncomingHttpHeaders } from 'node:http'
import type { AddressInfo } from 'node:net'
import type { Test } from 'tap'
import type { ResultEvent } from '../../src/probing/result.ts'

export type SmallHub = {
  url: string
  /** The events that it has, each once, in the order in which they came. */
  events(): ResultEvent[]
  /** How often each event was sent. */
  sent: Map<string, number>
  requests: { path: string; status: number; headers: IncomingHttpHeaders }[]
  /** Answers with this status while it is set, and keeps nothing. */
  failing: number | null
  /** Keeps what comes, and breaks the connection instead of answering. */
  isMute: boolean
  refuses(event: ResultEvent): boolean
  checks: object
}

export async function startSmallHub(t: Test, host = '127.0.0.1'): Promise<SmallHub> {
  const kept = new Map<string, ResultEvent>()
  const hub: SmallHub = {
    url: '',
    events: () => [...kept.values()],
    sent: new Map(),
    requests: [],
    failing: null,
    isMute: false,
    refuses: () => false,
    checks: {},
  }
  const answerTo = (method: string, body: string, etag: string | undefined): [status: number, body: object | null] => {
    if (hub.failing !== null) return [hub.failing, { error: 'as the test has it' }]
    if (method === 'GET') return etag === etagOf(hub.checks) ? [304, null] : [200, { checks: hub.checks }]
    const results = body
      .split('\n')
      .filter((line) => line !== '')
      .map((line) => {
        const event = JSON.parse(line) as ResultEvent
        hub.sent.set(event.id, (hub.sent.get(event.id) ?? 0) + 1)
        if (hub.refuses(event)) return { id: null, status: 'refused', error: 'not this one' }
        kept.set(event.id, event)
        return { id: event.id, status: 'accepted' }
      })
    return [results.every(({ status }) => status === 'refused') ? 422 : 202, { results }]
  }
  const server = createServer(async (request, response) => {
    const chunks: Buffer[] = []
    for await (const chunk of request) chunks.push(chunk)
    const [status, body] = answerTo(request.method!, Buffer.concat(chunks).toString(), request.headers['if-none-match'])
    hub.requests.push({ path: request.url!, status, headers: request.headers })
    if (hub.isMute) request.socket.destroy()
    else response.writeHead(status, { etag: etagOf(hub.checks) }).end(body === null ? undefined : JSON.stringify(body))
  })
  server.listen(0, host)
  await once(server, 'listening')
  t.teardown(() => {
    server.closeAllConnections()
    server.close()
  })
  hub.url = `http://${host}:${(server.address() as AddressInfo).port}`
  return hub
}

const etagOf = (checks: object) => `"${Buffer.from(JSON.stringify(checks)).toString('base64url').slice(0, 60)}"`
