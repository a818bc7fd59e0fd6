// InfluxDB 1.x in every bad mood: points wait for it, and those that it will never take hold up no other.
import t from 'tap'
import { startInfluxdb } from '../services/influxdb.ts'
import { countersOf, Live, until, user } from './live.ts'

const live = await Live.start(t)
const { influxdb } = live
const waiting = /event=waiting for=InfluxDB /

t.test('down at the start, and again later', async (t) => {
  const live1 = await live.site(t)
  await influxdb.stop()
  const collector = await live1.collect()
  await live1.site.invoke(3)
  const [said] = await collector.waitFor(/event=waiting for=InfluxDB .*/)
  t.match(said, /ECONNREFUSED.*remedy="Is the server up/)
  await influxdb.restart()
  await live1.wholeWithin()
  await influxdb.restart()
  await live1.site.invoke()
  await live1.site.invokeWithoutRow()
  await live1.site.refuse()
  await live1.wholeWithin()
  await influxdb.kill9()
  await live1.site.invoke()
  await influxdb.restart()
  await live1.wholeWithin()
  t.same(await collector.stop(), { status: 0, signal: null })
})

t.test('hanging in the middle of the work', async (t) => {
  const live1 = await live.site(t)
  const collector = await live1.collect()
  await live1.site.invoke()
  await live1.wholeWithin()
  await influxdb.pause()
  for (let count = 0; count < 5; count++) await live1.site.invoke(2)
  influxdb.resume()
  await live1.wholeWithin()
  t.same(await collector.stop(), { status: 0, signal: null })
  t.match(countersOf(collector.stderr()), { points: 11, written: 11, refused: 0 })
})

t.test('a user who is made later', async (t) => {
  const live1 = await live.site(t)
  const collector = await live1.collect({ influxdb: { username: 'later', password: 'laters-password' } })
  await live1.site.invoke()
  await collector.waitFor(/HTTP 401.*remedy="Check influxdb\.username and influxdb\.password/)
  await influxdb.addUser('later', 'laters-password')
  await collector.waitFor(/event=waiting/)
  await influxdb.query('', `GRANT WRITE ON "${live1.name}" TO "later"`)
  await live1.wholeWithin()
  t.notMatch(collector.stderr(), /laters-password/)
})

t.test('a user without the right to write', async (t) => {
  const live1 = await live.site(t)
  await influxdb.addUser('powerless', 'password')
  const collector = await live1.collect({ influxdb: { username: 'powerless', password: 'password' } })
  await live1.site.invoke()
  await collector.waitFor(/HTTP 403.*right to write to live/)
  await influxdb.query('', `GRANT WRITE ON "${live1.name}" TO "powerless"`)
  await live1.wholeWithin()
})

t.test('a database that is created later', async (t) => {
  const live1 = await live.site(t)
  await influxdb.query('', `DROP DATABASE "${live1.name}"`)
  const collector = await live1.collect({ influxdb: influxdb.admin })
  await live1.site.invoke()
  await collector.waitFor(new RegExp(`HTTP 404.*Create the database ${live1.name}`))
  await influxdb.createDatabase(live1.name)
  await live1.wholeWithin()
})

t.test('a field of another type: these points are refused, counted and told, the others written', async (t) => {
  const live1 = await live.site(t)
  await influxdb.write(live1.name, `workflow_invocation,domain=x invocation_id="a text" ${Date.now()}000000`)
  const { site } = live1
  for (let round = 0; round < 3; round++) {
    await site.invoke(2)
    await site.invokeWithoutRow()
    await site.refuse()
  }
  const collector = await live1.collect()
  await until('the others are written', async () => (await live1.found()).withoutRow >= 3)
  await site.invokeWithoutRow()
  await until('what comes later is written', async () => (await live1.found()).withoutRow >= 4)
  t.same(await collector.stop(), { status: 0, signal: null })
  t.match(countersOf(collector.stderr()), { points: 13, written: 7, refused: 6 })
  t.match(collector.stderr(), /level=error event=point_refused .*field type conflict/)
  const { invocations, refused } = await live1.found()
  t.same([invocations.length - 1, refused], [0, 3], 'only the one that was there before')

  const again = await live1.collect()
  await site.invokeWithoutRow()
  await until('a restart', async () => (await live1.found()).withoutRow >= 5)
  await again.stop()
  t.match(countersOf(again.stderr()), { refused: 0 }, 'refused points are not tried for ever')
})

t.test('no more values of a tag: points with new ones are refused, those with known ones written', async (t) => {
  await using small = await startInfluxdb({ maxValuesPerTag: 4 })
  await small.addUser(user.username, user.password)
  const live1 = await live.site(t, small)
  const collector = await live1.collect()
  // Each of the first eight invocations is of another workflow.
  for (let count = 1; count <= 16; count++) {
    await live1.site.invoke()
    await live1.site.refuse()
    await until(`refused request ${count}`, async () => (await live1.found()).refused >= count)
  }
  await collector.stop()
  const { invocations } = await live1.found()
  t.ok(invocations.length >= 8, `${invocations.length} are written`)
  t.ok(
    invocations.some((id) => id > 8),
    'known names also after the limit was reached',
  )
  t.match(countersOf(collector.stderr()), {
    points: 32,
    written: 16 + invocations.length,
    refused: 16 - invocations.length,
  })
  t.match(collector.stderr(), /event=point_refused .*max-values-per-tag/)
})

t.test('TLS with an own authority, and with one that nobody knows', async (t) => {
  await using secure = await startInfluxdb({ tls: true })
  await secure.addUser(user.username, user.password)
  const live1 = await live.site(t, secure)
  const distrustful = await live1.collect()
  await live1.site.invoke()
  await distrustful.waitFor(/event=waiting for=InfluxDB .*remedy="[^"]*influxdb\.ca_file/)
  await distrustful.stop()
  t.same((await live1.found()).invocations, [], 'nothing is sent to a stranger')
  const trusting = await live1.collect({ influxdb: { ca_file: secure.caFile! } })
  await live1.wholeWithin()
  await trusting.stop()
  await live1.site.invoke()
  await live1.collect({ influxdb: { verify_ssl: false } })
  await live1.wholeWithin()
})

t.test('what is waited for is said once a minute, not at each attempt', async (t) => {
  const live1 = await live.site(t)
  const collector = await live1.collect({ influxdb: { url: 'http://127.0.0.1:9' } })
  await live1.site.invoke()
  await collector.waitFor(waiting)
  for (let count = 0; count < 10; count++) await live1.site.invoke()
  await collector.stop()
  t.equal(collector.stderr().match(new RegExp(waiting, 'g'))?.length, 1)
})
