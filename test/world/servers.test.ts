// The world in real servers, before any program reads it: what went in comes out, and the comparison sees what differs.
import t from 'tap'
import { startInfluxdb } from '../services/influxdb.ts'
import { startPostgres } from '../services/postgres.ts'
import { type ActualPoint, collisions, comparePoints, compareReadings, report } from './compare.ts'
import { loadGalaxy } from './load.ts'
import type { ExpectedPoint } from './oracle/expected.ts'
import { expectedPoints } from './oracle/points.ts'
import { makeWorld } from './world.ts'

const world = makeWorld({ seed: 'servers', lines: 1000, invocations: 600, hours: 24 })
const { points } = expectedPoints(world)

t.test('PostgreSQL holds the rows as they were made', async (t) => {
  await using postgres = await startPostgres()
  await postgres.createGalaxyDatabase('galaxy')
  const sql = postgres.sql('galaxy')
  await loadGalaxy(sql, world.galaxy)
  const { galaxy } = world
  t.same(
    await sql`select id, stored_workflow_id, name, uuid, source_metadata,
        (extract(epoch from create_time) * 1000000)::bigint as micros from workflow order by id`,
    galaxy.revisions
      .toSorted((a, b) => a.id - b.id)
      .map((row) => ({
        id: row.id,
        stored_workflow_id: row.storedWorkflowId,
        name: row.name,
        uuid: row.uuid,
        source_metadata: row.sourceMetadata,
        micros: String(row.createdMicros),
      })),
  )
  t.same(
    await sql`select id, workflow_id, history_id, (extract(epoch from create_time) * 1000000)::bigint as micros
        from workflow_invocation order by id`,
    galaxy.invocations
      .toSorted((a, b) => a.id - b.id)
      .map((row) => ({
        id: row.id,
        workflow_id: row.workflowId,
        history_id: row.historyId,
        micros: String(row.createdMicros),
      })),
  )
  t.same(
    await sql`select id, user_id, latest_workflow_id, name, deleted, published from stored_workflow order by id`,
    galaxy.storedWorkflows
      .toSorted((a, b) => a.id - b.id)
      .map((row) => ({
        id: row.id,
        user_id: row.userId,
        latest_workflow_id: row.latestWorkflowId,
        name: row.name,
        deleted: row.deleted,
        published: row.published,
      })),
  )
  const [counts] = await sql`select (select count(*)::int from history) as histories,
    (select count(*)::int from galaxy_user) as users,
    (select count(*)::int from workflow_invocation_to_subworkflow_invocation_association) as subworkflows`
  const { histories, users, subworkflows } = galaxy
  t.same(counts, { histories: histories.length, users: users.length, subworkflows: subworkflows.length })
})

t.test('InfluxDB can hold every expected point, and gives back the same', async (t) => {
  await using influxdb = await startInfluxdb()
  await influxdb.createDatabase('points')
  const printed = points.map((point, index) => asLine(point, index))
  await influxdb.write('points', printed.join('\n'))
  const actual: ActualPoint[] = []
  for (const measurement of ['workflow_invocation', 'workflow_invocation_rejected'])
    for (const point of await influxdb.pointsOf('points', measurement)) actual.push({ ...point, measurement })
  t.same(report(comparePoints(points, actual)), [])
  t.same(compareReadings(actual, actual), [])
  t.same(collisions(actual), [])

  const [first, second] = points as [ExpectedPoint, ExpectedPoint]
  const found = comparePoints([{ ...first, second: first.second + 1 }, ...points.slice(2)], actual)
  t.equal(found.different.length + found.missing.length, 1, `sees a point in a wrong second`)
  t.equal(found.extra.length + found.different.length, 2, `and one too many, ${second.measurement}`)
  const moved = actual.map((point, index) => (index === 0 ? { ...point, time: point.time + 1n } : point))
  t.equal(compareReadings(actual, moved).length, 2, 'sees a nanosecond')
})

function asLine({ measurement, tags, fields, second }: ExpectedPoint, index: number): string {
  const escaped = (text: string) => text.replace(/[,= ]/g, '\\$&')
  const series = Object.entries(tags).map(([name, value]) => `,${name}=${escaped(value)}`)
  const values = Object.entries(fields).map(([name, value]) => `${name}=${asField(name, value)}`)
  return `${measurement}${series.join('')} ${values} ${second}${String(index).padStart(9, '0')}`
}

function asField(name: string, value: string | number | boolean): string {
  if (typeof value === 'string') return `"${value.replace(/["\\]/g, '\\$&')}"`
  return typeof value === 'number' && name !== 'count' ? `${value}i` : String(value)
}
