// Events at Amplitude, whatever it answers. It is a stand-in that does what is documented.
import { readFileSync, statSync } from 'node:fs'
import t from 'tap'
import { Unavailable } from '../../src/base/errors.ts'
import { Amplitude, type AmplitudeEvent } from '../../src/clients/amplitude.ts'
import { AmplitudeService } from '../services/amplitude.ts'
import { makeCertificates } from '../services/certificates.ts'
import { event, HubOfTest } from '../services/hub.ts'
import { JsonServer, until } from '../services/json_server.ts'
import { temporaryFolder } from '../services/temporary.ts'

const key = 'MARKER-of-the-project'

async function both(settings: object = {}) {
  const amplitude = await AmplitudeService.start(key)
  const hub = await HubOfTest.start({ kind: 'amplitude', api_key: key, server: amplitude.server.url, ...settings })
  return {
    amplitude,
    hub,
    async [Symbol.asyncDispose]() {
      await hub[Symbol.asyncDispose]()
      await amplitude.server[Symbol.asyncDispose]()
    },
  }
}

t.test('an event with its time, its id, its payload and nobody named', async (t) => {
  await using there = await both({ names: { 'job.done': 'Job done' } })
  const { hub, amplitude } = there
  const one = event('done', { user_id: 'alice-4711', user_name: 'Alice', size: 7 }, 1_782_345_678_901)
  const anonymous = event('seen', { user_id: '000000000000000000000000' })
  await hub.accept(one, event('done', { user_id: 'alice-4711' }), event('seen'), anonymous)
  await hub.settled(4)
  const [first, second, third, fourth] = amplitude.taken
  t.match(first, { event_type: 'Job done', time: 1_782_345_678_901, insert_id: one.id })
  t.same(first?.event_properties, { source: 'galaxy', size: 7 })
  t.equal(first?.device_id, second?.device_id, 'one person is one device')
  t.equal(third?.event_type, 'job.seen')
  t.equal(third?.device_id, fourth?.device_id, "Clowder's anonymous id is nobody")
  t.not(first?.device_id, third?.device_id)
  t.equal(statSync(`${hub.stateFolder}/pseudonym_salt`).mode & 0o777, 0o600)
  await hub.end()
  await hub.begin()
  await hub.accept(event('again', { user_id: 'alice-4711' }))
  await hub.settled(5)
  t.equal(amplitude.taken.at(-1)?.device_id, first?.device_id, 'also after a restart')
  t.notMatch(JSON.stringify(amplitude.taken), /alice/i)
})

t.test('with `personal` the person is named, where Amplitude takes the id', async (t) => {
  await using there = await both({ personal: true })
  const { hub, amplitude } = there
  await hub.accept(...['alice-4711', '42', 'undefined', 4711042].map((user_id) => event('done', { user_id })))
  await hub.settled(4)
  t.same(
    amplitude.taken.map(({ user_id }) => user_id),
    ['alice-4711', undefined, undefined, '4711042'],
  )
})

for (const fault of [
  { status: 500 },
  { status: 503 },
  { status: 502, body: '<html>' },
  { status: 400, body: '<html>a proxy</html>' },
  { status: 429, body: '' },
  'breaks off' as const,
  'worked on, then breaks off' as const,
])
  t.test(`${JSON.stringify(fault)}: each event is there once all the same`, async (t) => {
    await using there = await both()
    const { hub, amplitude } = there
    amplitude.server.faults.push(fault, fault)
    const events = Array.from({ length: 20 }, (_, index) => event(`n${index}`))
    await hub.accept(...events)
    await hub.settled(20)
    t.same(
      amplitude.taken.map(({ insert_id }) => insert_id),
      events.map(({ id }) => id),
    )
    t.equal(amplitude.repeats() > 0, fault === 'worked on, then breaks off', 'told apart by insert_id')
    t.notMatch(hub.said, /MARKER/)
  })

t.test('400: the events that it names are refused with the field, the others are taken', async (t) => {
  await using there = await both()
  const { hub, amplitude } = there
  const lists = { events_with_invalid_fields: { time: [1] }, events_with_missing_fields: { event_type: [3, 99] } }
  const body = JSON.stringify({ code: 400, error: 'Invalid field values on some events', ...lists })
  amplitude.server.faults.push({ status: 400, body })
  await hub.accept(...['a', 'b', 'c', 'd'].map((type) => event(type)))
  await hub.settled(4)
  t.match(hub.outcomes(), [
    { type: 'a', state: 'delivered' },
    { type: 'b', state: 'dead', cause: 'invalid time' },
    { type: 'c', state: 'delivered' },
    { type: 'd', state: 'dead', cause: 'missing event_type' },
  ])
  t.same(
    amplitude.taken.map(({ event_type }) => event_type),
    ['job.a', 'job.c'],
  )
})

