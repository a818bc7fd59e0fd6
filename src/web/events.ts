const clientsMax = 100
const backlogMaxBytes = 64 * 1024
const heartbeatMs = 15_000
const encoder = new TextEncoder()

type Client = ReadableStreamDefaultController<Uint8Array>

/**
 * Server-sent events (https://html.spec.whatwg.org/multipage/server-sent-events.html) to everybody who listens. One who
 * does not read what is sent is dropped, and may come again.
 */
export class Events {
  readonly #clients = new Set<Client>()
  readonly #heartbeat = setInterval(() => this.#sendAll(': still here\n\n'), heartbeatMs).unref()

  get listeners(): number {
    return this.#clients.size
  }

  /** The stream of a new listener; `null` where there are too many. */
  open(): ReadableStream<Uint8Array> | null {
    if (this.#clients.size >= clientsMax) return null
    let client: Client
    return new ReadableStream<Uint8Array>(
      {
        start: (controller) => {
          client = controller
          this.#clients.add(client)
          // Whoever loses the connection tries again after 3 s.
          client.enqueue(encoder.encode('retry: 3000\n\n'))
        },
        cancel: () => {
          this.#clients.delete(client)
        },
      },
      new ByteLengthQueuingStrategy({ highWaterMark: backlogMaxBytes }),
    )
  }

  send(event: string, data: unknown): void {
    this.#sendAll(`event: ${event}\ndata: ${JSON.stringify(data)}\n\n`)
  }

  close(): void {
    clearInterval(this.#heartbeat)
    for (const client of this.#clients) client.close()
    this.#clients.clear()
  }

  #sendAll(text: string): void {
    const bytes = encoder.encode(text)
    for (const client of this.#clients) {
      if ((client.desiredSize ?? 0) > bytes.length) client.enqueue(bytes)
      else {
        this.#clients.delete(client)
        client.error(new Error('this listener does not read'))
      }
    }
  }
}
