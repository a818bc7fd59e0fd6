// From being accepted to what became of it at each destination.
import t from 'tap'
import { Unavailable } from '../../../src/base/errors.ts'
import type { Delivery, Destination } from '../../../src/events/delivery.ts'
import type { HubEvent, NewEvent } from '../../../src/events/event.ts'
import { newEventId } from '../../../src/events/event_id.ts'
import { Deliveries } from '../../../src/outbox/deliveries.ts'
import { openOutbox } from '../../../src/outbox/file.ts'
import { Outbox } from '../../../src/outbox/outbox.ts'
import { Ways } from '../../../src/outbox/ways.ts'
import { run } from '../../../src/pipeline/run.ts'
import { Breaker } from '../../../src/sinks/breaker.ts'
import { Delivered } from '../../../src/sinks/delivered.ts'
import { OutboxQueue } from '../../../src/sources/outbox.ts'
import { Choice } from '../../../src/transforms/choice.ts'
import { temporaryFolder } from '../../services/temporary.ts'

const down = new Unavailable({ what: 'it', where: 'there', cause: 'down' })

function event(type: string, payload: NewEvent['payload'] = {}): NewEvent {
  const occurredMs = Date.parse('2026-06-25T00:00:00Z')
  const named = { source: 'galaxy', category: 'job', type, schemaVersion: '1', known: false, extensions: {} }
  return { id: newEventId(), occurredMs, ...named, payload }
}

/** An outbox, and a destination that is asked for each event what it does with it. */
async function hub(answer: (event: HubEvent, batch: HubEvent[]) => 'take' | 'refuse' | 'later' | 'fail') {
  const folder = await temporaryFolder('outbox')
  const path = folder.file('events.sqlite')
  const outbox = new Outbox(openOutbox(path, 'full'), path)
  const taken: string[] = []
  const destination: Destination = {
    async write(events) {
      const answers = events.map((event) => answer(event, events))
      if (answers.includes('fail')) throw down
      for (const [index, event] of events.entries()) if (answers[index] === 'take') taken.push(event.type)
      return events.flatMap((entry, index) => {
        if (answers[index] === 'take') return []
        return [{ entry, cause: 'bad', ...(answers[index] === 'later' && { mayPassLater: true as const }) }]
      })
    },
    probe: async () => {},
    close: async () => {},
  }
  const work = (until: () => boolean, filter = ['job.*']) => {
    const stop = new AbortController()
    const database = openOutbox(path, 'normal')
    const queue = new OutboxQueue(outbox, new Deliveries(database, 'there'), 100)
    const budget = { attempts: 3, firstMs: 1, longestMs: 2 }
    return run<Delivery, Delivery, Delivery>({
      source: queue,
      transforms: [new Choice({ filter, fields: null, personal: false })],
      sink: new Delivered(new Breaker('there', destination), queue, budget),
      stop: { asked: stop.signal, now: new AbortController().signal },
      patience: { patienceMs: Number.POSITIVE_INFINITY },
      onBatch: () => until() && stop.abort(),
    }).then(() => database.close())
  }
  const rows = () => {
    const database = openOutbox(path, 'normal')
    const all = database
      .prepare('select type, state, attempts, cause from delivery join event using (seq) order by seq')
      .all()
    database.close()
    return all.map((row) => ({ ...row }))
  }
  /** All that waits has failed once, and may be tried again now. */
  const fail = () => {
    const database = openOutbox(path, 'normal')
    const deliveries = new Deliveries(database, 'there')
    const failed = { state: 'retrying', attempts: 1, cause: 'down', afterMs: 0 } as const
    const outcomes = deliveries.pull(100, Date.now()).map((delivery) => ({ delivery, ...failed }))
    deliveries.settle(outcomes, Date.now())
    deliveries.remember()
    database.close()
  }
  const stateOf = (id: string) => {
    const database = openOutbox(path, 'normal')
    const [way] = new Ways(database, [{ name: 'there', filter: ['#'] }]).of(outbox.find(id)!)
    database.close()
    return way?.state
  }
  await work(() => true)
  return { outbox, taken, work, rows, fail, stateOf, [Symbol.asyncDispose]: () => folder.remove() }
}

