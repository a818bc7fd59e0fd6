// Every panel of the collector's dashboard shows what two collectors told, one of which was started again.
import { randomBytes } from 'node:crypto'
import t, { type Test } from 'tap'
import { startInfluxdb } from '../services/influxdb.ts'
import { needs } from '../services/needed.ts'
import { type Counter, lineProtocol, minutesUntil, type Told, told } from './collector_world.ts'
import type { Choice } from './viewer/variables.ts'
import { dashboardOf, look, offered, type Shown } from './viewer/viewer.ts'

const minuteMs = 60_000
const intervalMinutes = 10
const intervalMs = intervalMinutes * minuteMs
const end = Date.UTC(2026, 5, 8, 12)
const range = { fromMs: end - 120 * minuteMs, toMs: end }
const dashboard = dashboardOf('workflow-collector.json')

// The second begins later and is started again twice; it reads less after that, so that its totals fall.
const tellings = [
  ...told(
    minutesUntil(end, 100, 'galaxy-1', (before) => ({
      grown: {
        lines: 500 + before,
        requests: 9,
        accepted: 3,
        rejected: before % 3,
        undecodable: before % 2,
        unresolved: before % 4 === 0 ? 1 : 0,
        points: 4,
        written: 4,
        malformed: before % 5,
      },
      lagSeconds: before % 7,
    })),
  ),
  ...told(
    minutesUntil(end - 3 * minuteMs, 60, 'galaxy-2', (before) => ({
      grown: {
        lines: before < 20 ? 7 : 70,
        requests: 2,
        written: before % 2,
        points: 1,
        refused: before === 41 ? 3 : 0,
      },
      lagSeconds: before * 10,
    })),
    ({ timeMs }) => [19, 8].includes((end - 3 * minuteMs - timeMs) / minuteMs),
  ),
]

type Grown = { telling: Told; by: (counter: Counter) => number }

/** What can be known from totals: not what the first minute after a start brought. */
const known = (told: Told[]): Grown[] =>
  told.filter(({ isFirst }) => !isFirst).map((telling) => ({ telling, by: (counter) => telling.grown[counter] ?? 0 }))
const total = (told: Told[], counter: Counter) => known(told).reduce((sum, { by }) => sum + by(counter), 0)
const number = ({ series }: Shown) => Object.values(series)[0]?.[0]?.[1] ?? 0
const startOf = (timeMs: number) => Math.floor(timeMs / intervalMs) * intervalMs
const mean = (values: number[]) => values.reduce((sum, value) => sum + value, 0) / values.length
const largest = (values: number[]) => Math.max(...values)
const sum = (values: number[]) => values.reduce((sum, value) => sum + value, 0)

/** A number for each stretch of time that has any, by host. */
function overTime<T>(
  items: T[],
  of: (item: T) => Told,
  value: (item: T) => number,
  reduce: (values: number[]) => number,
) {
  return Object.fromEntries(
    [...Map.groupBy(items, (item) => of(item).host)].map(([host, members]) => [
      host,
      [...Map.groupBy(members, (item) => startOf(of(item).timeMs))].map(([at, group]): [number, number] => [
        at,
        Math.round(reduce(group.map(value)) * 1e6) / 1e6,
      ]),
    ]),
  )
}

const rounded = (series: Shown['series']) =>
  Object.fromEntries(
    Object.entries(series).map(([name, points]) => [
      name,
      points.map(([at, value]) => [at, Math.round(value * 1e6) / 1e6]),
    ]),
  )
const rate = (told: Told[], counter: Counter) =>
  overTime(
    known(told),
    (it) => it.telling,
    (it) => it.by(counter),
    mean,
  )

const expectations: Record<string, (t: Test, shown: Shown, told: Told[]) => void> = {
  'Up for': (t, { series }, told) =>
    t.same(
      Object.fromEntries(Object.entries(series).map(([host, [only]]) => [host, only![1]])),
      Object.fromEntries(told.map(({ host, uptimeSeconds }) => [host, uptimeSeconds])),
    ),
  Restarts: (t, shown, told) =>
    t.equal(number(shown), told.filter((it) => it.isFirst).length - new Set(told.map(({ host }) => host)).size),
  Lines: (t, shown, told) => t.equal(number(shown), total(told, 'lines')),
  Requests: (t, shown, told) => t.equal(number(shown), total(told, 'requests')),
  'Points written': (t, shown, told) => t.equal(number(shown), total(told, 'written')),
  'Points refused': (t, shown, told) => t.equal(number(shown), total(told, 'refused')),
  'Malformed lines': (t, shown, told) => t.equal(number(shown), total(told, 'malformed')),
  Lag: (t, { series }, told) =>
    t.same(
      series,
      overTime(
        told,
        (it) => it,
        (it) => it.lagSeconds,
        largest,
      ),
    ),
  'Lines a minute': (t, { series }, told) => t.same(rounded(series), rate(told, 'lines')),
  'Points a minute': (t, { series }, told) => t.same(rounded(series), rate(told, 'written')),
  'What made no invocation': (t, { series }, told) => {
    const kinds = ['malformed', 'rejected', 'undecodable', 'unresolved', 'refused'] as const
    const expected = kinds.flatMap((kind) => {
      const hosts = overTime(
        known(told),
        (it) => it.telling,
        (it) => it.by(kind),
        sum,
      )
      return Object.entries(hosts).map(([host, points]) => [`${host} ${kind}`, points])
    })
    t.same(series, Object.fromEntries(expected))
  },
  'Time since the start': (t, { series }, told) =>
    t.same(
      series,
      overTime(
        told,
        (it) => it,
        (it) => it.uptimeSeconds,
        largest,
      ),
    ),
}

t.test('the dashboard of the collector', needs('influxd'), async (t) => {
  const influxdb = await startInfluxdb()
  t.teardown(() => influxdb[Symbol.asyncDispose]())
  const database = 'workflow_invocations'
  const asker = { url: influxdb.url, database, username: 'grafana', password: randomBytes(8).toString('hex') }
  await influxdb.createDatabase(database)
  await influxdb.addUser(asker.username, asker.password, { [database]: 'READ' })
  await influxdb.write(database, lineProtocol(tellings))

  t.same(
    dashboard.panels.map(({ title }) => title),
    Object.keys(expectations),
    'every panel is looked at',
  )
  t.same((await offered(asker, dashboard, 'host')).sort(), ['galaxy-1', 'galaxy-2'])

  const choices: [string, Choice, Told[]][] = [
    ['both hosts', {}, tellings],
    ['one host', { host: ['galaxy-2'] }, tellings.filter(({ host }) => host === 'galaxy-2')],
    ['a host that never was', { host: ['galaxy'] }, []],
  ]
  for (const [name, choice, told] of choices) {
    t.test(name, async (t) => {
      for (const panel of dashboard.panels) {
        const shown = await look(asker, dashboard, panel, { choice, range, interval: `${intervalMinutes}m` })
        t.test(panel.title, async (t) => expectations[panel.title]!(t, shown, told))
      }
    })
  }
})
