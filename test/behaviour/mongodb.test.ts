// Events in a MongoDB-compatible server: one document each, however often they are written and whatever fails.
import t, { type Test } from 'tap'
import { Unavailable } from '../../src/base/errors.ts'
import { Mongodb as Client } from '../../src/clients/mongodb.ts'
import type { NewEvent } from '../../src/events/event.ts'
import { startCuttingProxy } from '../services/cutting_proxy.ts'
import { startFerretdb } from '../services/ferretdb.ts'
import { needsFerretdb } from '../services/ferretdb_program.ts'
import { delivering, newEvent } from './delivering.ts'
import { until } from './live.ts'

t.test('MongoDB', needsFerretdb(), async (t) => {
  const server = await startFerretdb()
  t.teardown(() => server[Symbol.asyncDispose]())
  let databases = 0
  const own = (changes: object = {}) => {
    const name = `events${++databases}`
    return { name, settings: { kind: 'mongodb', url: server.url, database: name, ...changes } }
  }
  const some = (count: number) => Array.from({ length: count }, () => newEvent())
  const idsOf = (events: NewEvent[]) => events.map(({ id }) => id).sort()
  /** Of a client that is not patient. */
  const client = (t: Test, settings: object, answerMs = 2000) => {
    const { url } = server
    const made = new Client(
      { url, database: 'clients', collection: 'c', verifySsl: true, caFile: null, ...settings },
      answerMs,
    )
    t.teardown(() => made.close())
    return made
  }
  const failureOf = (work: Promise<unknown>) =>
    work.then(
      () => t.fail('it was content'),
      (error) => error,
    )

  t.test('an event is a document with times as times', async (t) => {
    const { name, settings } = own()
    const hub = await delivering(t, settings)
    const payload = { size: 5_000_000_000, healthy: true, share: 0.25, nothing: null, list: [1, { a: 'b' }] }
    const event = newEvent({ payload, extensions: { origin: 'here' } })
    await hub.accept([event])
    await hub.settle(1)
    const [document] = await server.documentsOf(name, 'events')
    t.same(document, {
      _id: event.id,
      occurred_at: new Date(event.occurredMs),
      ordinal: 0,
      received_at: new Date(hub.outbox.find(event.id)!.receivedMs),
      source: 'galaxy',
      category: 'job',
      type: 'finished',
      schema_version: '1',
      known: false,
      payload,
      extensions: { origin: 'here' },
    })
  })

  t.test('names that mean something to MongoDB or to its driver are only names', async (t) => {
    const { name, settings } = own()
    const hub = await delivering(t, settings)
    const text =
      '{"a.b":1,"$where":2,"a\\u0000b":3,"":4,"__proto__":{"x":5},"_bsontype":"ObjectId","toBSON":6,"a．b":7,"in":[{"$ref":"x","$id":8}]}'
    await hub.accept([newEvent({ payload: JSON.parse(text) }), newEvent()])
    await hub.settle(2)
    t.same(hub.dead(), {})
    const documents = await server.documentsOf(name, 'events')
    t.equal(documents.length, 2)
    t.same(Object.entries(documents.find(({ payload }) => Object.keys(payload).length > 0)!['payload']), [
      ...[
        ['a．b_', 1],
        ['＄where', 2],
        ['a␀b', 3],
        ['', 4],
        ['__proto__', { x: 5 }],
        ['_bsontype', 'ObjectId'],
      ],
      ...[
        ['toBSON', 6],
        ['a．b', 7],
        ['in', [{ '＄ref': 'x', '＄id': 8 }]],
      ],
    ])
  })

  t.test('what MongoDB will never take is a dead letter with its reason, and holds up no other', async (t) => {
    const { name, settings } = own()
    const hub = await delivering(t, settings)
    const deep = newEvent({ payload: { deep: JSON.parse(`${'['.repeat(95)}1${']'.repeat(95)}`) } })
    const big = newEvent({ payload: { big: 'x'.repeat(16 * 1024 * 1024) } })
    const others = some(5)
    await hub.accept([deep, ...others, big])
    await hub.settle(7)
    const dead = hub.dead()
    t.same(Object.keys(dead).sort(), idsOf([deep, big]))
    t.match(dead[deep.id], /nested deeper than 90 levels/)
    t.match(dead[big.id], /has 16777\d{3} bytes, and MongoDB takes no more than 16777216/)
    t.same(
      (await server.documentsOf(name, 'events')).map(({ _id }) => _id),
      idsOf(others),
    )
  })

  t.test('what is there already counts as delivered, unless it is there by another key', async (t) => {
    const { name, settings } = own()
    const [first, second] = [await delivering(t, settings), await delivering(t, settings)]
    const events = some(20)
    for (const hub of [first, second]) await hub.accept(events)
    await first.settle(20)
    await server.inCollection(name, 'events', (all) => all.createIndex({ 'payload.key': 1 }, { unique: true }))
    const [fresh, taken] = [newEvent({ payload: { key: 1 } }), newEvent({ payload: { key: 1 } })]
    await second.accept([fresh, taken])
    await second.settle(22)
    t.match(second.dead(), { [taken.id]: /^11000: E11000 duplicate key/ })
    t.equal(Object.keys(second.dead()).length, 1)
    t.same(
      (await server.documentsOf(name, 'events')).map(({ _id }) => _id),
      idsOf([...events, fresh]),
    )
  })

  t.test('answers that are lost, at any byte: nothing is lost or there twice', async (t) => {
    await using proxy = await startCuttingProxy(server.port)
    const { name, settings } = own({ url: server.urlAt(proxy.port), batch: 7 })
    const hub = await delivering(t, settings)
    const { end } = await hub.work()
    let count = 0
    const all: NewEvent[] = []
    for (const [bytes, how] of [
      [1, 'closed'],
      [20, 'reset'],
      [60, 'closed'],
      [200, 'reset'],
    ] as const) {
      const cuts = proxy.cuts()
      proxy.cutAfter(bytes, how)
      const events = some(14)
      all.push(...events)
      count += 14
      await hub.accept(events)
      await until('it was cut', () => proxy.cuts() > cuts)
      await until('all are settled', () => hub.settled() === count)
    }
    await end()
    t.same(hub.dead(), {})
    t.same(
      (await server.documentsOf(name, 'events')).map(({ _id }) => _id),
      idsOf(all),
    )
  })

  t.test('a server that is killed is waited for', async (t) => {
    const { name, settings } = own({ batch: 10 })
    const hub = await delivering(t, settings)
    const worker = await hub.work()
    const events = some(30)
    await hub.accept(events.slice(0, 10))
    await until('the first are settled', () => hub.settled() === 10)
    await server.kill9()
    await hub.accept(events.slice(10))
    await until('it says so', () => worker.state().circuit === 'open')
    t.match(worker.state().cause, /ECONNREFUSED|closed/)
    t.equal(hub.settled(), 10)
    await server.restart()
    await until('the others are settled', () => hub.settled() === 30)
    await worker.end()
    t.same(
      (await server.documentsOf(name, 'events')).map(({ _id }) => _id),
      idsOf(events),
    )
  })

  t.test('a server that hangs is given up in time, and taken again', async (t) => {
    const hanging = client(t, {}, 500)
    await hanging.insert([{ _id: 'before' }])
    await server.pause()
    const error = await failureOf(hanging.insert([{ _id: 'while' }]))
    server.resume()
    t.type(error, Unavailable)
    t.match(error.message, /MongoDB \(127\.0\.0\.1:\d+, clients\.c\): .*timed out/i)
    t.same(await hanging.insert([{ _id: 'while' }, { _id: 'after' }]), [])
    t.same(
      (await server.documentsOf('clients', 'c')).map(({ _id }) => _id),
      ['after', 'before', 'while'],
    )
  })

  t.test('what is wrong is said with its remedy, and no secret', async (t) => {
    const wrong = server.url.replace(server.password, 'a-wrong%40password')
    const told: [object, RegExp][] = [
      [{ url: wrong }, /Authentication failed\. Check user and password in its url, and authSource/],
      [{ url: wrong.replace(String(server.port), '9') }, /ECONNREFUSED 127\.0\.0\.1:9\. Is the server up/],
      [{ url: `${wrong}?tls=true` }, /TLS/],
      [{ url: `${wrong}?nonsense=1` }, /nonsense.* Mend its url\.$/],
      [{ url: wrong.replace('127.0.0.1', 'nowhere.invalid') }, /ENOTFOUND nowhere\.invalid\. Check the hosts/],
    ]
    for (const [settings, message] of told) {
      const error = await failureOf(client(t, settings).probe())
      t.match(error.message, message)
      t.notMatch(error.message, /writer|a-wrong|wrong@password/)
    }
    await client(t, {}).probe()
  })

  t.test('with TLS, its certificate is verified', async (t) => {
    await using secure = await startFerretdb({ tls: true })
    const { url, caFile } = secure
    await client(t, { url, caFile }).probe()
    await client(t, { url: `${url}?tls=true`, verifySsl: false }).probe()
    const error = await failureOf(client(t, { url: `${url}?tls=true` }).probe())
    t.match(error.message, /certificate.* Name the CA that signed its certificate in ca_file\.$/)
  })
})
