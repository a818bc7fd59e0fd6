// A collector tells how it is: `status` for people and programs, and a point about itself.
import { hostname } from 'node:os'
import t from 'tap'
import type { Child } from '../services/child.ts'
import { Live, type LiveSite, until } from './live.ts'

const live = await Live.start(t)
const outOfReach = { influxdb: { url: 'http://127.0.0.1:9' } }

interface Status {
  running: boolean
  pid: number | null
  last_point: string | null
  lag_seconds: number | null
  waiting_for: string | null
  counters: Record<string, number> | null
  why?: string
}

async function statusOf(one: LiveSite): Promise<Status & { exit: number | null }> {
  const { status, stdout } = await one.run(['status', '--json'])
  return { exit: status, ...(JSON.parse(stdout) as Status) }
}

/** Waits until it answers: the first thing that it tells is that it reads. */
const answering = (one: LiveSite, what: (status: Status) => boolean) =>
  until('a status', async () => what(await statusOf(one)))

t.test('status says what a running collector does, and what it counted', async (t) => {
  const one = await live.site(t)
  const collector = await one.collect()
  await one.site.invoke(3)
  await one.site.refuse()
  await one.wholeWithin()
  await answering(one, ({ last_point }) => last_point !== null)
  const told = await statusOf(one)
  t.match(told, { exit: 0, running: true, pid: collector.process.pid!, lag_seconds: 0, waiting_for: null })
  t.match(told.counters, { requests: 2, accepted: 1, rejected: 1, points: 4, written: 4, refused: 0 })
  const { status, stdout } = await one.run(['status'])
  t.equal(status, 0)
  for (const row of [/^Counting\n/, /running +since 20\S+Z/, /lag +0 s/, /requests +2 {2}1 accepted, 1 rejected/])
    t.match(stdout, row)
})

t.test('status says what is waited for, and since when a line is not counted', async (t) => {
  const one = await live.site(t)
  await one.collect(outOfReach)
  await one.site.invoke()
  await answering(one, ({ waiting_for, lag_seconds }) => waiting_for === 'InfluxDB' && lag_seconds! >= 1)
  t.match((await one.run(['status'])).stdout, /^Waiting for InfluxDB\n[\s\S]*waits for +InfluxDB/)
})

t.test('status says plainly that none runs, and how it ended', async (t) => {
  const one = await live.site(t)
  const never = await one.run(['status'])
  t.match(never, { status: 1, stdout: /^Not running: no collector runs on .*state\n$/ })
  const ended = async (end: (collector: Child) => unknown) => {
    const collector = await one.collect()
    await answering(one, ({ running }) => running)
    end(collector)
    await collector.exited
    return statusOf(one)
  }
  const nothing = { exit: 1, running: false, pid: null, last_point: null, lag_seconds: null, counters: null }
  t.match(await ended((collector) => collector.signal('SIGTERM')), { ...nothing, why: /no collector runs/ })
  t.match(await ended((collector) => collector.signal('SIGKILL')), { ...nothing, why: /without saying so/ })
  const hanging = await one.collect()
  hanging.signal('SIGSTOP')
  t.match(await statusOf(one), { ...nothing, why: /has not answered/ })
  hanging.signal('SIGCONT')
  t.match(await statusOf(one), { exit: 0, running: true }, 'and a socket that was left behind is in nobody’s way')
})

t.test('a point about the collector itself has its totals, and is none of those counted', async (t) => {
  const one = await live.site(t)
  await one.site.invoke(2)
  await one.collect()
  await one.wholeWithin()
  const points = () => live.influxdb.pointsOf(one.name, 'workflow_reporting')
  await until('the first point about itself', async () => (await points()).length > 0)
  const [point] = await points()
  t.same(point!.tags, { host: hostname() })
  t.same(
    Object.keys(point!.fields).sort(),
    [
      ...['lines', 'malformed', 'requests', 'accepted', 'rejected', 'undecodable', 'unresolved'],
      ...['points', 'written', 'refused', 'lag_seconds', 'uptime_seconds'],
    ].sort(),
  )
  t.equal((await statusOf(one)).counters!['written'], 2)
})