t.test('400 without names: the event is found by halving', async (t) => {
  const bad = 'job.bad'
  await using server = await JsonServer.start(({ body }) =>
    (JSON.parse(body) as { events: AmplitudeEvent[] }).events.some(({ event_type }) => event_type === bad)
      ? { status: 400, body: JSON.stringify({ code: 400, error: 'Invalid event JSON' }) }
      : { status: 200 },
  )
  await using hub = await HubOfTest.start({ kind: 'amplitude', api_key: key, server: server.url })
  await hub.accept(...['a', 'b', 'bad', 'c'].map((type) => event(type)))
  await hub.settled(4)
  t.same(
    hub.outcomes().map(({ state }) => state),
    ['delivered', 'delivered', 'dead', 'delivered'],
  )
  t.equal(hub.outcomes()[2]?.cause, 'HTTP 400: Invalid event JSON')
})

t.test('413: halved, until one alone is too large', async (t) => {
  await using there = await both()
  const { hub, amplitude } = there
  const many = Object.fromEntries(Array.from({ length: 999 }, (_, index) => [`field${index}`, 'x'.repeat(1024)]))
  const some = Array.from({ length: 12 }, (_, index) =>
    event(`n${index}`, Object.fromEntries(Object.entries(many).slice(0, 200))),
  )
  amplitude.server.faults.push({ status: 413 })
  await hub.accept(...some.slice(0, 6), event('huge', many), ...some.slice(6))
  await hub.settled(13)
  t.equal(amplitude.taken.length, 12)
  t.match(
    hub.outcomes().find(({ state }) => state === 'dead'),
    { type: 'huge', cause: 'HTTP 413: too large' },
  )
})

t.test('429: who is throttled waits half a minute, and others pass', async (t) => {
  await using there = await both({ personal: true })
  const { hub, amplitude } = there
  amplitude.throttled.add('quick-user')
  const by = (user_id: string) => event('done', { user_id })
  await hub.accept(by('quick-user'), by('other-user'), by('quick-user'), by('third-user'))
  await hub.settled(4, ['delivered', 'retrying'])
  await hub.accept(by('quick-user'), by('fourth-user'))
  await hub.settled(6, ['delivered', 'retrying'])
  t.same(
    hub.outcomes().map(({ state, waits }) => (waits ? 'waits' : state)),
    ['waits', 'delivered', 'waits', 'delivered', 'waits', 'delivered'],
  )
  t.same(
    amplitude.taken.map(({ user_id }) => user_id),
    ['other-user', 'third-user', 'fourth-user'],
  )
  t.equal(amplitude.server.requests, 3, 'and is not asked about meanwhile')
})

t.test('a device that Amplitude has silenced is refused', async (t) => {
  await using there = await both({ personal: true })
  const { hub, amplitude } = there
  amplitude.silenced.add('loud-user')
  await hub.accept(event('a', { user_id: 'loud-user' }), event('b', { user_id: 'other-user' }))
  await hub.settled(2)
  t.match(hub.outcomes(), [{ state: 'dead', cause: 'Amplitude has silenced the device' }, { state: 'delivered' }])
})

t.test('a wrong key: events wait, it says what to do, and never the key', async (t) => {
  await using there = await both({ api_key: 'MARKER-of-another' })
  const { hub } = there
  await hub.accept(event('a'))
  await until(() => hub.state.circuit === 'open' && hub.said.includes('event=waiting'))
  t.same(hub.outcomes(), [])
  t.match(hub.said, /Invalid API key.*Check api_key/)
  t.notMatch(hub.said, /MARKER/)
})

t.test('the batch API', async (t) => {
  await using there = await both({ api: 'batch' })
  await there.hub.accept(event('a'))
  await there.hub.settled(1)
  t.equal(there.amplitude.taken.length, 1)
})

t.test('no answer is waited for without end, and an unknown certificate is not believed', async (t) => {
  const of = (server: string) => new Amplitude({ server, api: 'http', apiKey: key, minIdLength: 5 }, 300)
  await using amplitude = (await AmplitudeService.start(key)).server
  amplitude.faults.push('hangs')
  const late = of(amplitude.url)
  await t.rejects(
    late.send([]),
    new Unavailable({ what: 'Amplitude', where: amplitude.url, cause: 'no answer within 0.3 s' }),
  )
  late.close()
  await using folder = await temporaryFolder('certificates')
  const { keyFile, certificateFile } = await makeCertificates(folder.path)
  const certificate = { key: readFileSync(keyFile), cert: readFileSync(certificateFile) }
  await using secure = await JsonServer.start(() => ({ status: 200 }), certificate)
  const client = of(secure.url)
  await t.rejects(client.send([]), { message: /certificate.*NODE_EXTRA_CA_CERTS/ })
  t.equal(secure.requests, 0)
  client.close()
})
