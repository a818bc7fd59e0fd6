// Every panel of the dashboards Events and Availability shows what a hub told, and their rules fire where they should.
import { randomBytes } from 'node:crypto'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import t from 'tap'
import type { AvailabilityView, ProbeStatus } from '../../src/availability/view.ts'
import { hubPoints } from '../../src/commands/hub_points.ts'
import { toLineProtocol } from '../../src/sinks/line_protocol.ts'
import type { DestinationView } from '../../src/web/view.ts'
import { type Influxdb, startInfluxdb } from '../services/influxdb.ts'
import { needs } from '../services/needed.ts'
import { type AlertRule, evaluate } from './viewer/alerting.ts'
import { dashboardOf, filesOfRole, look, offered, type Shown } from './viewer/viewer.ts'

const minuteMs = 60_000
const end = Date.UTC(2026, 5, 8, 12)
const minutes = 60
const rules = JSON.parse(readFileSync(join(filesOfRole, 'alert_rules.json'), 'utf8')) as AlertRule[]

type Moment = { destinations: DestinationView[]; probes: AvailabilityView['probes'] }

function destination(name: string, changes: Partial<DestinationView>): DestinationView {
  const instant = new Date(end - 120 * minuteMs).toISOString()
  const calm = { circuit: 'closed', circuitSince: instant, cause: null, paused: false, lastCause: null } as const
  const numbers = { waiting: 0, waitingSince: null, retrying: 0, dead: 0, delivered: 0, retried: 0 }
  return { name, kind: 'influxdb', ...calm, ...numbers, ...changes }
}

function probe(name: string, region: string, state: ProbeStatus, responseMs: number | null) {
  const instant = new Date(end).toISOString()
  const times = { since: instant, lastResult: instant, lastHeard: instant, intervalSeconds: 60 }
  const rest = { how: 'probed' as const, kind: 'http', message: '', responses: [], spans: {} as never }
  return { name, region, state, responseMs, ...times, ...rest }
}

/** What a hub was like so many minutes before the end; the archive is down in the last quarter of an hour. */
const usual = (before: number): Moment => ({
  destinations: [
    destination('metrics', { delivered: (minutes - before) * 30 }),
    destination('archive', {
      delivered: Math.min(45, minutes - before) * 10,
      ...(before < 15 && {
        circuit: 'open' as const,
        waiting: (15 - before) * 30,
        waitingSince: new Date(end - 15 * minuteMs).toISOString(),
      }),
      dead: before < 30 ? 4 : 1,
    }),
  ],
  probes: [
    probe('home', 'eu', 'up', 100 + before),
    probe('home', 'us', before < 6 ? 'down' : 'up', 200),
    probe('gateway', 'eu', before < 12 ? 'silent' : 'up', null),
    probe('database', 'eu', 'maintenance', 10),
  ],
})

const allTold = (of: (before: number) => Moment) =>
  Array.from({ length: minutes }, (_, index) => minutes - 1 - index).flatMap((before) => {
    const { destinations, probes } = of(before)
    const nowMs = end - before * minuteMs
    const hub = { destinations: () => destinations, availability: () => ({ now: '', probes }) }
    return hubPoints(hub, end - 120 * minuteMs, nowMs).map((point) => ({
      ...point,
      tags: { ...point.tags, host: 'hub' },
    }))
  })

/** What a destination of kind influxdb wrote: so many of each. */
const kinds = { 'job submitted': 50, 'job finished': 40, 'user_activity login': 7 }
const eventLines = Object.entries(kinds).flatMap(([kind, count]) => {
  const [category, type] = kind.split(' ')
  return Array.from({ length: count }, (_, index) => {
    const timeNs = BigInt(end - 30 * minuteMs + index * 1000) * 1_000_000n + BigInt(type!.length)
    return `event_${category},category=${category},type=${type},source=galaxy event_id="${index}" ${timeNs}`
  })
})
const probeLines = [10, 20].flatMap((before) => {
  const timeNs = BigInt(end - before * minuteMs) * 1_000_000n
  return [
    `ping,probe=gateway,region=eu,url=host average_response_ms=${before} ${timeNs}`,
    `http_response,probe=home,region=eu,server=web response_time=${before / 40} ${timeNs}`,
  ]
})

const range = { fromMs: end - 2 * 60 * minuteMs, toMs: end + 1 }
const single = ({ series }: Shown) => Object.values(series)[0]?.[0]?.[1]
const lasts = ({ series }: Shown) =>
  Object.fromEntries(Object.entries(series).map(([name, all]) => [name, all.at(-1)![1]]))
const sums = ({ series }: Shown) =>
  Object.fromEntries(
    Object.entries(series).map(([name, all]) => [name, all.reduce((sum, [, value]) => sum + value, 0)]),
  )

