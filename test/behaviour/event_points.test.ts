// Events in a real InfluxDB: none is another's point, each is one however often it is written, and what is refused has
// its reason.
import t from 'tap'
import { startInfluxdb } from '../services/influxdb.ts'
import { needs } from '../services/needed.ts'
import { delivering, newEvent } from './delivering.ts'
import { until } from './live.ts'

const database = 'events'

t.test('InfluxDB', needs('influxd'), async (t) => {
  const influxdb = await startInfluxdb()
  t.teardown(() => influxdb[Symbol.asyncDispose]())
  await influxdb.addUser('writer', 'a-password')
  let databases = 0
  const own = async (changes: object = {}) => {
    const name = `${database}${++databases}`
    await influxdb.createDatabase(name)
    await influxdb.query('', `GRANT ALL ON "${name}" TO "writer"`)
    const access = { url: influxdb.url, database: name, username: 'writer', password: 'a-password' }
    return { name, settings: { kind: 'influxdb', ...access, ...changes } }
  }

  t.test('ten thousand events of one millisecond and one tag set are ten thousand points', async (t) => {
    const { name, settings } = await own({ batch: 1000 })
    const hub = await delivering(t, settings)
    const events = Array.from({ length: 10_000 }, () => newEvent({ payload: { state: 'ok' } }))
    for (let at = 0; at < events.length; at += 1000) await hub.accept(events.slice(at, at + 1000))
    await hub.settle(events.length)
    const points = await influxdb.pointsOf(name, 'event_job')
    t.equal(points.length, 10_000)
    t.same(new Set(points.map(({ fields }) => fields['event_id'])), new Set(events.map(({ id }) => id)))
    t.same(new Set(points.map(({ tags }) => JSON.stringify(tags))).size, 1)
  })

  t.test('events written again, as after a crash, are no further points', async (t) => {
    const { name, settings } = await own({ tag_values: 3 })
    const [first, second] = [await delivering(t, settings), await delivering(t, settings)]
    const events = Array.from({ length: 20 }, (_, index) => newEvent({ payload: { state: `state${index}` } }))
    for (const hub of [first, second]) await hub.accept(events)
    await first.settle(20)
    const once = await influxdb.pointsOf(name, 'event_job')
    await second.settle(20)
    t.equal(once.length, 20)
    t.same(await influxdb.pointsOf(name, 'event_job'), once)
  })

  t.test('a tag has no more values than allowed, also after a restart', async (t) => {
    const { name, settings } = await own({ tag_values: 3 })
    const hub = await delivering(t, settings)
    const states = ['a', 'b', 'c', 'd', 'a', 'e', 'b']
    for (const [index, state] of states.entries()) {
      await hub.accept([newEvent({ payload: { state } })])
      await hub.settle(index + 1)
    }
    const points = await influxdb.pointsOf(name, 'event_job')
    t.same(
      points.map(({ tags }) => tags['state']),
      ['a', 'b', 'c', 'other', 'a', 'other', 'b'],
    )
  })

  t.test('nobody and nothing that anybody can fill is a tag', async (t) => {
    const { name, settings } = await own()
    const hub = await delivering(t, settings)
    const payload = {
      user_id: 'u',
      user_name: 'Ada',
      resource_name: 'n',
      message: 'm',
      extractor_name: 'ocr',
      region: 'eu',
    }
    await hub.accept([newEvent({ category: 'extraction', type: 'file', payload })])
    await hub.settle(1)
    const [point] = await influxdb.pointsOf(name, 'event_extraction')
    t.same(point?.tags, { category: 'extraction', type: 'file', source: 'galaxy', extractor_name: 'ocr', region: 'eu' })
    t.match(point?.fields, { user_id: 'u', user_name: 'Ada', resource_name: 'n', message: 'm' })
  })

  t.test('numbers are floats whatever they look like, and counts that are documented are integers', async (t) => {
    const { name, settings } = await own()
    const hub = await delivering(t, settings)
    const ping = { probe: 'p', region: 'eu', target: 'galaxy', success: true, packets_transmitted: 5 }
    await hub.accept([
      newEvent({ payload: { runtime_seconds: 1 } }),
      newEvent({ payload: { runtime_seconds: 1.5 } }),
      newEvent({ category: 'download', type: 'file', payload: { size: 5_000_000_000 } }),
      newEvent({ category: 'probe', type: 'ping', payload: { ...ping, percent_packet_loss: 0 } }),
    ])
    await hub.settle(4)
    t.same(hub.dead(), {})
    t.match(await influxdb.fieldTypes(name, 'event_job'), { runtime_seconds: 'float', event_id: 'string' })
    t.match(await influxdb.fieldTypes(name, 'event_download'), { size: 'integer' })
    t.match(await influxdb.fieldTypes(name, 'ping'), {
      ...{ packets_transmitted: 'integer', percent_packet_loss: 'float', success: 'boolean' },
    })
  })

  t.test(
    'a point that InfluxDB refuses is a dead letter with its reason, and its neighbours are written',
    async (t) => {
      const { name, settings } = await own()
      const hub = await delivering(t, settings)
      const payloads = [{ answer: 1 }, { answer: 'one' }, { answer: 2 }]
      const events = payloads.map((payload) => newEvent({ payload }))
      const half = newEvent({ category: 'download', type: 'file', payload: { size: 1.5 } })
      await hub.accept([...events, half])
      await hub.settle(4)
      const dead = hub.dead()
      t.same(Object.keys(dead).sort(), [events[1]!.id, half.id].sort())
      t.match(dead[events[1]!.id], /field type conflict.*answer/)
      t.equal(dead[half.id], 'size: 1.5 is no whole number')
      t.equal((await influxdb.pointsOf(name, 'event_job')).length, 2)
    },
  )

  t.test("one measurement for all, as Clowder's own worker wrote them", async (t) => {
    const { name, settings } = await own({ measurement: 'events' })
    const hub = await delivering(t, settings)
    await influxdb.write(name, 'events,category=download,type=file size=1i 1')
    await hub.accept([newEvent({ category: 'download', type: 'file', payload: { size: 7 } }), newEvent()])
    await hub.settle(2)
    t.same(hub.dead(), {})
    t.equal((await influxdb.pointsOf(name, 'events')).length, 3)
  })

  t.test('an event that carries a point is that very point', async (t) => {
    const { name, settings } = await own()
    const hub = await delivering(t, settings)
    const payload = {
      measurement: 'workflow_invocation',
      tags: { domain: 'usegalaxy.org.au', workflow_name: 'A, b = c' },
      fields: { count: 1, workflow_id: 7, trs_version_id: 'v1' },
      integers: ['workflow_id'],
      time_ns: '1782388800123456789',
    }
    await hub.accept([newEvent({ category: 'workflow', type: 'invocation', payload })])
    await hub.settle(1)
    const [point] = await influxdb.pointsOf(name, 'workflow_invocation')
    t.same(point?.tags, payload.tags)
    t.match(point?.fields, { count: 1, workflow_id: 7, trs_version_id: 'v1' })
    t.equal(await influxdb.fieldTypes(name, 'workflow_invocation').then((types) => types['workflow_id']), 'integer')
    t.equal(String(point?.time), payload.time_ns)
  })

  t.test('away, hanging and with a wrong password: events wait, and each arrives once', async (t) => {
    const { name, settings } = await own({ batch: 10 })
    const hub = await delivering(t, settings)
    const worker = await hub.work()
    const accept = (count: number) => hub.accept(Array.from({ length: count }, () => newEvent()))
    const says = (cause: RegExp) => until(`it says ${cause}`, () => cause.test(worker.state().cause ?? ''))
    await influxdb.stop()
    await accept(30)
    await says(/ECONNREFUSED/)
    t.equal(hub.settled(), 0)
    await influxdb.restart()
    await until('those are written', () => hub.settled() === 30)
    await influxdb.pause()
    await accept(30)
    influxdb.resume()
    await until('those, too', () => hub.settled() === 60)
    await influxdb.query('', `SET PASSWORD FOR "writer" = 'another'`)
    await accept(30)
    await says(/401/)
    t.equal(hub.settled(), 60)
    await influxdb.query('', `SET PASSWORD FOR "writer" = 'a-password'`)
    await until('and those', () => hub.settled() === 90)
    await worker.end()
    t.same(hub.dead(), {})
    t.equal((await influxdb.pointsOf(name, 'event_job')).length, 90)
  })
})
