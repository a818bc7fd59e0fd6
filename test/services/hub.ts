// A hub in this process with one destination, and what it says.
import { type Hub, Hub as HubOfCommands } from '../../src/commands/hub.ts'
import { events as schema } from '../../src/config/events.ts'
import type { NewEvent } from '../../src/events/event.ts'
import { newEventId } from '../../src/events/event_id.ts'
import { openOutbox } from '../../src/outbox/file.ts'
import { until } from './json_server.ts'
import { type TemporaryFolder, temporaryFolder } from './temporary.ts'

export function event(type: string, payload: NewEvent['payload'] = {}, occurredMs = Date.now()): NewEvent {
  const named = { source: 'galaxy', category: 'job', type, schemaVersion: '1', known: false, extensions: {} }
  return { id: newEventId(occurredMs), occurredMs, ...named, payload }
}

/** Everything written to standard error from now on. */
const said: string[] = []
const write = process.stderr.write.bind(process.stderr)
process.stderr.write = ((chunk: string) => said.push(chunk) > 0) as typeof write
process.once('exit', () => {
  if (process.exitCode) write(said.join(''))
})

export class HubOfTest implements AsyncDisposable {
  readonly folder: TemporaryFolder
  readonly #settings: object
  #hub: Hub | null = null
  #stop = new AbortController()

  private constructor(folder: TemporaryFolder, settings: object) {
    this.folder = folder
    this.#settings = settings
  }

  /** @param settings of the destination, which is called `there` */
  static async start(settings: object): Promise<HubOfTest> {
    const hub = new HubOfTest(await temporaryFolder('hub'), settings)
    await hub.begin()
    return hub
  }

  async begin(): Promise<void> {
    const there = { retry: { attempts: 3, first_seconds: 1 }, ...this.#settings }
    const settings = schema.parse({ file: this.folder.file('events.sqlite'), destinations: { there } })!
    this.#stop = new AbortController()
    const stop = { asked: this.#stop.signal, now: new AbortController().signal }
    this.#hub = await HubOfCommands.start(settings, this.stateFolder, stop)
  }

  async end(): Promise<void> {
    this.#stop.abort()
    await this.#hub?.close()
    this.#hub = null
  }

  get stateFolder(): string {
    return this.folder.file('state')
  }

  get state() {
    return this.#hub!.workers[0]!.state
  }

  async accept(...events: NewEvent[]): Promise<void> {
    await this.#hub!.outbox.accept(events)
  }

  /** State and cause by the event's type, in order. */
  outcomes(): { type: unknown; state: unknown; cause: unknown; waits: boolean }[] {
    const database = openOutbox(this.folder.file('events.sqlite'), 'normal')
    const rows = database
      .prepare('select type, state, cause, at_ms from delivery join event using (seq) order by seq')
      .all()
    database.close()
    return rows.map((row) => {
      const { type, state, cause, at_ms: atMs } = row
      return { type, state, cause, waits: state === 'retrying' && Number(atMs) - Date.now() > 20_000 }
    })
  }

  /** Waits until so many events are delivered, dead or waiting. */
  settled(count: number, states = ['delivered', 'dead']): Promise<void> {
    return until(() => this.outcomes().filter(({ state }) => states.includes(String(state))).length >= count, 40_000)
  }

  /** What it has logged, and what it keeps of why something failed. */
  get said(): string {
    const causes = this.outcomes().map(({ cause }) => String(cause))
    return [...said, ...causes].join('\n')
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.end()
    await this.folder.remove()
  }
}
