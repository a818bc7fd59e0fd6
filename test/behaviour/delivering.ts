// Events on their way in one process: a real outbox, and the worker of one destination as its configuration makes it.
import type { Test } from 'tap'
import { destinationOf } from '../../src/commands/destinations.ts'
import { Worker, type WorkerState } from '../../src/commands/worker.ts'
import { destination } from '../../src/config/destinations.ts'
import type { NewEvent } from '../../src/events/event.ts'
import { newEventId } from '../../src/events/event_id.ts'
import { Deliveries } from '../../src/outbox/deliveries.ts'
import { openOutbox } from '../../src/outbox/file.ts'
import { Outbox } from '../../src/outbox/outbox.ts'
import { OutboxQueue } from '../../src/sources/outbox.ts'
import { temporaryFolder } from '../services/temporary.ts'
import { until } from './live.ts'

export const noon = Date.parse('2026-06-25T12:00:00Z')

export function newEvent(changes: Partial<NewEvent> = {}): NewEvent {
  const named = { source: 'galaxy', category: 'job', type: 'finished', schemaVersion: '1', known: false }
  return { id: newEventId(noon), occurredMs: noon, ...named, payload: {}, extensions: {}, ...changes }
}

export type Delivering = {
  outbox: Outbox
  accept(events: NewEvent[]): Promise<void>
  /** Works until so many events are settled in all, then stops as on a signal. */
  settle(count: number): Promise<void>
  /** Starts to work, until it is stopped. */
  work(): Promise<{ state(): WorkerState; end(): Promise<void> }>
  settled(): number
  /** Why those that are dead letters are, by id. */
  dead(): Record<string, string>
}

/** Ends with the test. `settings` is a destination as it stands in a configuration. */
export async function delivering(t: Test, settings: object): Promise<Delivering> {
  const folder = await temporaryFolder('delivering')
  const path = folder.file('events.sqlite')
  const outbox = new Outbox(openOutbox(path, 'full'), path)
  const database = openOutbox(path, 'normal')
  t.teardown(() => folder.remove())
  t.teardown(() => outbox.close())
  t.teardown(() => database.close())
  // So that the destination is known before the first event is accepted.
  new Deliveries(database, 'there')
  const count = database.prepare("select count(*) as settled from delivery where state in ('delivered', 'dead')")
  const dead = database.prepare("select id, cause from delivery join event using (seq) where state = 'dead'")
  const settled = () => Number(count.get()!['settled'])
  const work = async () => {
    const stop = new AbortController()
    const parsed = destination.parse({ personal: true, ...settings })
    const there = await destinationOf('there', parsed, folder.file('state'))
    const queue = new OutboxQueue(outbox, new Deliveries(database, 'there'), parsed.batch)
    const worker = new Worker('there', parsed, there, queue, () => false)
    const running = worker.run({ asked: stop.signal, now: stop.signal })
    running.catch(() => {})
    const end = async () => {
      stop.abort()
      await running
    }
    t.teardown(end)
    return { state: () => worker.state, end }
  }
  return {
    outbox,
    work,
    settled,
    accept: async (events) => {
      const said = await outbox.accept(events)
      if (said.some((one) => one !== 'accepted')) throw new Error(`not accepted: ${said}`)
    },
    async settle(wanted) {
      const { end } = await work()
      await until(`${wanted} events are settled`, () => settled() >= wanted, 60_000)
      await end()
    },
    dead: () => Object.fromEntries(dead.all().map((row) => [String(row['id']), String(row['cause'])])),
  }
}
