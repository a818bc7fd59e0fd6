// A web service's HTTP, with the faults that a network has.
import { once } from 'node:events'
import { createServer, type IncomingMessage } from 'node:http'
import { createServer as createSecureServer } from 'node:https'
import type { AddressInfo } from 'node:net'
import { setTimeout as sleep } from 'node:timers/promises'

export type Asked = {
  method: string
  path: string
  query: URLSearchParams
  headers: IncomingMessage['headers']
  body: string
}
export type Said = { status: number; body?: string }

/** What befalls the next request: it is not worked on, or it is and nobody hears of it. */
export type Fault = Said | 'hangs' | 'breaks off' | 'worked on, then breaks off' | 'worked on, then hangs'

export class JsonServer implements AsyncDisposable {
  readonly url: string
  /** Taken from the front, one for each request. */
  readonly faults: Fault[] = []
  requests = 0
  readonly #server: ReturnType<typeof createServer>

  private constructor(server: ReturnType<typeof createServer>, url: string) {
    this.#server = server
    this.url = url
  }

  /** @param certificate for HTTPS */
  static async start(answer: (asked: Asked) => Said, certificate?: { key: Buffer; cert: Buffer }): Promise<JsonServer> {
    const server = certificate === undefined ? createServer() : createSecureServer(certificate)
    server.listen(0, '127.0.0.1')
    await once(server, 'listening')
    const scheme = certificate === undefined ? 'http' : 'https'
    const one = new JsonServer(server, `${scheme}://127.0.0.1:${(server.address() as AddressInfo).port}`)
    server.on('request', async (request: IncomingMessage, response) => {
      const chunks: Buffer[] = []
      for await (const chunk of request) chunks.push(chunk as Buffer)
      const url = new URL(request.url ?? '/', one.url)
      const { method = '', headers } = request
      const body = Buffer.concat(chunks).toString('utf8')
      one.requests++
      const fault = one.faults.shift()
      const said =
        typeof fault === 'object'
          ? fault
          : fault === 'hangs' || fault === 'breaks off'
            ? null
            : answer({ method, path: url.pathname, query: url.searchParams, headers, body })
      if (typeof fault === 'string') {
        if (fault.endsWith('breaks off')) request.socket.destroy()
        return
      }
      response.writeHead(said!.status, { 'content-type': 'application/json' }).end(said!.body)
    })
    return one
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#server.closeAllConnections()
    this.#server.close()
  }
}

/** Waits for something that another part of the process brings about. */
export async function until(isSo: () => boolean, timeoutMs = 20_000): Promise<void> {
  for (const endMs = Date.now() + timeoutMs; !isSo(); await sleep(5))
    if (Date.now() > endMs) throw new Error('it never came')
}
