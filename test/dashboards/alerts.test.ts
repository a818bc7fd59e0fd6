// Every alert rule of the collector fires where it should, and nowhere else: its own queries, on what collectors told.
import { randomBytes } from 'node:crypto'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import t from 'tap'
import { type Influxdb, startInfluxdb } from '../services/influxdb.ts'
import { needs } from '../services/needed.ts'
import { lineProtocol, type Minute, minutesUntil, told } from './collector_world.ts'
import { type AlertRule, evaluate } from './viewer/alerting.ts'
import { filesOfRole } from './viewer/viewer.ts'

const all = JSON.parse(readFileSync(join(filesOfRole, 'alert_rules.json'), 'utf8')) as AlertRule[]
const rules = all.filter(({ uid }) => uid.startsWith('workflow-collector-'))
const minuteMs = 60_000
// Not at the beginning of a minute: Grafana asks at any second.
const now = Date.UTC(2026, 5, 8, 12) + 17_000
const host = 'galaxy'
const well: Omit<Minute, 'timeMs' | 'host'> = {
  grown: { lines: 400, requests: 2, points: 2, written: 2 },
  lagSeconds: 0,
}
const quiet = { ...well, grown: {} }
const latest = now - 9_000

type Situation = [
  what: string,
  minutes: Minute[],
  fires: string[],
  options?: { restarts?: number[]; others?: string[] },
]

const read = 'workflow-collector-reads-nothing'
const behind = 'workflow-collector-is-behind'
const refused = 'workflow-collector-points-refused'
const undecodable = 'workflow-collector-ids-do-not-decode'

const minutes = (count: number, of: (before: number) => Omit<Minute, 'timeMs' | 'host'> | null, name = host) =>
  minutesUntil(latest, count, name, of)
const badIds = (requests: number, bad: number) =>
  minutes(40, (before) =>
    before === 5 ? { ...well, grown: { lines: 400, requests, undecodable: bad } } : { ...well, grown: { lines: 400 } },
  )

const situations: Situation[] = [
  ['all is well', minutes(600, () => well), []],
  ['one line in nine minutes', minutes(600, (before) => (before === 8 ? { ...well, grown: { lines: 1 } } : quiet)), []],
  ['no line in eleven minutes, and the collector runs', minutes(600, (before) => (before < 12 ? quiet : well)), [read]],
  ['the collector told nothing for eleven minutes', minutes(600, (before) => (before < 11 ? null : well)), [read]],
  ['it told nothing for five minutes', minutes(600, (before) => (before < 5 ? null : well)), []],
  ['it has not told anything in a day', minutesUntil(now - 25 * 60 * minuteMs, 60, host, () => well), ['no data']],
  ['nobody has ever told anything', [], ['no data']],
  [
    'one of two is silent',
    [...minutes(600, () => well, 'other'), ...minutes(600, (before) => (before < 30 ? null : well))],
    [read],
    { others: ['other'] },
  ],
  ['it was started again just now, and reads', minutes(600, () => well), [], { restarts: [0, 1] }],
  ['it was started for the first time just now', minutes(2, () => well), []],
  ['299 seconds behind', minutes(60, (before) => ({ ...well, lagSeconds: before === 0 ? 299 : 4000 })), []],
  ['301 seconds behind', minutes(60, (before) => ({ ...well, lagSeconds: before === 0 ? 301 : 0 })), [behind]],
  [
    'a point refused 50 minutes ago',
    minutes(600, (before) => (before === 50 ? { ...well, grown: { lines: 400, refused: 1 } } : well)),
    [refused],
  ],
  [
    'a point refused two hours ago',
    minutes(600, (before) => (before === 120 ? { ...well, grown: { lines: 400, refused: 1 } } : well)),
    [],
  ],
  [
    'fewer points refused in the first minute after a restart than long before it',
    minutes(600, (before) => {
      const grown = { lines: 400, refused: before === 500 ? 9 : before === 10 ? 2 : 0 }
      return { ...well, grown }
    }),
    [refused],
    { restarts: [10] },
  ],
  [
    'a restart, after points were refused long ago',
    minutes(600, (before) => ({ ...well, grown: { lines: 400, refused: before === 500 ? 9 : 0 } })),
    [],
    { restarts: [10] },
  ],
  ['9 of 10 ids do not decode', badIds(10, 9), [undecodable]],
  ['8 of 10 ids do not decode', badIds(10, 8), []],
  ['9 of 9 ids do not decode', badIds(9, 9), []],
  ['100 of 100 ids do not decode', badIds(100, 100), [undecodable]],
  ['nobody asks for anything', minutes(600, () => ({ ...well, grown: { lines: 400 } })), []],
]

async function firing(influxdb: Influxdb, [what, all, , { restarts = [], others = [] } = {}]: Situation) {
  const database = `of ${what}`
  const asker = { url: influxdb.url, database, username: what, password: randomBytes(8).toString('hex') }
  await influxdb.createDatabase(database)
  await influxdb.addUser(asker.username, asker.password, { [database]: 'READ' })
  const isRestart = ({ timeMs }: Minute) => restarts.includes((latest - timeMs) / minuteMs)
  if (all.length > 0) await influxdb.write(database, lineProtocol(told(all, isRestart)))
  const fires: string[] = []
  for (const rule of rules) {
    const answer = await evaluate(asker, rule, now)
    if (answer === 'no data') {
      if (rule.noDataState === 'Alerting') fires.push('no data')
      else if (rule.noDataState !== 'OK') throw new Error(`${rule.title} without data: ${rule.noDataState}`)
    } else {
      if (answer[host]) fires.push(rule.uid)
      for (const other of others) if (answer[other]) fires.push(`${rule.uid} of ${other}`)
    }
  }
  return fires
}

t.test('alert rules', needs('influxd'), async (t) => {
  const influxdb = await startInfluxdb()
  t.teardown(() => influxdb[Symbol.asyncDispose]())
  const everyFires = new Set(situations.flatMap(([, , fires]) => fires))
  t.same(
    rules.filter(({ uid }) => !everyFires.has(uid)),
    [],
    'every rule fires at least once below',
  )
  for (const situation of situations) {
    const [what, , fires] = situation
    t.test(what, async (t) => t.same(await firing(influxdb, situation), fires))
  }
})
