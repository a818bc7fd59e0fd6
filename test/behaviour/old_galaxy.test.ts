// A Galaxy older than 22.05 keeps no `source_metadata`: every workflow is local, and the operator is told.
import t from 'tap'
import { expectedPoints } from '../world/oracle/points.ts'
import { differencesOf, Servers, Trial } from '../world/trial.ts'
import { makeWorld } from '../world/world.ts'

t.test('everything is local, and it says why', async (t) => {
  await using servers = await Servers.start()
  const settings = { hasSourceMetadata: false }
  const world = makeWorld({ seed: 'old', lines: 2000, invocations: 300, hours: 10, settings })
  const { points } = expectedPoints(world)
  t.same(new Set(points.map(({ tags }) => tags.identity ?? 'refused')), new Set(['local', 'refused']))
  t.ok(
    world.galaxy.revisions.some(({ sourceMetadata }) => sourceMetadata !== null),
    'the rows would have had it',
  )

  const trial = await Trial.start(servers, await servers.load(world), world.settings)
  const file = await trial.file(world.lines)
  const printed = await trial.dryRun([file])
  t.same(differencesOf(world, points, printed.points), [])
  t.match(printed.stderr, /source_metadata/)
  const summary = await trial.backfill([file])
  t.equal(summary.written, points.length)
  t.same(await trial.differences(world, points), [])
})
