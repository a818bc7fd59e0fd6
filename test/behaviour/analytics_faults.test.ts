// One fault after the other, and restarts in between: at Amplitude each event is there once, at Google by the record.
import { DatabaseSync } from 'node:sqlite'
import t from 'tap'
import { destinationOf } from '../../src/commands/destinations.ts'
import { destination } from '../../src/config/destinations.ts'
import { AmplitudeService } from '../services/amplitude.ts'
import { GoogleAnalyticsService } from '../services/google_analytics.ts'
import { event, HubOfTest } from '../services/hub.ts'
import type { Fault, JsonServer } from '../services/json_server.ts'
import { temporaryFolder } from '../services/temporary.ts'

const faults: Fault[] = [
  { status: 500 },
  'worked on, then breaks off',
  { status: 503, body: '<html>away</html>' },
  'breaks off',
  { status: 429 },
  'worked on, then breaks off',
]
const waves = 12
const inOneWave = 40

/** Sends events in waves, each met by a fault; every third is met by a restart besides. */
async function ordeal(hub: HubOfTest, server: JsonServer): Promise<string[]> {
  const ids: string[] = []
  for (let wave = 0; wave < waves; wave++) {
    const events = Array.from({ length: inOneWave }, (_, index) => event('done', { user_id: `user-${index % 7}` }))
    ids.push(...events.map(({ id }) => id))
    server.faults.push(faults[wave % faults.length]!)
    await hub.accept(...events)
    if (wave % 3 === 2) {
      await hub.end()
      await hub.begin()
    }
    await hub.settled(ids.length)
  }
  return ids.sort()
}

t.test('Amplitude', async (t) => {
  const amplitude = await AmplitudeService.start('the key')
  await using server = amplitude.server
  await using hub = await HubOfTest.start({ kind: 'amplitude', api_key: 'the key', server: server.url, batch: 25 })
  const ids = await ordeal(hub, server)
  t.same(amplitude.taken.map(({ insert_id }) => insert_id).sort(), ids)
  t.ok(amplitude.repeats() > 0, 'some were sent twice')
  t.ok(hub.outcomes().every(({ state }) => state === 'delivered'))
})

t.test('Google Analytics', async (t) => {
  const google = await GoogleAnalyticsService.start()
  await using server = google.server
  const keys = { kind: 'google_analytics', measurement_id: 'G-ABC', api_secret: 'the secret' }
  await using hub = await HubOfTest.start({ ...keys, server: server.url, batch: 25 })
  const ids = await ordeal(hub, server)
  t.ok(hub.outcomes().every(({ state }) => state === 'delivered'))
  await hub.end()
  const database = new DatabaseSync(`${hub.stateFolder}/sent-there.sqlite`, { readOnly: true })
  const rows = database.prepare('select event_id, state from sent order by event_id').all()
  database.close()
  t.same(
    rows.map((row) => ({ ...row })),
    ids.map((id) => ({ event_id: id, state: 'sent' })),
  )
  t.same(google.objections, [])
  const unmarked = google.events.filter(({ params }) => params?.['sent_again'] === undefined)
  const came = new Set(google.events.map(({ params }) => params?.['event_id']))
  t.same([...came].sort(), ids, 'all are there')
  t.ok(unmarked.length <= ids.length && google.events.length > ids.length, 'and what came twice is marked')
})

t.test('Amplitude forgets an id after seven days, and takes it for another event', async (t) => {
  const amplitude = await AmplitudeService.start('the key')
  await using server = amplitude.server
  await using folder = await temporaryFolder('amplitude')
  const settings = destination.parse({ kind: 'amplitude', api_key: 'the key', server: server.url })
  const there = await destinationOf('there', settings, folder.path)
  const events = [{ ...event('a'), ordinal: 0, receivedMs: 0 }]
  for (const [days, count] of [
    [0, 1],
    [6, 1],
    [8, 2],
  ] as const) {
    amplitude.clock.aheadMs = days * 86_400_000
    t.same(await there.write(events), [])
    t.equal(amplitude.taken.length, count)
  }
  await there.close()
})