t.test('an event is delivered once, however often its batch is tried', async (t) => {
  let failures = 2
  await using there = await hub(() => (failures-- > 0 ? 'fail' : 'take'))
  const first = event('a')
  t.same(await there.outbox.accept([first, event('b')]), ['accepted', 'accepted'])
  t.same(await there.outbox.accept([first]), ['duplicate'])
  await there.work(() => there.taken.length === 2)
  t.same(there.taken, ['a', 'b'])
  await there.outbox.accept([event('c')])
  await there.work(() => there.taken.length === 3)
  t.same(there.taken, ['a', 'b', 'c'], 'and the next start goes on behind it')
})

t.test('a refused event is a dead letter with its cause', async (t) => {
  await using there = await hub(({ type }) => (type === 'b' ? 'refuse' : 'take'))
  await there.outbox.accept(['a', 'b', 'c'].map((type) => event(type)))
  await there.work(() => there.taken.length === 2)
  t.same(there.rows(), [
    { type: 'a', state: 'delivered', attempts: 1, cause: null },
    { type: 'b', state: 'dead', attempts: 1, cause: 'bad' },
    { type: 'c', state: 'delivered', attempts: 1, cause: null },
  ])
})

t.test('an event at which the destination fails holds up no other, and is given up after its budget', async (t) => {
  await using there = await hub(({ type }) => (type === 'poison' ? 'fail' : 'take'))
  await there.outbox.accept(['poison', 'a', 'b'].map((type) => event(type)))
  await there.work(() => there.taken.length >= 2)
  t.same(there.taken, ['a', 'b'])
  let others = 0
  while (there.rows()[0]?.['state'] !== 'dead' && ++others < 20) {
    await there.outbox.accept([event(`other${others}`)])
    await there.work(() => there.taken.includes(`other${others}`))
  }
  t.same(there.rows()[0], { type: 'poison', state: 'dead', attempts: 3, cause: 'given up after 3 attempts: down' })
})

t.test('two events of one millisecond keep apart', async (t) => {
  await using there = await hub(() => 'take')
  const [a, b] = [event('a'), event('b')]
  await there.outbox.accept([a])
  await there.outbox.accept([b])
  t.equal(there.outbox.find(a.id)?.ordinal, 0)
  t.equal(there.outbox.find(b.id)?.ordinal, 1)
})

t.test('an event to be tried again that the filter no longer takes is left out, and another is tried', async (t) => {
  let failures = 1
  await using there = await hub(() => (failures-- > 0 ? 'later' : 'take'))
  const [left, kept] = [event('left'), event('kept')]
  await there.outbox.accept([left, kept])
  there.fail()
  t.equal(there.stateOf(left.id), 'retrying')
  let ticks = 0
  const timer = setInterval(() => ticks++, 10)
  t.teardown(() => clearInterval(timer))
  let isIdle = false
  let batches = 0
  let ticksBefore = 0
  await there.work(() => {
    isIdle = there.taken.length > 0 && ticks - ticksBefore > 10
    ticksBefore = ticks
    return isIdle || ++batches === 5000
  }, ['job.kept'])
  t.ok(isIdle, 'then it waits, and timers have their turn')
  t.same(there.taken, ['kept'])
  t.same(there.rows(), [{ type: 'kept', state: 'delivered', attempts: 3, cause: null }])
  t.equal(there.stateOf(left.id), 'skipped')
})

t.test('timers have their turn while a backlog is left out', async (t) => {
  await using there = await hub(() => 'take')
  await there.outbox.accept([...Array.from({ length: 3000 }, () => event('left')), event('kept')])
  let batches = 0
  let batchesAtTimer = Number.POSITIVE_INFINITY
  await there.work(() => {
    if (++batches === 1)
      setTimeout(() => {
        batchesAtTimer = batches
      }, 1)
    return there.taken.length > 0
  }, ['job.kept'])
  t.same(there.taken, ['kept'])
  t.ok(batchesAtTimer < batches, `it came after ${batchesAtTimer} of ${batches} batches`)
})
