// Events at Google Analytics 4, which takes anything and says nothing. It is a stand-in that does what is documented.
import { statSync } from 'node:fs'
import { DatabaseSync } from 'node:sqlite'
import t from 'tap'
import { destinationOf } from '../../src/commands/destinations.ts'
import { destination } from '../../src/config/destinations.ts'
import { SentRecord } from '../../src/outbox/sent.ts'
import { GoogleAnalyticsService } from '../services/google_analytics.ts'
import { event, HubOfTest } from '../services/hub.ts'
import { JsonServer, until } from '../services/json_server.ts'
import { temporaryFolder } from '../services/temporary.ts'

const secret = 'MARKER/of the+stream'
const hour = 3_600_000
const keys = { kind: 'google_analytics', measurement_id: 'G-ABC123', api_secret: secret }

async function both(settings: object = {}) {
  const google = await GoogleAnalyticsService.start()
  const hub = await HubOfTest.start({ ...keys, server: google.server.url, ...settings })
  return {
    google,
    hub,
    record: () => recordIn(hub.stateFolder),
    async [Symbol.asyncDispose]() {
      await hub[Symbol.asyncDispose]()
      await google.server[Symbol.asyncDispose]()
    },
  }
}

function recordIn(stateFolder: string) {
  const database = new DatabaseSync(`${stateFolder}/sent-there.sqlite`, { readOnly: true })
  const rows = database.prepare('select event_id, state, times from sent order by event_id').all()
  database.close()
  return rows.map((row) => ({ ...row }))
}

t.test('an event with all that its reports need, and nobody named', async (t) => {
  await using there = await both({ consent: { ad_user_data: 'granted' }, user_properties: ['plan'] })
  const { hub, google } = there
  const one = event('done', { user_id: 'alice', user_name: 'Alice', size: 7, plan: 'free', deep: { er: [1, 'x'] } })
  await hub.accept(one, event('session_start', { user_id: 'bob' }))
  await hub.settled(2)
  t.same(google.objections, [])
  const [first, second] = google.collected
  t.match(first, { client_id: /^\d+\.\d+$/, consent: { ad_user_data: 'GRANTED' }, validation_behavior: 'RELAXED' })
  t.notOk(first && 'user_id' in first)
  t.same(first?.user_properties, { plan: { value: 'free' } })
  t.match(first?.events, [
    {
      name: 'job_done',
      timestamp_micros: one.occurredMs * 1000,
      params: { event_id: one.id, size: 7, deep_er: '1,x', session_id: /^\d+$/, engagement_time_msec: 1 },
    },
  ])
  t.not(first?.client_id, second?.client_id)
  t.notMatch(JSON.stringify(google.collected), /alice|bob/i)
  t.equal(statSync(`${hub.stateFolder}/pseudonym_salt`).mode & 0o777, 0o600)
  t.equal(statSync(`${hub.stateFolder}/sent-there.sqlite`).mode & 0o777, 0o600)
})

t.test('grouped by user, 25 in a request, each once', async (t) => {
  await using there = await both({ personal: true })
  const { hub, google } = there
  const events = Array.from({ length: 90 }, (_, index) => event(`n${index}`, { user_id: `user ${index % 3}` }))
  await hub.accept(...events)
  await hub.settled(90)
  t.same(google.objections, [])
  t.same(
    google.collected.map(({ user_id, events }) => [user_id, events.length]).sort(),
    [0, 1, 2].flatMap((user) => [25, 5].map((count) => [`user ${user}`, count])).sort(),
  )
  t.equal(new Set(google.collected.map(({ client_id }) => client_id)).size, 3)
  t.same(new Set(google.events.map(({ params }) => params?.['event_id'])), new Set(events.map(({ id }) => id)))
  t.ok(there.record().every(({ state, times }) => state === 'sent' && times === 1))
  t.equal(there.record().length, 90)
})

for (const fault of [{ status: 500 }, { status: 429 }, { status: 302 }, 'breaks off' as const])
  t.test(`${JSON.stringify(fault)}: waited for, and each event is recorded once`, async (t) => {
    await using there = await both()
    const { hub, google } = there
    google.server.faults.push(fault, fault)
    const events = Array.from({ length: 30 }, (_, index) => event(`n${index}`))
    await hub.accept(...events)
    await hub.settled(30)
    t.equal(google.events.length, 30)
    t.same(
      there.record().map(({ event_id, state }) => ({ event_id, state })),
      events
        .map(({ id }) => id)
        .sort()
        .map((id) => ({ event_id: id, state: 'sent' })),
    )
    const again = google.events.filter(({ params }) => params?.['sent_again'] === 1).length
    t.equal(again > 0, fault === 'breaks off', 'marked where it is not known whether the first time counted')
    t.notMatch(hub.said, /MARKER/)
    t.match(hub.said, /Google Analytics/)
  })

