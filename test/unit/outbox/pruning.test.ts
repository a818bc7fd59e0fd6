// What is kept of events, and for how long.
import t from 'tap'
import type { NewEvent } from '../../../src/events/event.ts'
import { newEventId } from '../../../src/events/event_id.ts'
import { Deliveries } from '../../../src/outbox/deliveries.ts'
import { openOutbox } from '../../../src/outbox/file.ts'
import { Outbox } from '../../../src/outbox/outbox.ts'
import { prune } from '../../../src/outbox/pruning.ts'
import { temporaryFolder } from '../../services/temporary.ts'

const dayMs = 86_400_000
const keeping = { keepDays: 30, keepDeadDays: 90, destinations: ['a', 'b'] }

const event = (type: string): NewEvent => ({
  id: newEventId(),
  occurredMs: 0,
  source: 'galaxy',
  category: 'job',
  type,
  schemaVersion: '1',
  known: false,
  payload: {},
  extensions: {},
})

t.test('an event stays until every destination has it, and a dead one longer', async (t) => {
  await using folder = await temporaryFolder('pruning')
  const path = folder.file('events.sqlite')
  const outbox = new Outbox(openOutbox(path, 'full'), path)
  const database = openOutbox(path, 'normal')
  const [a, b] = ['a', 'b', 'removed'].map((name) => new Deliveries(database, name))
  const types = () =>
    database
      .prepare('select type from event order by seq')
      .all()
      .map(({ type }) => type)
  const laterMs = (days: number) => Date.now() + days * dayMs
  await outbox.accept(['delivered', 'retrying', 'dead'].map(event))

  const ofA = a!.pull(10, Date.now())
  a!.settle(
    ofA.map((delivery) => ({ delivery, state: 'delivered', attempts: 1 })),
    Date.now(),
  )
  a!.remember()
  t.equal(prune(database, keeping, laterMs(31)), 0, 'the other destination has none of them')

  const [delivered, retrying, dead] = b!.pull(10, Date.now())
  b!.settle(
    [
      { delivery: delivered!, state: 'delivered', attempts: 1 },
      { delivery: retrying!, state: 'retrying', attempts: 1, cause: 'down', afterMs: 1 },
      { delivery: dead!, state: 'dead', attempts: 1, cause: 'bad' },
    ],
    Date.now(),
  )
  b!.remember()
  await outbox.accept([event('new')])
  t.equal(prune(database, keeping, laterMs(29)), 0, 'none is old enough')
  t.equal(prune(database, keeping, laterMs(31)), 1)
  t.same(types(), ['retrying', 'dead', 'new'])
  t.equal(prune(database, keeping, laterMs(91)), 1)
  t.same(types(), ['retrying', 'new'])
  t.equal(database.prepare('select count(*) as n from delivery').get()?.['n'], 2, 'their deliveries go with them')
  outbox.close()
  database.close()
})
