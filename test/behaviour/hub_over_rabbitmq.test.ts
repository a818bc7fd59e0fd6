// The built program as two processes with RabbitMQ between them: what the outbox accepted is delivered, and known to be.
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import t from 'tap'
import type { NewEvent } from '../../src/events/event.ts'
import { newEventId } from '../../src/events/event_id.ts'
import { openOutbox } from '../../src/outbox/file.ts'
import { Outbox } from '../../src/outbox/outbox.ts'
import { request } from '../services/http.ts'
import { startInfluxdb } from '../services/influxdb.ts'
import { needs } from '../services/needed.ts'
import { run, start, writeConfig } from '../services/program.ts'
import { startRabbitmq } from '../services/rabbitmq.ts'
import { freePort, temporaryFolder } from '../services/temporary.ts'
import { until, user } from './live.ts'

function event(type: string, payload: NewEvent['payload']): NewEvent {
  const named = { source: 'galaxy', category: 'upload', type, schemaVersion: '1', known: false, extensions: {} }
  return { id: newEventId(), occurredMs: Date.parse('2026-06-25T00:00:00Z'), ...named, payload }
}

t.test('serve, RabbitMQ and work', needs('rabbitmq-server', 'influxd'), async (t) => {
  const [rabbitmq, influxdb, folder] = await Promise.all([startRabbitmq(), startInfluxdb(), temporaryFolder('hub')])
  t.teardown(() => Promise.all([rabbitmq, influxdb, folder].map((one) => one[Symbol.asyncDispose]())))
  await influxdb.createDatabase('events')
  await influxdb.addUser(user.username, user.password, { events: 'WRITE' })
  const file = join(folder.path, 'events.sqlite')
  const config = await writeConfig(folder.path, {
    serve: { listen: `127.0.0.1:${await freePort()}` },
    events: {
      file,
      rabbitmq: { url: rabbitmq.url },
      destinations: { statistics: { kind: 'influxdb', url: influxdb.url, database: 'events', ...user } },
    },
  })
  await using serve = await start(['serve'], { config })
  await serve.waitFor(/event=serving/)
  const database = openOutbox(file, 'full')
  const outbox = new Outbox(database, file)
  t.teardown(() => outbox.close())
  const accept = (events: NewEvent[]) => outbox.accept(events)
  const states = (destination: string) =>
    database
      .prepare('select state, count(*) as count from delivery where destination = ? group by state order by state')
      .all(destination)
      .map((row) => ({ ...row }))
  const isAt = (destination: string, delivered: number) => () =>
    states(destination).some(({ state, count }) => state === 'delivered' && Number(count) >= delivered)

  const shown = async () => {
    const { body } = await request(`${/event=serving url=(\S+)/.exec(serve.stderr())![1]}api/data/destinations.json`)
    return JSON.parse(body) as Record<string, unknown>[]
  }
  const events = Array.from({ length: 300 }, (_, index) => event('file', { size: index }))
  await accept(events.slice(0, 100))
  await until('what waits for a worker is shown', async () => (await shown())[1]?.['waiting'] === 100, 30_000)
  t.match(await shown(), [
    { name: 'exchange', kind: 'rabbitmq', circuit: 'closed', delivered: 100, waiting: 0 },
    { name: 'statistics', kind: 'influxdb', circuit: 'unknown', paused: false, delivered: 0, retrying: 0, dead: 0 },
  ])

  let work = await start(['work', '--destination', 'statistics'], { config })
  t.teardown(() => work.stop())
  await work.waitFor(/event=working/)

  await until('the first are delivered', isAt('statistics', 100), 60_000)
  await until('what the worker says is shown', async () => (await shown())[1]?.['delivered'] === 100, 30_000)
  t.match((await shown())[1], { circuit: 'closed', waiting: 0, cause: null })
  await rabbitmq.stop()
  await until('that nothing is known is shown', async () => (await shown())[1]?.['waiting'] === null, 30_000)
  await accept(events.slice(100, 200))
  work.signal('SIGKILL')
  await work.exited
  await rabbitmq.restart()
  work = await start(['work', '--destination', 'statistics'], { config })
  // One that InfluxDB cannot take: `size` is a count.
  const bad = event('file', { size: 0.5 })
  await accept([...events.slice(200), bad])
  await until('all are known to be delivered', isAt('statistics', 300), 60_000)
  await until('the bad one is known', () => states('statistics').length === 2)
  t.same(states('statistics'), [
    { state: 'dead', count: 1 },
    { state: 'delivered', count: 300 },
  ])
  t.same(states('exchange'), [{ state: 'delivered', count: 301 }])
  const points = await influxdb.query('events', 'SELECT count(event_id) FROM event_upload')
  t.match(points, [{ count: 300 }])

  await until('its dead letter is shown', async () => (await shown())[1]?.['dead'] === 1, 30_000)
  t.match((await shown())[1], { circuit: 'closed', last_cause: 'size: 0.5 is no whole number' })

  const listed = JSON.parse((await run(['dead', 'list', '--json'], { config })).stdout)
  t.match(listed.letters, [{ destination: 'statistics', id: bad.id, attempts: 1, event: { payload: { size: 0.5 } } }])
  const letter = await run(['dead', 'show', bad.id], { config })
  t.match(letter.stdout, listed.letters[0].cause)
  const replayed = await run(['dead', 'replay', '--destination', 'statistics', bad.id], { config })
  t.match(replayed.stdout, '1 to be delivered again')
  await until('it is a dead letter again', async () => {
    const again = JSON.parse((await run(['dead', 'list', '--json'], { config })).stdout)
    return again.letters[0] !== undefined && again.letters[0].dead_at !== listed.letters[0].dead_at
  })

  await influxdb.stop()
  await accept([event('file', { size: 2 })])
  const waits = async () => {
    const { waiting, circuit } = (await shown())[1]!
    return waiting === 1 && circuit === 'open'
  }
  await until('what the worker has in hand is shown to wait', waits, 60_000)
  await influxdb.restart()
  await until('it is delivered', isAt('statistics', 301), 60_000)

  await run(['pause', '--destination', 'statistics'], { config })
  await until('that it is paused is shown', async () => (await shown())[1]?.['paused'] === true, 30_000)
  // It may have asked RabbitMQ just before, and would deliver what comes within the second.
  await sleep(2000)
  const late = event('file', { size: 1 })
  await accept([late])
  await until('it is at RabbitMQ', isAt('exchange', 303))
  t.match(states('statistics'), [{ count: 1 }, { count: 301 }])
  await run(['resume', '--destination', 'statistics'], { config })
  await until('it is delivered, too', isAt('statistics', 302))

  const queue = 'workflow.events.statistics.retry'
  const queues = async () => (await rabbitmq.control('list_queues', '--quiet', 'name')).split('\n')
  t.ok((await queues()).includes(queue))
  await rabbitmq.control('delete_queue', queue)
  await until('a queue that was deleted is there again', async () => (await queues()).includes(queue), 30_000)
})
