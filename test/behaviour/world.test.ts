// A generated world of a hundred thousand lines, read by the built file from real servers in every order that the
// contract allows, gives exactly the points that the contract's own rules give.
import t, { type Test } from 'tap'
import { collisions, compareReadings } from '../world/compare.ts'
import { cutAt, linesOf } from '../world/log_files.ts'
import type { Expected } from '../world/oracle/expected.ts'
import { expectedPoints } from '../world/oracle/points.ts'
import { Servers, Trial } from '../world/trial.ts'
import { makeWorld, type World } from '../world/world.ts'

// Another seed makes another world: WORLD_SEED=7.
const world = makeWorld({ seed: process.env.WORLD_SEED ?? 'the promise' })
const expected = expectedPoints(world)
const servers = await Servers.start()
const galaxyUrl = await servers.load(world)
t.teardown(() => servers[Symbol.asyncDispose]())

const trial = () => Trial.start(servers, galaxyUrl, world.settings)
const instant = (second: number) => new Date(second * 1000).toISOString()

t.test('the world is large enough, and leaves nothing open', async (t) => {
  t.ok(world.lines.length >= 100_000)
  t.ok(expected.points.filter(({ fields }) => fields.invocation_id !== undefined).length >= 2_000)
  t.same(expected.ambiguities, [])
})

t.test('read once, twice, and again with the state lost', async (t) => {
  const reading = await trial()
  const file = await reading.file(world.lines)
  const summary = await reading.backfill([file])
  const first = await reading.points()
  t.same(await reading.differences(world, expected.points), [])
  t.same(collisions(first), [])
  sameCounters(t, summary, expected)

  t.same(await reading.fieldTypes('workflow_invocation'), {
    count: 'float',
    workflow_id: 'integer',
    user_id: 'integer',
    owner_id: 'integer',
    trs_version_id: 'string',
    invocation_id: 'integer',
    revision_id: 'integer',
    derived: 'boolean',
  })
  t.same(await reading.fieldTypes('workflow_invocation_rejected'), { count: 'float', workflow_id: 'integer' })

  sameCounters(t, await reading.backfill([file]), expected)
  t.same(compareReadings(first, await reading.points()), [], 'a second reading changes nothing')

  await reading.loseState()
  sameCounters(t, await reading.backfill([file]), expected)
  t.same(compareReadings(first, await reading.points()), [], 'nor does one that remembers nothing')

  const elsewhere = await trial()
  await elsewhere.backfill([file])
  t.same(compareReadings(first, await elsewhere.points()), [], 'and another database gets the same to the nanosecond')
})

t.test('--dry-run prints the same', async (t) => {
  const reading = await trial()
  const file = await reading.file(world.lines)
  const { points } = await reading.dryRun([file])
  await reading.backfill([file])
  t.same(compareReadings(points, await reading.points()), [])
  t.same(await reading.differences(world, expected.points), [], 'and leaves no trace that changes what is written')
})

t.test('split into two files, read one after the other', async (t) => {
  const reading = await trial()
  for (const [from, to] of [
    [0, 0.5],
    [0.5, 1],
  ] as const)
    await reading.backfill([await reading.file(linesOf(world, from, to))])
  t.same(await reading.differences(world, expected.points), [])
})

t.test('split in many, given in one go, some of them compressed', async (t) => {
  const reading = await trial()
  const shares = [0, 0.1, 0.35, 0.36, 0.8, 1]
  const files = await Promise.all(
    shares
      .slice(1)
      .map((to, index) => reading.file(linesOf(world, shares[index] as number, to), index % 2 ? '.gz' : '.log')),
  )
  sameCounters(t, await reading.backfill(files), expected)
  t.same(await reading.differences(world, expected.points), [])
})

t.test('two files that overlap', async (t) => {
  const reading = await trial()
  await reading.backfill([await reading.file(linesOf(world, 0, 0.6))])
  await reading.backfill([await reading.file(linesOf(world, 0.4, 1))])
  t.same(await reading.differences(world, expected.points), [])
})

t.test('compressed', async (t) => {
  const reading = await trial()
  sameCounters(t, await reading.backfill([await reading.file(world.lines, '.log.gz')]), expected)
  t.same(await reading.differences(world, expected.points), [])
})

t.test('until a busy second, then since it', async (t) => {
  const cut = busySecond(world, expected)
  const reading = await trial()
  const file = await reading.file(world.lines)
  const early = await reading.backfill([file], ['--until', instant(cut)])
  const [before, after] = [expected.points.filter(({ second }) => second < cut), pointsSince(cut)]
  t.equal(early.points, before.length)
  t.same(await reading.differences(world, before), [])
  const late = await reading.backfill([file], ['--since', instant(cut)])
  t.equal(late.points, after.length)
  t.same(await reading.differences(world, expected.points), [])
})

t.test('only since a busy second: earlier lines keep their rows', async (t) => {
  const cut = busySecond(world, expected)
  const reading = await trial()
  await reading.backfill([await reading.file(world.lines)], ['--since', instant(cut)])
  t.same(await reading.differences(world, pointsSince(cut)), [])
})

t.test('the later half first', async (t) => {
  const reading = await trial()
  const file = await reading.file(world.lines)
  await reading.backfill([file], ['--since', instant(world.quietSecond)])
  await reading.backfill([file], ['--until', instant(world.quietSecond)])
  t.same(await reading.differences(world, expected.points), [])
})

t.test('the later file first', async (t) => {
  const reading = await trial()
  const at = world.lines.findIndex(({ endMicros }) => endMicros >= world.quietSecond * 1_000_000)
  t.ok(at > cutAt(world, 0.3) && at < cutAt(world, 0.7))
  await reading.backfill([await reading.file(world.lines.slice(at))])
  await reading.backfill([await reading.file(world.lines.slice(0, at))])
  t.same(await reading.differences(world, expected.points), [])
})

function pointsSince(cut: number) {
  return expected.points.filter(({ second }) => second >= cut)
}

function sameCounters(t: Test, summary: Record<string, number>, { counters }: Expected) {
  const { malformed, ...others } = counters
  const { malformed: found = 0, ...all } = summary
  t.match(all, { ...others, written: counters.points, refused: 0 })
  // Other garbage may count, too: the world has ten lines of it.
  t.ok(found >= malformed && found <= malformed + 10, `${found} malformed lines, ${malformed} at least`)
}

/** A second at which a line gets nothing, because a line before that second has its rows. */
function busySecond({ lines }: World, { verdicts }: Expected): number {
  for (const [line, verdict] of verdicts) {
    if (verdict.outcome !== 'nothing' || line < lines.length / 3) continue
    if (lines[line]?.truth?.scenario === 'overtaken') return verdict.second
  }
  throw new Error('nobody was overtaken')
}