const expected: Record<string, Record<string, (shown: Shown) => [found: unknown, wanted: unknown]>> = {
  'workflow-events.json': {
    Waiting: (shown) => [single(shown), 450],
    'Dead letters': (shown) => [single(shown), 4],
    'Destinations down': (shown) => [single(shown), 1],
    'Events by category': (shown) => [sums(shown), { job: 90, user_activity: 7 }],
    'Events by type': (shown) => [sums(shown), { 'job.submitted': 50, 'job.finished': 40, 'user_activity.login': 7 }],
    'Waiting by destination': (shown) => [lasts(shown), { 'archive of hub': 450, 'metrics of hub': 0 }],
    'Delivered a minute': (shown) => [
      [lasts(shown)['archive of hub'], lasts(shown)['metrics of hub']],
      [0, 30],
    ],
    'Oldest event that waits': (shown) => [lasts(shown), { 'archive of hub': 900, 'metrics of hub': 0 }],
    'Dead letters by destination': (shown) => [lasts(shown), { 'archive of hub': 4, 'metrics of hub': 0 }],
  },
  'workflow-availability.json': {
    Up: (shown) => [single(shown), 1],
    'Down or silent': (shown) => [single(shown), 2],
    Silent: (shown) => [single(shown), 1],
    'In maintenance': (shown) => [single(shown), 1],
    State: ({ rows }) => [
      Object.fromEntries(rows.map((row) => [`${textOf(row['probe'])} ${textOf(row['region'])}`, textOf(row['State'])])),
      { 'database eu': 'maintenance', 'gateway eu': 'silent', 'home eu': 'up', 'home us': 'down' },
    ],
    Availability: (shown) => [sums(shown), { 'gateway eu': 0.8, 'home eu': 1, 'home us': 0.9 }],
    'Availability over time': (shown) => [lasts(shown), { 'gateway eu': 0, 'home eu': 1, 'home us': 0 }],
    Ping: (shown) => [sums(shown), { 'gateway eu': 30 }],
    Web: (shown) => [sums(shown), { 'home eu': 0.75 }],
  },
}

const textOf = (cell: unknown): string =>
  String(typeof cell === 'object' && cell !== null && 'text' in cell ? cell.text : cell)

async function told(influxdb: Influxdb, database: string, of: (before: number) => Moment) {
  const asker = { url: influxdb.url, database, username: database, password: randomBytes(8).toString('hex') }
  await influxdb.createDatabase(database)
  await influxdb.addUser(asker.username, asker.password, { [database]: 'READ' })
  await influxdb.write(database, [...allTold(of).map(toLineProtocol), ...eventLines, ...probeLines].join('\n'))
  return asker
}

t.test('the dashboards of the hub', needs('influxd'), async (t) => {
  const influxdb = await startInfluxdb()
  t.teardown(() => influxdb[Symbol.asyncDispose]())
  const asker = await told(influxdb, 'usual', usual)
  for (const [file, panels] of Object.entries(expected)) {
    const dashboard = dashboardOf(file)
    t.same(
      dashboard.panels.map(({ title }) => title),
      Object.keys(panels),
      'every panel is looked at',
    )
    for (const panel of dashboard.panels) {
      const [found, wanted] = panels[panel.title]!(await look(asker, dashboard, panel, { range, interval: '1m' }))
      t.same(found, wanted, `${file}: ${panel.title}`)
    }
  }
  const availability = dashboardOf('workflow-availability.json')
  t.same((await offered(asker, availability, 'region')).sort(), ['eu', 'us'])
  const down = availability.panels.find(({ title }) => title === 'Down or silent')!
  const inUs = await look(asker, availability, down, { choice: { region: ['us'] }, range, interval: '1m' })
  t.equal(single(inUs), 1)

  const firing = async (name: string, of: (before: number) => Moment) => {
    const its = await told(influxdb, name, of)
    const fires: string[] = []
    for (const rule of rules.filter(({ uid }) => !uid.startsWith('workflow-collector-'))) {
      const answer = await evaluate(its, rule, end + 1000)
      if (answer !== 'no data' && Object.values(answer).includes(true)) fires.push(rule.uid)
    }
    return fires
  }
  const well = (before: number): Moment => ({
    destinations: [destination('metrics', { delivered: before, dead: 3 })],
    probes: [probe('home', 'eu', 'up', 1), probe('database', 'eu', 'maintenance', 1)],
  })
  const [isDown, isDead, isOpen] = [
    'workflow-probe-down-or-silent',
    'workflow-events-dead-letters',
    'workflow-events-circuit-open',
  ]
  t.same(await firing('well', well), [], 'old dead letters and maintenance wake nobody')
  t.same(await firing('trouble', usual), [isDown, isDead, isOpen])
  t.same(await firing('silent', (before) => ({ ...well(before), probes: [probe('home', 'eu', 'silent', null)] })), [
    isDown,
  ])
  t.same(
    await firing('dead', (before) => ({
      ...well(before),
      destinations: [destination('metrics', { dead: before < 50 ? 4 : 3 })],
    })),
    [isDead],
  )
  t.same(
    await firing('open for nine minutes', (before) => ({
      ...well(before),
      destinations: [destination('metrics', { circuit: before < 9 ? 'open' : 'closed' })],
    })),
    [],
  )
})
