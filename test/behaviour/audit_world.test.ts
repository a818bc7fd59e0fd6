// The generated world, audited: what no line tells of is missing, and nothing else is, whoever asks and in what parts.
import t from 'tap'
import { run } from '../services/program.ts'
import { compareReadings } from '../world/compare.ts'
import { expectedPoints } from '../world/oracle/points.ts'
import { storedPoints } from '../world/stored_points.ts'
import { Servers, Trial } from '../world/trial.ts'
import { makeWorld } from '../world/world.ts'
import { type Document, reader, totals } from './audited.ts'

const world = makeWorld({ seed: process.env.WORLD_SEED ?? 'audited', start: '2024-03-05T13:00:00Z' })
const servers = await Servers.start()
t.teardown(() => servers[Symbol.asyncDispose]())
await servers.influxdb.addUser(reader.username, reader.password)
const galaxyUrl = await servers.load(world)
const span = ['--since', '2024-03-05', '--until', '2024-03-07']

/** Of the world alone, in the words of the contract: rows that are nobody's subworkflow and no expected point has. */
const expected = expectedPoints(world).points.filter(({ measurement }) => measurement === 'workflow_invocation')
const told = new Set(expected.map(({ fields }) => fields['invocation_id']))
const inside = new Set(world.galaxy.subworkflows.map(({ subworkflowInvocationId }) => subworkflowInvocationId))
const topLevel = world.galaxy.invocations.filter(({ id }) => !inside.has(id))
const unlogged = topLevel.filter(({ id }) => !told.has(id))
const dayOf = (micros: number) => new Date(micros / 1000).toISOString().slice(0, 10)
const idsOf = (rows: typeof topLevel, day: string) =>
  rows.flatMap(({ id, createdMicros }) => (dayOf(createdMicros) === day ? [id] : [])).sort((a, b) => a - b)

async function auditOf(trial: Trial, args: string[]): Promise<Document & { status: number | null }> {
  const { influxdb, ...configuration } = trial.configuration
  const config = { ...configuration, ...(influxdb !== undefined && { influxdb: { ...influxdb, read: reader } }) }
  const { status, stdout, stderr } = await run(['audit', '--json', ...args], { config })
  if (stdout === '') throw new Error(stderr)
  return { ...JSON.parse(stdout), status }
}

t.test('the world has rows of every kind, and two days', async (t) => {
  t.ok(topLevel.length > 2000)
  t.ok(inside.size > 20)
  t.ok(unlogged.length > 20)
  t.ok(idsOf(unlogged, '2024-03-05').length > 0 && idsOf(unlogged, '2024-03-06').length > 0)
})

t.test('read whole, repaired, read again', async (t) => {
  const trial = await Trial.start(servers, galaxyUrl, world.settings)
  const { influxdb } = trial.configuration as { influxdb: { database: string } }
  await servers.influxdb.query('', `GRANT READ ON "${influxdb.database}" TO "${reader.username}"`)
  const file = await trial.file(world.lines)
  await trial.backfill([file])

  const unmatched = expected.filter(({ fields }) => fields['invocation_id'] === undefined).length
  const found = await auditOf(trial, span)
  t.equal(found.status, 1)
  const equal = topLevel.length - unlogged.length
  t.same(totals(found), { equal, missing: unlogged.length, extra: 0, unmatched })
  for (const { day, equal, missing, missing_ids } of found.days) {
    t.same(missing_ids, idsOf(unlogged, day))
    t.equal(equal + missing, idsOf(topLevel, day).length, `rows of ${day}`)
  }
  const domains = Object.fromEntries(
    [...Map.groupBy(expected, ({ tags }) => tags['domain'])].map(([domain, points]) => [
      domain,
      points.filter(({ fields }) => fields['invocation_id'] !== undefined).length,
    ]),
  )
  const equalOf: Record<string, number> = Object.fromEntries(Object.keys(domains).map((domain) => [domain, 0]))
  for (const { domain, equal } of found.days.flatMap(({ domains }) => domains)) equalOf[domain]! += equal
  t.same(equalOf, domains, 'each domain has its own')

  const first = await trial.points()
  const repair = await auditOf(trial, [...span, '--repair'])
  t.match(repair, { status: 0, missing: unlogged.length, repaired: unlogged.length })
  const after = await auditOf(trial, span)
  t.same([after.status, totals(after)], [0, { equal: topLevel.length, missing: 0, extra: 0, unmatched }])

  const repaired = await trial.points()
  t.equal(repaired.length, first.length + unlogged.length)
  t.same(
    compareReadings(first, repaired).filter((difference) => difference.startsWith('only in the first')),
    [],
  )
  await trial.backfill([file])
  t.same(compareReadings(repaired, await trial.points()), [], 'read again, nothing comes of it')
  t.match(await auditOf(trial, [...span, '--repair']), { status: 0, repaired: 0 })
})

t.test('the embedded store instead of InfluxDB', async (t) => {
  const trial = await Trial.start(servers, galaxyUrl, world.settings, 'store')
  const empty = await auditOf(trial, span)
  t.match(empty, { status: 1, equal: 0, missing: topLevel.length }, 'there is none yet')
  await trial.backfill([await trial.file(world.lines)])
  const equal = topLevel.length - unlogged.length
  t.match(await auditOf(trial, span), { status: 1, equal, missing: unlogged.length, extra: 0 })
  t.match(await auditOf(trial, [...span, '--repair']), { status: 0, repaired: unlogged.length })
  t.match(await auditOf(trial, span), { status: 0, equal: topLevel.length, missing: 0, extra: 0 })
  t.equal(storedPoints(trial.storeFile).filter(({ tags }) => tags['domain'] === 'unknown').length, unknowns())
})

function unknowns(): number {
  return unlogged.length + expectedPoints(world).points.filter(({ tags }) => tags['domain'] === 'unknown').length
}

t.test('repaired before any line is read, the log adds only what has no row', async (t) => {
  const trial = await Trial.start(servers, galaxyUrl, world.settings)
  const { influxdb } = trial.configuration as { influxdb: { database: string } }
  await servers.influxdb.query('', `GRANT READ ON "${influxdb.database}" TO "${reader.username}"`)
  const repair = await auditOf(trial, [...span, '--repair'])
  t.match(repair, { status: 0, equal: 0, missing: topLevel.length, repaired: topLevel.length })
  await trial.backfill([await trial.file(world.lines)])
  const { status, equal, missing, extra, unmatched } = await auditOf(trial, span)
  t.same({ status, equal, missing, extra }, { status: 0, equal: topLevel.length, missing: 0, extra: 0 })
  t.equal(unmatched, expected.filter(({ fields }) => fields['invocation_id'] === undefined).length)
})
