// Every panel of the dashboard of invocations shows what is counted in plain TypeScript from the same points.
import { randomBytes } from 'node:crypto'
import t, { type Test } from 'tap'
import { startInfluxdb } from '../services/influxdb.ts'
import { needs } from '../services/needed.ts'
import type { Choice } from './viewer/variables.ts'
import { dashboardOf, look, offered, type Shown } from './viewer/viewer.ts'
import { type Invocation, invocations, lineProtocol, type Refused, range, refused, workflows } from './world.ts'

const intervalHours = 12
const intervalMs = intervalHours * 3_600_000
const dashboard = dashboardOf('workflow-invocations.json')

const choices: [string, Choice][] = [
  ['everything', {}],
  ['one domain', { domain: ['galaxy.example.org'] }],
  ['two domains and two registries', { domain: ['other', 'unknown'], registry: ['dockstore', 'trs.example.org'] }],
  ['several workflows', { workflow: [workflows[0]!.canonicalId, workflows[8]!.canonicalId, 'a|b', 'a'] }],
  ['nothing that is there', { workflow: ['no such workflow'] }],
  ...workflows.map(({ canonicalId }): [string, Choice] => [`workflow ${canonicalId}`, { workflow: [canonicalId] }]),
]

const isChosen = (values: string[] | undefined, value: string | null) => values?.includes(value ?? '') ?? true
const isInRange = ({ timeMs }: { timeMs: number }) => timeMs >= range.fromMs && timeMs <= range.toMs
const chosenInvocations = ({ domain, registry, workflow }: Choice) =>
  invocations.filter(
    (it) =>
      isInRange(it) &&
      isChosen(domain, it.domain) &&
      isChosen(registry, it.registry) &&
      isChosen(workflow, it.canonicalId),
  )
const chosenRefused = ({ domain }: Choice) => refused.filter((it) => isInRange(it) && isChosen(domain, it.domain))
const people = (points: Invocation[]) => new Set(points.flatMap(({ user }) => user ?? [])).size
const text = ({ rows }: Shown, ...columns: string[]) =>
  rows.map((row) => columns.map((column) => row[column]?.text ?? '')).sort()

/** The one number of a panel that has one; 0 where there is nothing. */
function number({ series }: Shown): number {
  const values = Object.values(series).flat()
  if (values.length > 1) throw new Error(`${values.length} numbers, where one should be`)
  return values[0]?.[1] ?? 0
}

const numbers = ({ series }: Shown) =>
  Object.fromEntries(Object.entries(series).map(([name, [only]]) => [name, only![1]]))

function numberOf<T>(points: T[], key: (point: T) => string | null): Record<string, number> {
  const groups = Map.groupBy(points, key)
  return Object.fromEntries([...groups].map(([name, members]) => [name ?? '', members.length]))
}

/** Each group in every stretch of time, with 0 where nothing was. */
function overTime<T extends { timeMs: number }>(points: T[], key: (point: T) => string): Shown['series'] {
  const start = (timeMs: number) => Math.floor(timeMs / intervalMs) * intervalMs
  const starts: number[] = []
  for (let at = start(range.fromMs); at <= range.toMs; at += intervalMs) starts.push(at)
  return Object.fromEntries(
    [...Map.groupBy(points, key)].map(([name, members]) => [
      name,
      starts.map((at) => [at, members.filter(({ timeMs }) => start(timeMs) === at).length]),
    ]),
  )
}

type Expectation = (t: Test, shown: Shown, points: Invocation[], rejected: Refused[]) => void

