import { once } from 'node:events'
import type { Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { createAdaptorServer } from '@hono/node-server'
import { Failed } from '../base/errors.ts'
import { instantText } from '../base/instant.ts'
import { StoreFollower } from '../store/follower.ts'
import { appOf } from './app.ts'
import { CollectorWatch } from './collector_watch.ts'
import { Events } from './events.ts'
import type { ShownHub } from './hub_routes.ts'
import { whyNotListening } from './listening.ts'
import type { EventHub } from './v1/hub.ts'

const connectionsMax = 500
const requestMs = 30_000
const finishMs = 500

export interface ServerSettings {
  /** The file of the store; `null`: there is none. */
  store: string | null
  /** The hub of events; `null`: there is none. */
  hub: EventHub | null
  /** What the page shows of it. */
  shown: ShownHub | null
  stateFolder: string
  host: string
  port: number
  publicUrl: string | null
}

/** The server of the page, from the first request to the last. */
export class PageServer {
  readonly #server: Server
  readonly #store: StoreFollower | null
  readonly #collector: CollectorWatch
  readonly #events: Events

  private constructor(server: Server, store: StoreFollower | null, collector: CollectorWatch, events: Events) {
    this.#server = server
    this.#store = store
    this.#collector = collector
    this.#events = events
  }

  /**
   * Resolves when requests are answered; those for numbers wait until the store has been read.
   *
   * @throws Failed where the address cannot be listened on
   */
  static async start({
    store: path,
    hub,
    shown,
    stateFolder,
    host,
    port,
    publicUrl,
  }: ServerSettings): Promise<PageServer> {
    const events = new Events()
    const collector = await CollectorWatch.start(stateFolder, (state) => events.send('collector', state))
    const store = path === null ? null : followed(path, events)
    shown?.onChange(() => events.send('hub', {}))
    const app = appOf({ store, hub, shown, collector, events, listenHost: host, publicUrl })
    const server = createAdaptorServer({ fetch: app.fetch }) as Server
    server.maxConnections = connectionsMax
    server.requestTimeout = requestMs
    const started = new PageServer(server, store, collector, events)
    try {
      server.listen(port, host)
      await once(server, 'listening')
      return started
    } catch (error) {
      await started.stop()
      throw new Failed(`serve.listen (${host}:${port}): ${whyNotListening(error)}`)
    }
  }

  /** With the port that was given where any was asked for. */
  get url(): string {
    const { address, port, family } = this.#server.address() as AddressInfo
    return `http://${family === 'IPv6' ? `[${address}]` : address}:${port}/`
  }

  /** Throws what the reading of the store failed with; else waits for `stop`. */
  get ended(): Promise<void> {
    return this.#store?.ended ?? new Promise(() => {})
  }

  async stop(): Promise<void> {
    this.#events.close()
    this.#collector.stop()
    const closed = this.#server.listening ? once(this.#server, 'close') : Promise.resolve()
    this.#server.close()
    setTimeout(() => this.#server.closeAllConnections(), finishMs).unref()
    await Promise.all([closed, this.#store?.stop()])
  }
}

function followed(path: string, events: Events): StoreFollower {
  const store = new StoreFollower(path, () => {
    const { invocations, lastSecond } = store.counted
    events.send('changed', { points: invocations, last: invocations === 0 ? null : instantText(lastSecond) })
  })
  return store
}
