// What the tests of the page's parts Events and Availability look at: a hub whose file holds a month of events and probes.
import type { Test } from 'tap'
import type { NewEvent, Payload } from '../../src/events/event.ts'
import { derivedEventId } from '../../src/events/event_id.ts'
import { Deliveries } from '../../src/outbox/deliveries.ts'
import { openOutbox } from '../../src/outbox/file.ts'
import { Outbox } from '../../src/outbox/outbox.ts'
import { RefusalCounts } from '../../src/outbox/refusal_counts.ts'
import type { Child } from '../services/child.ts'
import { startInfluxdb } from '../services/influxdb.ts'
import { start, writeConfig } from '../services/program.ts'
import { freePort, temporaryFolder } from '../services/temporary.ts'

const hourMs = 3_600_000
const minuteMs = 60_000

/** How often each of them happened; the last of them is of a type that nobody knows. */
const kinds: [source: string, category: string, type: string, perDay: number][] = [
  ['galaxy', 'user_activity', 'login', 90],
  ['galaxy', 'user_activity', 'signup', 4],
  ['galaxy', 'job', 'submitted', 160],
  ['clowder', 'view_resource', 'dataset', 60],
  ['clowder', 'download', 'file', 40],
  ['clowder', 'extraction', 'file', 25],
  ['robot', 'sensor', 'reading.raw', 12],
]

export interface HubSite {
  address: string
  /** Everything that was accepted. */
  events: NewEvent[]
  /** Accepts more, as the running hub's own API would. */
  server: Child
}

/** It ends with the test. */
export async function hubSite(t: Test, { store = false, empty = false } = {}): Promise<HubSite> {
  const folder = await temporaryFolder('hub-page')
  const influxdb = await startInfluxdb()
  await influxdb.createDatabase('events')
  const [file, port] = [folder.file('events.sqlite'), await freePort()]
  const nowMs = Date.now()
  const events = empty ? [] : [...past(nowMs), ...probes(nowMs)]
  await fill(file, events, nowMs)
  const destination = { kind: 'influxdb', database: 'events' }
  const config = await writeConfig(folder.path, {
    serve: { listen: `127.0.0.1:${port}` },
    ...(store && { store: folder.file('points.sqlite') }),
    events: {
      file,
      destinations: empty
        ? {}
        : {
            metrics: { ...destination, url: influxdb.url },
            archive: { ...destination, url: `http://127.0.0.1:${await freePort()}` },
          },
    },
  })
  const server = await start(['serve'], { config })
  t.teardown(async () => {
    await server.stop()
    await influxdb[Symbol.asyncDispose]()
    await folder.remove()
  })
  await server.waitFor(/event=serving /)
  return { address: `http://127.0.0.1:${port}/`, events, server }
}

function event(source: string, category: string, type: string, occurredMs: number, payload: Payload): NewEvent {
  const id = derivedEventId(occurredMs, source, category, type, JSON.stringify(payload))
  const known = type !== 'reading.raw'
  return { id, occurredMs, source, category, type, schemaVersion: '1', known, payload, extensions: {} }
}

function past(nowMs: number): NewEvent[] {
  return kinds.flatMap(([source, category, type, perDay]) =>
    Array.from({ length: perDay * 10 }, (_, index) => {
      const daysAgo = index / perDay
      const wave = 0.3 * Math.sin(daysAgo * 2 * Math.PI)
      return event(source, category, type, Math.floor(nowMs - (daysAgo + wave + 0.31) * 24 * hourMs), { index })
    }),
  )
}

type Looks = (minutesAgo: number) => Payload
const ok: Looks = (minutesAgo) => ({
  success: true,
  response_ms: 90 + 40 * Math.abs(Math.sin(minutesAgo)),
  message: 'status 200',
})
const looks: [name: string, kind: string, region: string, of: Looks, until?: number][] = [
  ['home-page', 'http', 'australia', ok],
  ['home-page', 'http', 'europe', (ago) => ({ ...ok(ago), response_ms: 320 + 60 * Math.abs(Math.cos(ago)) })],
  [
    'home-page',
    'http',
    'us-west',
    (ago) => (ago < 25 ? { success: false, message: 'status 502, expected 200', response_ms: 700 } : ok(ago)),
  ],
  ['database', 'tcp', 'australia', (ago) => (ago < 90 ? { ...ok(ago), maintenance: true } : ok(ago))],
  [
    'gateway',
    'ping',
    'europe',
    (ago) => (ago < 12 ? { success: null, message: 'this machine has no network itself' } : ok(ago)),
  ],
  ['gateway', 'ping', 'us-west', ok],
  ['nginx', 'nginx', 'australia', (ago) => ({ success: true, message: '37 connections', connections: 37 + (ago % 5) })],
]

/** A result a minute of a day and a half; of one region none in the last hour. */
function probes(nowMs: number): NewEvent[] {
  const all = looks.flatMap(([probe, kind, region, of]) =>
    Array.from({ length: 36 * 60 }, (_, index) => 36 * 60 - index)
      .filter((ago) => !(region === 'us-west' && kind === 'ping' && ago < 60))
      .map((ago) =>
        event('probes', 'probe', kind, nowMs - ago * minuteMs, { probe, region, interval_seconds: 60, ...of(ago) }),
      ),
  )
  const pushed = event('backup', 'service_status', 'up', nowMs - minuteMs, {
    service_name: 'nightly-backup',
    interval_seconds: 86_400,
    message: '212 GB',
  })
  return [...all, pushed]
}

/** As time would have done it: each result is received when it is made. */
async function fill(file: string, events: NewEvent[], nowMs: number): Promise<void> {
  const outbox = new Outbox(openOutbox(file, 'full'), file)
  const database = openOutbox(file, 'normal')
  const archive = new Deliveries(database, 'archive')
  await outbox.accept(events)
  if (events.length > 0) {
    archive.settle(
      archive.pull(3, nowMs).map((delivery) => ({
        delivery,
        state: 'dead',
        attempts: 1,
        cause: 'field type conflict: input field "size" is type float, already exists as type integer',
      })),
      nowMs,
    )
    database
      .prepare(
        `update probe_state set heard_ms = result_ms, state = iif(region = 'us-west' and kind = 'ping', 'silent', state),
           message = iif(region = 'us-west' and kind = 'ping', 'nothing was heard of it since then, and it tells something every 60 s', message),
           since_ms = iif(region = 'us-west' and kind = 'ping', result_ms + interval_ms, since_ms)`,
      )
      .run()
    database
      .prepare("insert into probe_silence values ('probed', 'gateway', 'us-west', ?, null, 60000, 0, 0)")
      .run(nowMs - 59 * minuteMs)
    const refusals = new RefusalCounts(database)
    refusals.add('robot', 422, 17, nowMs)
    refusals.add('', 401, 3, nowMs)
    refusals.write()
  }
  database.close()
  outbox.close()
}