t.test('an answer that is lost: sent again, marked, and still one row', async (t) => {
  await using there = await both()
  const { hub, google } = there
  google.server.faults.push('worked on, then breaks off')
  const one = event('a')
  await hub.accept(one)
  await hub.settled(1)
  t.same(
    google.events.map(({ params }) => params?.['sent_again']),
    [undefined, 1],
  )
  t.same(there.record(), [{ event_id: one.id, state: 'sent', times: 2 }])
})

t.test('what is recorded as sent is never sent again, whatever the queue says', async (t) => {
  await using google = (await GoogleAnalyticsService.start()).server
  await using folder = await temporaryFolder('google')
  const settings = destination.parse({ ...keys, server: google.url })
  const events = ['a', 'b', 'c'].map((type) => ({ ...event(type), ordinal: 0, receivedMs: 0 }))
  const first = await destinationOf('there', settings, folder.path)
  t.same(await first.write(events.slice(0, 2)), [])
  await first.close()
  const asked = google.requests
  const second = await destinationOf('there', settings, folder.path)
  t.same(await second.write(events.slice(0, 2)), [])
  t.equal(google.requests, asked)
  t.same(await second.write([...events, events[2]!]), [])
  t.equal(google.requests, asked + 1)
  await second.close()
})

t.test('nothing listens: it is known that nothing was sent', async (t) => {
  await using folder = await temporaryFolder('google')
  const { url } = await JsonServer.start(() => ({ status: 204 })).then(async (server) => {
    await server[Symbol.asyncDispose]()
    return server
  })
  const there = await destinationOf('there', destination.parse({ ...keys, server: url }), folder.path)
  await t.rejects(there.write([{ ...event('a'), ordinal: 0, receivedMs: 0 }]), { message: /ECONNREFUSED/ })
  await t.rejects(there.probe(), { message: /^(?!.*MARKER).*ECONNREFUSED/ })
  await there.close()
  t.match(recordIn(folder.path), [{ state: 'failed', times: 1 }])
})

t.test('killed between sending and the answer: sent again, marked', async (t) => {
  await using there = await both()
  const { hub, google } = there
  const one = event('a')
  await hub.end()
  const record = new SentRecord(`${hub.stateFolder}/sent-there.sqlite`, 400)
  record.begin([one.id], Date.now())
  record.close()
  await hub.begin()
  await hub.accept(one)
  await hub.settled(1)
  t.match(google.events, [{ params: { event_id: one.id, sent_again: 1 } }])
  t.same(there.record(), [{ event_id: one.id, state: 'sent', times: 2 }])
})

t.test('the record cannot be written: nothing is sent before it can', async (t) => {
  await using there = await both()
  const { hub, google } = there
  await hub.accept(event('a'))
  await hub.settled(1)
  const holder = new DatabaseSync(`${hub.stateFolder}/sent-there.sqlite`)
  holder.exec('begin immediate')
  await hub.accept(event('b'))
  await until(() => hub.said.includes('record of what was sent'))
  t.equal(google.events.length, 1)
  holder.exec('rollback')
  holder.close()
  await hub.settled(2)
  t.equal(google.events.length, 2)
})

t.test('older than 72 hours: a dead letter, or sent as if it were not', async (t) => {
  const old = event('old', {}, Date.now() - 73 * hour)
  await using dropping = await both()
  await dropping.hub.accept(old, event('new'))
  await dropping.hub.settled(2)
  t.match(dropping.hub.outcomes(), [
    { type: 'old', state: 'dead', cause: /^older than the 72 hours that Google Analytics takes/ },
    { type: 'new', state: 'delivered' },
  ])
  t.equal(dropping.google.events.length, 1)
  await using restamping = await both({ late: 'restamp' })
  await restamping.hub.accept(old)
  await restamping.hub.settled(1)
  t.same(restamping.google.objections, [])
  t.match(restamping.google.events, [{ params: { occurred_at: new Date(old.occurredMs).toISOString() } }])
})

t.test('the record forgets what is older than it keeps', async (t) => {
  await using folder = await temporaryFolder('google')
  const record = new SentRecord(folder.file('sent-there.sqlite'), 100)
  const nowMs = Date.now()
  record.begin(['old'], nowMs - 101 * 24 * hour)
  record.begin(['new'], nowMs)
  record.end(['new'], 'sent', nowMs)
  t.equal(record.stateOf('old'), 'new')
  t.equal(record.stateOf('new'), 'sent')
  record.close()
})

t.test('what its validation objects to is told with path and code', async (t) => {
  const message = { fieldPath: 'events.name', description: 'no such thing', validationCode: 'NAME_INVALID' }
  await using server = await JsonServer.start(() => ({
    status: 200,
    body: JSON.stringify({ validationMessages: [message] }),
  }))
  await using folder = await temporaryFolder('google')
  const there = await destinationOf('there', destination.parse({ ...keys, server: server.url }), folder.path)
  await t.rejects(there.probe(), { message: /its validation objects: events\.name NAME_INVALID: no such thing/ })
  await there.close()
})
