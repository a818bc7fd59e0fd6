// Points that go over RabbitMQ to a worker are those that go to InfluxDB straight, though the broker dies meanwhile.
import { join } from 'node:path'
import t from 'tap'
import { needs } from '../services/needed.ts'
import { run, start, writeConfig } from '../services/program.ts'
import { startRabbitmq } from '../services/rabbitmq.ts'
import { temporaryFolder } from '../services/temporary.ts'
import { compareReadings } from '../world/compare.ts'
import { Servers, Trial } from '../world/trial.ts'
import { makeWorld } from '../world/world.ts'
import { until } from './live.ts'

t.test('a world read through the exchange', needs('rabbitmq-server', 'postgres', 'influxd'), async (t) => {
  const world = makeWorld({ seed: 'through the exchange', lines: 20_000, invocations: 1200 })
  const [servers, rabbitmq, folder] = await Promise.all([
    Servers.start(),
    startRabbitmq(),
    temporaryFolder('through-exchange'),
  ])
  t.teardown(() => Promise.all([servers, rabbitmq, folder].map((one) => one[Symbol.asyncDispose]())))
  const galaxyUrl = await servers.load(world)
  const [straight, through] = [
    await Trial.start(servers, galaxyUrl, world.settings),
    await Trial.start(servers, galaxyUrl, world.settings),
  ]
  const file = await straight.file(world.lines)
  const summary = await straight.backfill([file])
  const points = await straight.points()

  const { influxdb, ...configuration } = through.configuration
  const statistics = { kind: 'influxdb', personal: true, batch: 50, filter: ['workflow.#'], ...(influxdb as object) }
  const config = await writeConfig(folder.path, {
    ...configuration,
    collect: { through: 'exchange' },
    events: {
      file: join(folder.path, 'events.sqlite'),
      rabbitmq: { url: rabbitmq.url },
      destinations: { statistics },
    },
  })
  await using worker = await start(['work', '--destination', 'statistics'], { config })
  await worker.waitFor(/event=working/)
  await rabbitmq.kill9()
  const reading = run(['backfill', '--json', file], { config, timeoutMs: 120_000 })
  await rabbitmq.restart()
  await until('the first points are there', async () => (await through.points()).length > 0, 60_000)
  await rabbitmq.kill9()
  await rabbitmq.restart()
  const { status, stdout, stderr } = await reading
  t.equal(status, 0, stderr)
  t.same(JSON.parse(stdout), summary, 'the collector says the same of it')
  await until('all points are there', async () => (await through.points()).length >= points.length, 60_000)
  t.same(compareReadings(points, await through.points()), [])
  t.equal((await worker.stop()).status, 0)
  t.match(worker.stderr(), /event=worked .*dead=0/)

  const check = await run(['check'], { config })
  t.match(check.stdout, /ok {4}RabbitMQ/)
  t.match(check.stdout, /ok {4}events to statistics {2}influxdb would take events/)
})
