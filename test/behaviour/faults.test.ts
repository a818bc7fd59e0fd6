// Everything around the collector fails while a server is used; in the end every invocation is there once.
import { existsSync } from 'node:fs'
import { setTimeout as sleep } from 'node:timers/promises'
import t from 'tap'
import { startInfluxdb } from '../services/influxdb.ts'
import { startPostgres } from '../services/postgres.ts'
import { start, writeConfig } from '../services/program.ts'
import { temporaryFolder } from '../services/temporary.ts'
import { foundIn, LivingSite } from '../world/living_site.ts'
import { Random } from '../world/random.ts'

const kills = 10
const downMs = 5000
const database = 'points'
const user = { username: 'writer', password: 'writers-password' }

t.test('killed ten times, with three rotations, a gzip, and both databases down: missing 0, extra 0', async (t) => {
  await using folder = await temporaryFolder('faults')
  await using postgres = await startPostgres()
  await using influxdb = await startInfluxdb()
  await influxdb.createDatabase(database)
  await influxdb.addUser(user.username, user.password, { [database]: 'WRITE' })
  const site = await LivingSite.start(postgres, 'galaxy', folder)
  t.teardown(() => site.nginx.stop())
  const config = await writeConfig(folder.path, site.configuration(influxdb, database, user))
  const seed = process.env.TEST_SEED ?? String(Date.now())
  t.comment(`seed ${seed}`)
  const random = new Random(seed)

  let collector = await start(['collect'], { config })
  t.teardown(() => collector.stop())
  // A first start passes over what was rotated before it.
  while (!existsSync(`${folder.path}/state/place.json`)) await sleep(10)
  const killed: unknown[] = []
  const kill = async (whileDead?: () => Promise<unknown>) => {
    collector.signal('SIGKILL')
    killed.push(await collector.exited)
    await whileDead?.()
    collector = await start(['collect'], { config })
  }

  let ended = false
  let galaxyDown = false
  const use = async () => {
    while (!ended) {
      const kind = random.integer(0, 9)
      if (kind < 6 && !galaxyDown) await site.invoke(random.integer(0, 9) === 0 ? 3 : 1)
      else if (kind < 8) await site.invokeWithoutRow()
      else if (kind < 9) await site.refuse()
      else await site.browse()
      await sleep(random.integer(0, 15))
    }
  }
  const users = [use(), use(), use()]
  const some = () => Promise.all([site.invoke(), site.invokeWithoutRow(), site.refuse()])

  const faults = [
    () => site.rotate(some),
    // Rotated and packed while nobody reads.
    () => kill(async () => site.compress(await site.rotate(some))),
    async () => {
      await influxdb.stop()
      await sleep(downMs / 2)
      await kill()
      await sleep(downMs / 2)
      await influxdb.restart()
    },
    async () => {
      galaxyDown = true
      await sleep(100)
      await postgres.stop()
      await sleep(downMs / 2)
      await kill()
      await sleep(downMs / 2)
      await postgres.restart()
      galaxyDown = false
    },
    async () => {
      const rotated = await site.rotate(some)
      await kill()
      await some()
      t.ok(rotated)
    },
  ]
  for (let index = 0; killed.length < kills; index++) {
    await sleep(random.integer(50, 1500))
    await (faults[index]?.() ?? kill())
  }
  ended = true
  await Promise.all(users)

  const isWhole = async () => {
    const found = await foundIn(influxdb, database)
    return (
      found.invocations.length >= site.made.invocations.length &&
      found.withoutRow >= site.made.withoutRow &&
      found.refused >= site.made.refused
    )
  }
  const deadline = Date.now() + 30_000
  while (!(await isWhole()) && Date.now() < deadline) await sleep(100)
  await sleep(1500)
  collector.signal('SIGTERM')
  t.same(await collector.exited, { status: 0, signal: null }, 'it leaves cleanly')

  const found = await foundIn(influxdb, database)
  const wanted = new Set(site.made.invocations)
  const have = new Set(found.invocations)
  t.comment(
    `${wanted.size} invocations, ${site.made.withoutRow} requests without rows, ${site.made.refused} refused; ${killed.length} kills`,
  )
  t.same(
    [...wanted].filter((id) => !have.has(id)),
    [],
    'missing',
  )
  t.same(
    [...have].filter((id) => !wanted.has(id)),
    [],
    'extra',
  )
  t.equal(found.invocations.length, wanted.size, 'each once')
  t.equal(found.withoutRow, site.made.withoutRow, 'requests without rows')
  t.equal(found.refused, site.made.refused, 'refused requests')
  t.ok(wanted.size > 200, 'enough was going on')
})
