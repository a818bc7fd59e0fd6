// An HTTP server in InfluxDB's place, for what the real one can't be made to say.
import { once } from 'node:events'
import { createServer, type IncomingMessage } from 'node:http'
import type { AddressInfo } from 'node:net'
import { gunzipSync } from 'node:zlib'
import type { Test } from 'tap'

export type Asked = {
  method: string
  path: string
  query: Record<string, string>
  headers: IncomingMessage['headers']
  /** The lines that were sent, unpacked. */
  lines: string[]
}

/** What it says to a request: a status, with a body and its type where there are any, nothing at all, or a broken connection. */
export type Said = { status: number; body?: string; type?: string } | 'nothing' | 'breaks off'

export type StandIn = { url: string; asked: Asked[]; accepted(): string[] }

/** Starts one that ends with the test. `answer` is asked for each request, with its number from 0 on. */
export async function startStandIn(t: Test, answer: (asked: Asked, number: number) => Said): Promise<StandIn> {
  const asked: Asked[] = []
  const accepted: string[] = []
  const server = createServer(async (request, response) => {
    const chunks: Buffer[] = []
    for await (const chunk of request) chunks.push(chunk)
    const body = Buffer.concat(chunks)
    const text = (request.headers['content-encoding'] === 'gzip' ? gunzipSync(body) : body).toString('utf8')
    const url = new URL(request.url ?? '/', 'http://stand-in')
    const one: Asked = {
      method: request.method ?? '',
      path: url.pathname,
      query: Object.fromEntries(url.searchParams),
      headers: request.headers,
      lines: text.split('\n').filter((line) => line !== '' && !line.startsWith('#')),
    }
    const said = answer(one, asked.length)
    asked.push(one)
    if (said === 'nothing') return
    if (said === 'breaks off') {
      request.socket.destroy()
      return
    }
    if (said.status < 300) accepted.push(...one.lines)
    response.writeHead(said.status, said.type === undefined ? {} : { 'content-type': said.type })
    response.end(said.body)
  })
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  t.teardown(() => {
    server.closeAllConnections()
    server.close()
  })
  return { url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`, asked, accepted: () => accepted }
}
