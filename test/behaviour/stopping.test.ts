// How a collector ends: when it is asked, while others hang, at once, and that there is never more than one.
import { appendFile } from 'node:fs/promises'
import t from 'tap'
import { Live } from './live.ts'

const live = await Live.start(t)

t.test('a second collector on one state_dir refuses, and names the lock', async (t) => {
  const one = await live.site(t)
  await one.collect()
  const { status, stderr } = await one.run(['collect'])
  t.equal(status, 1)
  t.match(stderr, one.folder.file('state', 'collect.lock'))
  t.match(stderr, /stop it first/)
  await one.site.invoke()
  await one.wholeWithin()
})

for (const [name, server] of [
  ['InfluxDB', live.influxdb],
  ['PostgreSQL', live.postgres],
] as const)
  t.test(`asked to stop while ${name} hangs, it leaves with 0 inside ten seconds and loses nothing`, async (t) => {
    const one = await live.site(t)
    const collector = await one.collect()
    await one.site.invoke()
    await one.wholeWithin()
    if (name === 'InfluxDB') await server.pause()
    await one.site.invoke()
    if (name === 'PostgreSQL') await server.pause()
    await appendFile(one.site.accessLog, 'a line more\n')
    const started = performance.now()
    collector.signal('SIGTERM')
    t.same(await collector.exited, { status: 0, signal: null })
    t.ok(performance.now() - started < 10_000)
    await server.resume()
    await one.collect()
    await one.wholeWithin()
  })

t.test('asked to stop while it waits, it leaves at once', async (t) => {
  const one = await live.site(t)
  const collector = await one.collect({ influxdb: { url: 'http://127.0.0.1:9' } })
  await one.site.invoke()
  await collector.waitFor(/event=waiting/)
  const started = performance.now()
  collector.signal('SIGINT')
  t.same(await collector.exited, { status: 0, signal: null })
  t.ok(performance.now() - started < 2000)
  await one.collect()
  await one.wholeWithin()
})

t.test('a second signal ends it at once', async (t) => {
  const one = await live.site(t)
  const collector = await one.collect()
  await one.site.invoke()
  await one.wholeWithin()
  await live.influxdb.pause()
  await one.site.invoke()
  // It has been decided on, so its point is on the way to a server that does not answer.
  collector.signal('SIGTERM')
  await collector.waitFor(/event=stopping .*second signal/)
  const started = performance.now()
  collector.signal('SIGTERM')
  await collector.exited
  t.ok(performance.now() - started < 1000)
  live.influxdb.resume()
  await one.collect()
  await one.wholeWithin()
})
