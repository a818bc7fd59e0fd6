// What the running collector tells of itself.
import t from 'tap'
import { newCounters } from '../../../src/base/counters.ts'
import { Progress, sentenceOf } from '../../../src/base/progress.ts'

const startMs = Date.parse('2026-06-25T04:12:00Z')

function progressAt() {
  const clock = { ms: startMs }
  const counters = newCounters()
  const progress = new Progress(counters, () => clock.ms)
  const later = (seconds: number) => {
    clock.ms += seconds * 1000
  }
  return { progress, counters, later, nowMs: () => clock.ms }
}

t.test('before anything was read', async (t) => {
  const { progress } = progressAt()
  t.equal(progress.begun, false)
  t.same(progress.report(), {
    running: true,
    pid: process.pid,
    since: '2026-06-25T04:12:00Z',
    last_line: null,
    last_point: null,
    lag_seconds: 0,
    waiting_for: null,
    counters: newCounters(),
  })
  t.equal(
    sentenceOf(progress.report()),
    'Counting: no line since 06-25 04:12:00Z, no point yet, lag 0 s, 0 points written, 0 refused',
  )
})

t.test('reading has begun with the first look, long before a week of logs is read', async (t) => {
  const { progress } = progressAt()
  progress.looked(true)
  t.equal(progress.begun, true)
})

t.test('last line and last point are when they were read and written', async (t) => {
  const { progress, counters, later, nowMs } = progressAt()
  later(60)
  counters.lines += 3
  progress.pulled(nowMs(), nowMs())
  later(1)
  counters.written += 1
  progress.wrote()
  progress.finished()
  later(5)
  progress.pulled(null, null)
  t.match(progress.report(), { last_line: '2026-06-25T04:13:00Z', last_point: '2026-06-25T04:13:01Z' })
  t.equal(progress.begun, true)
  t.not(progress.report().counters, counters, 'a report does not change afterwards')
})

t.test('lag is the age of the oldest line that is not written', async (t) => {
  const { progress, counters, later, nowMs } = progressAt()
  counters.lines += 1000
  progress.pulled(nowMs() - 7200_000, nowMs() - 3600_000)
  t.equal(progress.report().lag_seconds, 7200)
  progress.wrote()
  progress.finished()
  t.equal(progress.report().lag_seconds, 3600, 'there may be more behind the last line of a batch')
  later(10)
  progress.looked(true)
  t.equal(progress.report().lag_seconds, 3610)
  progress.looked(false)
  t.equal(progress.report().lag_seconds, 0, 'nothing new was found: all is read')
})

t.test('what is waited for, and how long that has held things up', async (t) => {
  const { progress, later } = progressAt()
  progress.waits('the access log')
  t.equal(progress.begun, true, 'a collector that waits for its log runs')
  later(30)
  progress.waits('the access log')
  later(12)
  t.match(progress.report(), { waiting_for: 'the access log', lag_seconds: 42 })
  t.match(sentenceOf(progress.report()), /^Waiting for the access log: .* lag 42 s/)
  progress.waits(null)
  t.match(progress.report(), { waiting_for: null, lag_seconds: 0 })
})

t.test('a line in the hand counts more than the waiting', async (t) => {
  const { progress, later, nowMs } = progressAt()
  progress.pulled(nowMs() - 5000, nowMs())
  progress.waits('InfluxDB')
  later(60)
  t.equal(progress.report().lag_seconds, 65)
})

t.test('every sign of life counts, and nothing else', async (t) => {
  const { progress } = progressAt()
  const deeds = [
    () => progress.looked(false),
    () => progress.looked(true),
    () => progress.pulled(null, null),
    () => progress.wrote(),
    () => progress.finished(),
    () => progress.waits('InfluxDB'),
  ]
  for (const deed of deeds) {
    const before = progress.signs
    progress.report()
    t.equal(progress.signs, before)
    deed()
    t.ok(progress.signs > before)
  }
})