const expectations: Record<string, Expectation> = {
  Invocations: (t, shown, points) => t.equal(number(shown), points.length),
  Workflows: (t, shown, points) => t.equal(number(shown), new Set(points.map((it) => it.canonicalId)).size),
  People: (t, shown, points) => t.equal(number(shown), people(points)),
  Domains: (t, shown, points) => t.equal(number(shown), new Set(points.map((it) => it.domain)).size),
  'Refused requests': (t, shown, _, rejected) => t.equal(number(shown), rejected.length),
  'Invocations by domain': (t, { series }, points) =>
    t.same(
      series,
      overTime(points, (it) => it.domain),
    ),
  'Top workflows': (t, shown, points) => {
    const expected = [...Map.groupBy(points, (it) => it.canonicalId)].map(([canonicalId, members]) => {
      const newest = members.reduce((one, other) => (other.timeMs >= one.timeMs ? other : one))
      const { page } = workflows.find((it) => it.canonicalId === canonicalId)!
      const registry = newest.registry ?? ''
      // InfluxDB gives no number of nobody.
      const users = people(members) === 0 ? '' : String(people(members))
      return [newest.name, canonicalId, registry, String(members.length), users, page]
    })
    t.same(text(shown, 'Name', 'Workflow', 'Registry', 'Invocations', 'People', 'Page'), expected.sort())
    const order = shown.rows.map(({ Invocations }) => Number(Invocations!.text))
    t.same(
      order,
      [...order].sort((a, b) => b - a),
      'most first',
    )
    for (const { Name, Page, Workflow } of shown.rows) {
      // Where no workflow has a page there is no such column.
      t.same(Page?.links ?? [], Page === undefined ? [] : [Page.text], 'the page that is shown is the one it leads to')
      const [link] = Name!.links
      const { pathname, searchParams } = new URL(link!, 'https://grafana.example.org')
      t.equal(pathname, `/d/${dashboard.uid}`)
      t.same(searchParams.getAll('var-workflow'), [Workflow!.text])
      t.equal(searchParams.get('from'), String(range.fromMs))
    }
  },
  Registries: (t, { series }, points) =>
    t.same(
      series,
      overTime(
        points.filter((it) => it.registry !== null),
        (it) => it.registry!,
      ),
    ),
  Origins: (t, shown, points) =>
    t.same(
      numbers(shown),
      numberOf(points, (it) => it.identity),
    ),
  'People by domain': (t, shown, points) => {
    const groups = [...Map.groupBy(points, (it) => it.domain)]
    const expected = groups.map(([domain, members]): [string, number] => [domain, people(members)])
    // Where nobody was logged in there is no bar.
    t.same(numbers(shown), Object.fromEntries(expected.filter(([, count]) => count > 0)))
  },
  Versions: (t, shown, points) => {
    const fromRegistries = points.filter((it) => it.identity === 'trs')
    const groups = Map.groupBy(fromRegistries, (it) => JSON.stringify([it.canonicalId, it.version]))
    const expected = [...groups.values()].map((members) => [
      members[0]!.canonicalId,
      members[0]!.version ?? '',
      String(members.length),
      String(Math.max(...members.map(({ timeMs }) => timeMs))),
    ])
    t.same(text(shown, 'Workflow', 'Version', 'Invocations', 'Newest'), expected.sort())
  },
  'Refused requests by status': (t, { series }, _, rejected) =>
    t.same(
      series,
      overTime(rejected, (it) => it.status),
    ),
}

t.test('the dashboard of invocations', needs('influxd'), async (t) => {
  const influxdb = await startInfluxdb()
  t.teardown(() => influxdb[Symbol.asyncDispose]())
  const database = 'workflow_invocations'
  const asker = { url: influxdb.url, database, username: 'grafana', password: randomBytes(8).toString('hex') }
  await influxdb.createDatabase(database)
  await influxdb.addUser(asker.username, asker.password, { [database]: 'READ' })

  t.same(
    dashboard.panels.map(({ title }) => title),
    Object.keys(expectations),
    'every panel is looked at',
  )

  t.test('empty, it has nothing to show and no error', async (t) => {
    for (const panel of dashboard.panels) {
      const { series, rows } = await look(asker, dashboard, panel, { range, interval: `${intervalHours}h` })
      t.same([series, rows], [{}, []], panel.title)
    }
  })

  t.test('of a known world', async (t) => {
    await influxdb.write(database, lineProtocol())
    for (const [name, choice] of choices) {
      t.test(name, async (t) => {
        for (const panel of dashboard.panels) {
          const shown = await look(asker, dashboard, panel, { choice, range, interval: `${intervalHours}h` })
          t.test(panel.title, async (t) => {
            expectations[panel.title]!(t, shown, chosenInvocations(choice), chosenRefused(choice))
          })
        }
      })
    }
  })

  t.test('its variables offer what is there, in what is chosen', async (t) => {
    const values = (key: (it: Invocation) => string | null, points = invocations) =>
      [...new Set(points.flatMap((it) => key(it) ?? []))].sort()
    t.same(
      (await offered(asker, dashboard, 'domain')).sort(),
      values((it) => it.domain),
    )
    t.same(
      (await offered(asker, dashboard, 'registry')).sort(),
      values((it) => it.registry),
    )
    t.same(
      (await offered(asker, dashboard, 'workflow')).sort(),
      values((it) => it.canonicalId),
      'local ones, too',
    )
    const choice = { domain: ['other'], registry: ['dockstore', 'workflowhub'] }
    t.same(
      (await offered(asker, dashboard, 'workflow', choice)).sort(),
      values(
        (it) => it.canonicalId,
        invocations.filter((it) => it.domain === 'other' && choice.registry.includes(it.registry ?? '')),
      ),
    )
  })
})
