import { once } from 'node:events'
import { createServer, type RequestListener } from 'node:http'
import type { AddressInfo } from 'node:net'

/** Something that answers on this machine alone, at a free port, until it is disposed of. */
export class LocalServer {
  readonly port: number
  readonly #server: ReturnType<typeof createServer>

  private constructor(server: ReturnType<typeof createServer>) {
    this.#server = server
    this.port = (server.address() as AddressInfo).port
  }

  static async start(answer: RequestListener): Promise<LocalServer> {
    const server = createServer(answer).listen(0, '127.0.0.1')
    await once(server, 'listening')
    return new LocalServer(server)
  }

  get url(): string {
    return `http://127.0.0.1:${this.port}`
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#server.close()
    this.#server.closeAllConnections()
  }
}
