// Silence of a probe is a failure, told once; the hub's own absence is not.
import t from 'tap'
import { Unavailable } from '../../../src/base/errors.ts'
import { probed, type TestHub, testHub } from './hub.ts'

const start = Date.parse('2026-06-25T10:00:00Z')
const minute = 60_000
const at = (minutes: number) => start + minutes * minute

/** Looks each five seconds, as the hub does. */
async function lookUntil(watch: ReturnType<TestHub['watch']>, fromMs: number, untilMs: number): Promise<void> {
  for (let now = fromMs; now <= untilMs; now += 5000) await watch.look(now)
}

t.test('after three intervals without a result a probe is silent, told once, also across restarts', async (t) => {
  const hub = await testHub(t)
  await hub.acceptAt(start, probed(start))
  const watch = hub.watch(start)
  await lookUntil(watch, start, at(3))
  t.match(hub.probes(at(3)), [{ state: 'up' }])
  await lookUntil(watch, at(3), at(10))
  t.match(hub.probes(at(10)), [{ state: 'silent', since: new Date(at(1)).toISOString() }])
  t.match(hub.probes(at(10))[0]!.message, /^nothing was heard of it since 2026-06-25 10:00:00 UTC/)
  t.equal(hub.counts()['hub probe.silent'], 1)
  await lookUntil(hub.watch(at(10)), at(10), at(30))
  t.equal(hub.counts()['hub probe.silent'], 1)

  await hub.acceptAt(at(31), probed(at(31)))
  t.match(hub.probes(at(31)), [{ state: 'up', since: new Date(at(31)).toISOString() }])
  await lookUntil(hub.watch(at(31)), at(31), at(32))
  await lookUntil(hub.watch(at(32)), at(32), at(33))
  t.equal(hub.counts()['hub probe.heard'], 1)
  t.match(hub.probes(at(31))[0]!.spans['24h'], { up: 2, down: 0, missing: 30, availability: 2 / 32 })
})

t.test('results that were kept while they could not be sent are no silence afterwards', async (t) => {
  const hub = await testHub(t)
  await hub.acceptAt(start, probed(start))
  await lookUntil(hub.watch(start), start, at(10))
  const kept = Array.from({ length: 10 }, (_, index) => probed(at(index + 1)))
  await hub.acceptAt(at(10), ...kept)
  t.match(hub.probes(at(10))[0], { state: 'up', spans: { '24h': { up: 11, missing: 0, availability: 1 } } })
})

t.test('a probe that says nothing of an interval is never silent', async (t) => {
  const hub = await testHub(t)
  await hub.acceptAt(start, probed(start, { interval_seconds: null }))
  await lookUntil(hub.watch(start), start, at(20))
  t.match(hub.probes(at(20)), [{ state: 'up' }])
})

t.test('a hub that was down, asleep or could keep nothing does not blame the probes', async (t) => {
  const hub = await testHub(t)
  await hub.acceptAt(start, probed(start))
  const after = hub.watch(at(60))
  await lookUntil(after, at(60), at(62))
  t.match(hub.probes(at(62)), [{ state: 'up' }], 'it was down')
  await lookUntil(after, at(120), at(122))
  t.match(hub.probes(at(122)), [{ state: 'up' }], 'it was asleep')
  const full = hub.watch(at(130), { failedMs: () => at(133) })
  await lookUntil(full, at(130), at(136))
  t.match(hub.probes(at(136)), [{ state: 'up' }], 'its disk was full')
  await lookUntil(full, at(136), at(137))
  t.match(hub.probes(at(137)), [{ state: 'silent', since: new Date(at(134)).toISOString() }])
})

t.test('nobody minds silence in maintenance, and its time begins anew afterwards', async (t) => {
  const hub = await testHub(t)
  await hub.acceptAt(start, probed(start))
  const watch = hub.watch(start, { isMaintained: (_, ms) => ms < at(30) })
  await lookUntil(watch, start, at(32))
  t.match(hub.probes(at(32)), [{ state: 'up' }])
  await lookUntil(watch, at(32), at(34))
  t.match(hub.probes(at(34)), [{ state: 'silent' }])
})

t.test('what could not be told is told another time', async (t) => {
  const hub = await testHub(t)
  await hub.acceptAt(start, probed(start))
  let isFull = true
  const watch = hub.watch(start, {
    accept: async (events) => {
      if (isFull) throw new Unavailable({ what: 'outbox', where: 'there', cause: 'full' })
      return hub.acceptAt(at(20), ...events)
    },
  })
  await lookUntil(watch, start, at(10))
  t.match(hub.probes(at(10)), [{ state: 'up' }])
  isFull = false
  await lookUntil(watch, at(10), at(11))
  t.match(hub.probes(at(11)), [{ state: 'silent' }])
})
