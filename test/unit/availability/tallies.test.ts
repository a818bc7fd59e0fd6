// What is counted is what was accepted, and how a probe is follows from its results.
import t from 'tap'
import { event, probed, testHub } from './hub.ts'

const start = Date.parse('2026-06-25T10:00:00Z')
const minute = 60_000

t.test('each accepted event is counted once, and a duplicate never', async (t) => {
  const hub = await testHub(t)
  const login = event(start, 'user_activity', 'login')
  await hub.outbox.accept([login, { ...event(start, 'job', 'new'), known: false }])
  t.same(await hub.outbox.accept([login]), ['duplicate'])
  await Promise.all([hub.outbox.accept([event(start, 'user_activity', 'login')]), hub.outbox.accept([login])])
  t.same(hub.counts(), { 'galaxy user_activity.login': 2, 'galaxy job.new unknown': 1 })
})

t.test('what could not be kept is not counted', async (t) => {
  const hub = await testHub(t)
  const failing = hub.outbox.accept([event(start, 'job', 'a'), probed(start)], () => {
    throw new Error('our own fault')
  })
  await t.rejects(failing, /our own fault/)
  t.same(hub.counts(), {})
  t.same(hub.probes(start), [])
  await hub.outbox.accept([event(start, 'job', 'a'), probed(start)])
  t.same(hub.counts(), { 'galaxy job.a': 1, 'galaxy probe.http': 1 })
})

t.test('names of types are bounded, and their numbers exact', async (t) => {
  const hub = await testHub(t)
  const names = Array.from({ length: 5010 }, (_, index) => `type${index}`)
  await hub.outbox.accept(names.map((name) => event(start, 'job', name)))
  const counts = hub.counts()
  t.equal(Object.keys(counts).length, 5001)
  t.equal(counts['galaxy (other).(other) unknown'], 10)
})

t.test('a probe is as its last result says, since that changed', async (t) => {
  const hub = await testHub(t)
  const later = (minutes: number) => start + minutes * minute
  await hub.acceptAt(later(0), probed(later(0)))
  await hub.acceptAt(later(1), probed(later(1), { success: false, message: 'status 502', response_ms: 300 }))
  await hub.acceptAt(later(2), probed(later(2), { success: false, message: 'status 503' }))
  t.match(hub.probes(later(2)), [
    {
      name: 'home',
      region: 'eu',
      how: 'probed',
      kind: 'http',
      state: 'down',
      since: new Date(later(1)).toISOString(),
      message: 'status 503',
      responses: [100, 300, 100],
      spans: { '24h': { up: 1, down: 2, availability: 1 / 3, responseMsMax: 300 } },
    },
  ])
  await hub.acceptAt(later(3), probed(later(1.5)))
  t.match(hub.probes(later(3)), [{ state: 'down', since: new Date(later(1)).toISOString() }], 'what comes late is past')
  t.match(hub.probes(later(3))[0]!.spans['24h'], { up: 2, down: 2 })
})

t.test('maintenance, and what a probe cannot tell, count neither way', async (t) => {
  const hub = await testHub(t)
  await hub.acceptAt(start, probed(start))
  await hub.acceptAt(start + minute, probed(start + minute, { success: false, maintenance: true }))
  t.match(hub.probes(start + minute), [{ state: 'maintenance' }])
  hub.outbox.probes.isMaintained = ({ name }) => name === 'home'
  await hub.acceptAt(start + 2 * minute, probed(start + 2 * minute, { success: false }))
  t.match(hub.probes(start + minute), [{ state: 'maintenance', since: new Date(start + minute).toISOString() }])
  hub.outbox.probes.isMaintained = () => false
  await hub.acceptAt(start + 3 * minute, probed(start + 3 * minute, { success: false, state: 'unknown' }))
  t.match(hub.probes(start + 3 * minute), [{ state: 'unknown' }])
  t.match(hub.probes(start + 3 * minute)[0]!.spans['7d'], {
    up: 1,
    down: 0,
    maintenance: 2,
    unknown: 1,
    availability: 1,
  })
})

t.test('a program can push how it is, as Clowder does', async (t) => {
  const hub = await testHub(t)
  const push = (type: string) => event(start, 'service_status', type, { service_name: 'extractor', created: start })
  await hub.acceptAt(start, push('up'))
  t.match(hub.probes(start), [{ how: 'pushed', name: 'extractor', state: 'up', intervalSeconds: null }])
  await hub.acceptAt(start, push('down'))
  t.match(hub.probes(start), [{ state: 'down' }])
})

t.test('old hours are let go of, and so is a probe that has long not been heard', async (t) => {
  const hub = await testHub(t)
  await hub.acceptAt(start, probed(start), event(start, 'job', 'a'))
  hub.outbox.forgetCounts(start - 3_600_000, start)
  t.not(Object.keys(hub.counts()).length, 0)
  hub.outbox.forgetCounts(start + 3_600_000, start + 31 * 24 * 3_600_000)
  t.same(hub.counts(), {})
  t.same(hub.probes(start), [])
})
