// Events over a real RabbitMQ: what is confirmed arrives, once, whatever happens to the broker in between.
import t from 'tap'
import { Failed, Unavailable } from '../../src/base/errors.ts'
import { Consumer } from '../../src/broker/consumer.ts'
import { BrokerLetters } from '../../src/broker/letters.ts'
import { type Receipt, receiptMessage } from '../../src/broker/receipt.ts'
import { receiptsOf } from '../../src/broker/topology.ts'
import { openOutbox } from '../../src/outbox/file.ts'
import { Outbox } from '../../src/outbox/outbox.ts'
import { ToldDeliveries } from '../../src/outbox/told.ts'
import { run } from '../../src/pipeline/run.ts'
import { Receipts as ReceiptSink } from '../../src/sinks/receipts.ts'
import { Receipts } from '../../src/sources/receipts.ts'
import { needs } from '../services/needed.ts'
import { startRabbitmq } from '../services/rabbitmq.ts'
import { temporaryFolder } from '../services/temporary.ts'
import { BrokerSite, eventOf } from './broker_site.ts'

t.test('RabbitMQ', needs('rabbitmq-server'), async (t) => {
  const server = await startRabbitmq()
  t.teardown(() => server[Symbol.asyncDispose]())
  const site = () => new BrokerSite(server)

  t.test('an event is delivered once, whole', async (t) => {
    await using there = site()
    const events = ['a', 'b', 'c'].map((type) => eventOf(type, { size: 1, names: ['x'] }))
    await there.sink.write(events)
    await there.sink.write(events)
    await there.work(
      () => 'take',
      async () => there.taken.length >= 3 && (await there.depth(there.queues.main)) === 0,
    )
    t.same(there.events, events, 'and published twice it is still one')
  })

  t.test('a refused event is a dead letter with its bytes and its cause, and holds up nobody', async (t) => {
    await using there = site()
    const events = ['a', 'b', 'c'].map((type) => eventOf(type))
    await there.sink.write(events)
    await there.work(
      ({ type }) => (type === 'b' ? 'refuse' : 'take'),
      () => there.taken.length === 2,
    )
    const dead = await there.dead()
    t.match(dead, [{ cause: 'bad', attempts: 1, id: events[1]!.id }])
    t.equal(JSON.parse(dead[0]!.text).id, events[1]!.id)
  })

  t.test('an event at which the destination fails is tried again later, and given up after its budget', async (t) => {
    await using there = site()
    await there.sink.write(['poison', 'a', 'b'].map((type) => eventOf(type)))
    let others = 0
    await there.work(
      ({ type }) => (type === 'poison' ? 'fail' : 'take'),
      async () => {
        if ((await there.depth(there.queues.dead)) > 0) return true
        await there.sink.write([eventOf(`other${++others}`)])
        return false
      },
    )
    t.same(there.taken.slice(0, 2), ['a', 'b'])
    t.match(await there.dead(), [{ cause: 'given up after 3 attempts: down', attempts: 3 }])
  })

  t.test('what nobody can read is buried with its bytes and the reason', async (t) => {
    await using there = site()
    await there.sink.write([eventOf('a')])
    const bottomless = `${'[{"a":'.repeat(50_000)}1${'}]'.repeat(50_000)}`
    const { id } = eventOf('x')
    const broken = [
      ...['{', '[]', '{"category":"job","type":"x"}', '{"category":"job","created":"yesterday"}'],
      `{"id":"${id}","occurred_at":"2026-06-25T00:00:00Z","category":"job","type":"x","payload":{"a":${bottomless}}}`,
    ]
    await there.raw(async (channel) => {
      for (const text of broken) channel.publish(there.exchange, 'job.x', Buffer.from(text))
    })
    await there.sink.write([eventOf('b')])
    await there.work(
      () => 'take',
      async () => there.taken.length === 2 && (await there.depth(there.queues.main)) === 0,
    )
    const dead = await there.dead()
    t.same(
      dead.map(({ text }) => text),
      broken,
    )
    t.match(dead[0]?.cause, /is not JSON/)
    t.match(dead[2]?.cause, /id is missing/)
    t.match(dead[4]?.cause, /payload\.a\.0.* is nested more than 32 deep/)
  })

  t.test('dead letters are listed, and delivered again, those alone that are meant', async (t) => {
    await using there = site()
    const events = ['a', 'b', 'c'].map((type) => eventOf(type))
    await there.sink.write(events)
    await there.work(
      () => 'refuse',
      async () => (await there.depth(there.queues.dead)) === 3,
    )
    const letters = () => new BrokerLetters(there.client('looks'), there.exchange, 'there')
    const all = { sinceMs: Number.NEGATIVE_INFINITY, ids: [] }
    for (let time = 0; time < 25; time++) t.equal((await letters().list(all, 100)).length, 3, 'however often')
    t.same(await letters().list({ ...all, sinceMs: Date.now() + 1000 }, 100), [])
    t.match(await letters().list({ ...all, ids: [events[1]!.id] }, 100), [{ cause: 'bad', event: { type: 'b' } }])
    t.equal(await letters().replay({ ...all, ids: [events[1]!.id] }), 1)
    await there.work(
      () => 'take',
      () => there.taken.length === 1,
    )
    t.same(there.taken, ['b'])
    t.equal(await letters().replay(all), 2)
    await there.work(
      () => 'take',
      async () => there.taken.length === 3 && (await there.depth(there.queues.main)) === 0,
    )
    t.same(there.taken, ['b', 'a', 'c'])
    t.same(await letters().list(all, 100), [])
  })

  t.test('what is replayed and dies again at once is not replayed again', async (t) => {
    await using there = site()
    const events = Array.from({ length: 100 }, (_, index) => eventOf(`n${index}`))
    await there.sink.write(events)
    const areAllDead = async () => (await there.depth(there.queues.dead)) === events.length
    await there.work(() => 'refuse', areAllDead)
    const letters = new BrokerLetters(there.client('replays'), there.exchange, 'there')
    let replayed: number | null = null
    const replay = async () => {
      replayed = await letters.replay({ sinceMs: Number.NEGATIVE_INFINITY, ids: [] })
    }
    const working = there.work(
      () => 'refuse',
      async () => replayed !== null && (await areAllDead()),
    )
    await Promise.all([replay(), working])
    t.equal(replayed, events.length)
    t.equal((await there.dead()).length, events.length, 'and none is lost, none doubled')
  })

  t.test('a receipt that nobody can read is passed over, and the next one is kept', async (t) => {
    await using there = site()
    await using folder = await temporaryFolder('outbox')
    const path = folder.file('events.sqlite')
    const database = openOutbox(path, 'full')
    const outbox = new Outbox(database, path)
    const event = eventOf('a')
    await outbox.accept([event])
    await there.sink.probe()
    const odd = [
      '{',
      'null',
      ...[[null], [{ id: event.id }]].map((outcomes) => JSON.stringify({ destination: 'there', outcomes })),
    ]
    const outcome = { delivery: { event, attempts: 0 }, state: 'delivered', attempts: 1 } as const
    await there.raw(async (channel) => {
      const queue = receiptsOf(there.exchange)
      for (const receipt of odd) channel.sendToQueue(queue, Buffer.from(receipt))
      channel.sendToQueue(queue, receiptMessage(there.exchange, 'there', [outcome], Date.now()).content)
    })
    const stop = new AbortController()
    const written = t.capture(process.stderr, 'write', () => true)
    const told = () => database.prepare('select destination, state from delivery').all()
    await run<Receipt, Receipt, Receipt>({
      source: new Receipts(there.client('takes receipts'), there.exchange),
      transforms: [{ apply: (receipts) => receipts }],
      sink: new ReceiptSink(new ToldDeliveries(database), () => {}),
      stop: { asked: stop.signal, now: new AbortController().signal },
      patience: { patienceMs: Number.POSITIVE_INFINITY },
      onBatch: () => told().length > 0 && stop.abort(),
    }).finally(written.restore)
    t.match(told(), [{ destination: 'there', state: 'delivered' }])
    const counts = written().flatMap(
      ({ args: [line] }) => /receipts_unreadable count=(\d+)/.exec(String(line))?.[1] ?? [],
    )
    t.equal(
      counts.map(Number).reduce((sum, count) => sum + count, 0),
      odd.length,
    )
    t.equal(await there.raw((channel) => channel.get(receiptsOf(there.exchange))), false, 'and none comes again')
    outbox.close()
  })

  t.test('a queue that is gone when it is subscribed to is declared again, and waited for', async (t) => {
    await using there = site()
    const client = there.client('takes')
    await client.session()
    await there.raw((channel) => channel.deleteQueue(there.queues.main))
    const start = () => Consumer.start(client, there.queues.main, 10)
    await t.rejects(start(), Unavailable)
    await there.sink.write([eventOf('a')])
    const consumer = await start()
    const { signal } = new AbortController()
    for (let seen = 0; seen === 0; ) seen = (await consumer.look(10, signal)).length
  })

  t.test('an event that Clowder publishes is read as the API reads it', async (t) => {
    await using there = site()
    await there.sink.probe()
    const event = {
      category: 'user_activity',
      type: 'login',
      user_id: '0'.repeat(24),
      user_name: 'x',
      created: 1782346014000,
    }
    await there.raw(async (channel) => {
      for (let time = 0; time < 2; time++) channel.publish(there.clowder, '', Buffer.from(JSON.stringify(event)))
    })
    await there.work(
      () => 'take',
      async () => there.taken.length >= 1 && (await there.depth(there.queues.main)) === 0,
    )
    t.match(there.events, [{ category: 'user_activity', type: 'login', occurredMs: 1782346014000 }])
    t.equal(there.events.length, 1, 'published twice it is one')
    t.equal(there.events[0]?.payload['user_id'], null, 'and its anonymous id is nobody')
  })

  t.test('an event that no destination is bound for is told and counted', async (t) => {
    await using there = site()
    await there.sink.probe()
    await there.sink.write([eventOf('a'), { ...eventOf('b'), category: 'other' }, eventOf('c')])
    t.equal(there.sink.unroutable, 1)
    t.equal(await there.depth(there.queues.main), 2)
  })

  t.test('a queue of another kind in its place is told with its remedy', async (t) => {
    await using there = site()
    await there.raw((channel) => channel.assertQueue(there.queues.main, { durable: true }))
    await t.rejects(there.sink.write([eventOf('a')]), Failed)
    await t.rejects(there.sink.write([eventOf('a')]), /inequivalent arg.*rabbitmqctl delete_queue/)
  })

  t.test('a wrong password is told without it', async (t) => {
    await using there = new BrokerSite({ ...server, url: server.url.replace(/:\w+@/, ':secret-word@') })
    const error = await there.sink.write([eventOf('a')]).catch((error: Error) => error)
    t.type(error, Unavailable)
    t.match(String(error), /Check user and password/)
    t.notMatch(JSON.stringify(error) + String(error), /secret-word/)
  })

  t.test('a broker short of memory takes nothing, says so, and goes on by itself', async (t) => {
    await using there = site()
    await there.sink.write([eventOf('before')])
    await server.alarm(true)
    await t.rejects(there.sink.write([eventOf('blocked')]), /takes no messages.*memory/)
    await t.rejects(there.sink.probe(), /takes no messages/)
    await there.work(
      () => 'take',
      () => there.taken.length === 1,
    )
    t.same(there.taken, ['before'], 'delivering goes on meanwhile')
    await server.alarm(false)
    for (let isTaken = false; !isTaken; )
      isTaken = await there.sink.write([eventOf('after')]).then(
        () => true,
        () => false,
      )
    await there.work(
      () => 'take',
      () => there.taken.includes('after'),
    )
  })

  for (const end of ['kill9', 'stop'] as const)
    t.test(`over ${end} in the midst of it nothing is lost, nothing doubled`, async (t) => {
      await using there = site()
      const events = Array.from({ length: 2000 }, (_, index) => eventOf(`n${index}`))
      await there.sink.write([eventOf('first')])
      const publish = async () => {
        for (let at = 0; at < events.length; ) {
          const written = await there.sink.write(events.slice(at, at + 100)).then(
            () => true,
            (error) => {
              if (!(error instanceof Unavailable)) throw error
              return false
            },
          )
          if (written) at += 100
          else await new Promise((resolve) => setTimeout(resolve, 50))
        }
      }
      const disturb = async () => {
        await server[end]()
        await server.restart()
      }
      let disturbed: Promise<void> | null = null
      const working = there.work(
        async () => {
          if (there.taken.length > 300) disturbed ??= disturb()
          return 'take' as const
        },
        () => new Set(there.taken).size === events.length + 1,
        undefined,
        50,
      )
      await Promise.all([publish(), working])
      await disturbed
      t.same([...there.taken].sort(), ['first', ...events.map(({ type }) => type)].sort())
    })

  t.test('what was delivered and RabbitMQ hands out again is not delivered twice', async (t) => {
    await using there = site()
    await there.sink.write([eventOf('a'), eventOf('b')])
    let losses = 0
    await there.work(
      async () => {
        // The connection goes while the batch is in the destination's hands; what comes back comes before the next.
        if (losses++ > 0) return 'take' as const
        await server.control('close_all_connections', 'test')
        const isWritten = () =>
          there.sink.write([eventOf('c')]).then(
            () => true,
            () => false,
          )
        while (!(await isWritten())) {}
        return 'take' as const
      },
      () => there.taken.includes('c'),
    )
    t.same(there.taken, ['a', 'b', 'c'], 'and only acknowledged where it was delivered')
  })
})
