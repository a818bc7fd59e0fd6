// The embedded store gets the points that InfluxDB gets, beside it and instead of it, and keeps them whatever happens.
import { rmSync, statSync, writeFileSync } from 'node:fs'
import { DatabaseSync } from 'node:sqlite'
import t from 'tap'
import { run } from '../services/program.ts'
import { compareReadings } from '../world/compare.ts'
import { expectedPoints } from '../world/oracle/points.ts'
import { isWhole, storedPoints } from '../world/stored_points.ts'
import { differencesOf, Servers, Trial } from '../world/trial.ts'
import { makeWorld } from '../world/world.ts'

const world = makeWorld({ seed: process.env.WORLD_SEED ?? 'the store' })
const expected = expectedPoints(world)
const servers = await Servers.start()
const galaxyUrl = await servers.load(world)
t.teardown(() => servers[Symbol.asyncDispose]())

t.test('beside InfluxDB: both have every point, to the nanosecond, also when read twice', async (t) => {
  const trial = await Trial.start(servers, galaxyUrl, world.settings, 'both')
  const file = await trial.file(world.lines)
  for (const time of ['once', 'twice']) {
    t.match(await trial.backfill([file]), { points: expected.points.length, written: expected.points.length })
    const stored = storedPoints(trial.storeFile)
    t.same(differencesOf(world, expected.points, stored), [], `what the rules give, read ${time}`)
    t.same(compareReadings(stored, await trial.points()), [], 'what InfluxDB has')
    t.equal(stored.length, expected.points.length)
  }
})

t.test('instead of InfluxDB, for its owner alone', async (t) => {
  const trial = await Trial.start(servers, galaxyUrl, world.settings, 'store')
  const file = await trial.file(world.lines)
  t.match(await trial.backfill([file]), { points: expected.points.length, written: expected.points.length })
  t.same(differencesOf(world, expected.points, storedPoints(trial.storeFile)), [])
  t.equal(statSync(trial.storeFile).mode & 0o777, 0o600)
  t.same(await trial.points(), [], 'nothing in InfluxDB')
  await trial.loseState()
  await trial.backfill([file])
  t.same(differencesOf(world, expected.points, storedPoints(trial.storeFile)), [], 'nor twice with the state lost')
})

t.test('killed again and again while it writes', async (t) => {
  const trial = await Trial.start(servers, galaxyUrl, world.settings, 'store')
  const file = await trial.file(world.lines)
  const sizes: number[] = []
  for (let afterMs = 200; (sizes.at(-1) ?? 0) < expected.points.length; afterMs += 100) {
    await trial.killedBackfill([file], afterMs)
    const stored = statSync(trial.storeFile, { throwIfNoEntry: false }) ? pointsOrNone(trial.storeFile) : []
    if (stored.length > 0) t.ok(isWhole(trial.storeFile))
    t.ok(stored.length >= (sizes.at(-1) ?? 0), 'what was there stays')
    sizes.push(stored.length)
  }
  t.ok(
    sizes.some((size) => size > 0 && size < expected.points.length),
    `it was killed between the first point and the last: ${sizes}`,
  )
  await trial.backfill([file])
  t.same(differencesOf(world, expected.points, storedPoints(trial.storeFile)), [])
})

t.test('collectors that write at once', async (t) => {
  const trial = await Trial.start(servers, galaxyUrl, world.settings, 'store')
  const file = await trial.file(world.lines)
  await Promise.all([trial.backfill([file]), trial.backfill([file])])
  t.same(differencesOf(world, expected.points, storedPoints(trial.storeFile)), [])
})

t.test('a store that another program holds is waited for', async (t) => {
  const trial = await Trial.start(servers, galaxyUrl, world.settings, 'store')
  const file = await trial.file(world.lines)
  await trial.backfill([await trial.file(world.lines.slice(0, 10))])
  using holder = new DatabaseSync(trial.storeFile)
  holder.exec('begin immediate')
  await using child = await trial.start(['backfill', file])
  await child.waitFor(/event=waiting .*store.*database is locked/)
  holder.exec('rollback')
  t.match(await child.exited, { status: 0 })
  t.same(differencesOf(world, expected.points, storedPoints(trial.storeFile)), [])
})

t.test('a file that cannot be used', async (t) => {
  const trial = await Trial.start(servers, galaxyUrl, world.settings, 'store')
  const file = await trial.file(world.lines.slice(0, 1000))
  await trial.backfill([file])
  const refusal = async () => {
    const { status, stderr } = await run(['backfill', file], { config: trial.configuration })
    t.equal(status, 1)
    return stderr
  }
  {
    using database = new DatabaseSync(trial.storeFile)
    database.exec('pragma user_version = 2')
  }
  t.match(await refusal(), /store \(.*\): it was made by a newer version.*format 2.*Install that version/)
  rmSync(trial.storeFile)
  {
    using database = new DatabaseSync(trial.storeFile)
    database.exec('create table song (title text)')
  }
  t.match(await refusal(), /store \(.*\): it is the database of something else/)
  writeFileSync(trial.storeFile, 'no database, but text enough to be taken for none. '.repeat(100))
  t.match(await refusal(), /store \(.*\): file is not a database/)
})

/** The file may be there before its tables are. */
function pointsOrNone(path: string) {
  try {
    return storedPoints(path)
  } catch {
    return []
  }
}
