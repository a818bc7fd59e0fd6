// Stands before InfluxDB and does what proxies and busy servers do; by itself it passes everything on.
import { once } from 'node:events'
import { createServer, type IncomingMessage, request, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { setTimeout as sleep } from 'node:timers/promises'

/** What happens to a write. */
export type Manner =
  | { kind: 'pass'; afterMs?: number }
  /** An answer of its own; with `passOn`, InfluxDB gets the write all the same. */
  | { kind: 'answer'; status: number; type: string; body: string; passOn: boolean }
  /** InfluxDB takes the write, and nobody hears of it. */
  | { kind: 'lose answer' }

export interface Gate {
  readonly url: string
  /** Asked for each write. */
  manner: () => Manner
  /** Writes that were not simply passed on. */
  disturbed(): number
  [Symbol.asyncDispose](): Promise<void>
}

export async function startGate(port: number): Promise<Gate> {
  let disturbed = 0
  const gate: Pick<Gate, 'manner'> = { manner: () => ({ kind: 'pass' }) }

  const server = createServer(async (incoming, outgoing) => {
    try {
      const chunks: Buffer[] = []
      for await (const chunk of incoming) chunks.push(chunk)
      await serve(incoming, Buffer.concat(chunks), outgoing)
    } catch {
      // One of the two has gone: the collector asks again.
      outgoing.destroy()
    }
  })
  const serve = async (incoming: IncomingMessage, body: Buffer, outgoing: ServerResponse) => {
    const manner = gate.manner()
    if (manner.kind !== 'pass' || manner.afterMs !== undefined) disturbed++
    if (manner.kind === 'pass') await sleep(manner.afterMs ?? 0)
    if (manner.kind === 'answer' && !manner.passOn) {
      outgoing.writeHead(manner.status, { 'content-type': manner.type }).end(manner.body)
      return
    }
    const { status, headers, text } = await forward(port, incoming, body)
    if (manner.kind === 'lose answer') outgoing.destroy()
    else if (manner.kind === 'answer')
      outgoing.writeHead(manner.status, { 'content-type': manner.type }).end(manner.body)
    else outgoing.writeHead(status, headers).end(text)
  }
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')

  return Object.assign(gate, {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    disturbed: () => disturbed,
    async [Symbol.asyncDispose]() {
      server.closeAllConnections()
      await new Promise((resolve) => server.close(resolve))
    },
  })
}

async function forward(port: number, { method, url, headers }: IncomingMessage, body: Buffer) {
  const outgoing = request({ host: '127.0.0.1', port, method, path: url, headers, agent: false })
  outgoing.end(body)
  const [response] = (await once(outgoing, 'response')) as [IncomingMessage]
  const chunks: Buffer[] = []
  for await (const chunk of response) chunks.push(chunk)
  return { status: response.statusCode ?? 502, headers: response.headers, text: Buffer.concat(chunks) }
}
