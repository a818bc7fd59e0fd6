// What came over RabbitMQ, whoever put it there: an event within the bounds of the API, or a reason why it is none.
import t from 'tap'
import { eventOf } from '../../../src/broker/message.ts'
import { chosenPart } from '../../../src/events/choice.ts'
import { type HubEvent, toWire } from '../../../src/events/event.ts'
import { newEventId } from '../../../src/events/event_id.ts'

const nowMs = Date.parse('2026-06-25T10:00:00Z')
const event: HubEvent = {
  ...{ id: newEventId(nowMs), occurredMs: nowMs - 1, ordinal: 7, receivedMs: nowMs, source: 'galaxy' },
  ...{ category: 'job', type: 'x', schemaVersion: '1', known: false, extensions: { subject: 's' } },
  payload: { size: 1, names: ['x'], '': null },
}
const wire = toWire(event)
const read = (value: unknown) => eventOf(Buffer.from(typeof value === 'string' ? value : JSON.stringify(value)), nowMs)

t.test("the hub's own events come out as they went in", async (t) => {
  t.same(read(wire), event)
  const deepest = { ...event, payload: { data: JSON.parse(`${'['.repeat(32)}${']'.repeat(32)}`) } }
  t.same(read(toWire(deepest)), deepest, 'as deep as the API takes it')
})

t.test('one that is nested without end is refused, in whichever form, and nobody runs out of stack', async (t) => {
  const bottomless = `${'{"a":'.repeat(100_000)}1${'}'.repeat(100_000)}`
  const within = (value: object, field: string) =>
    JSON.stringify({ ...value, [field]: 'HERE' }).replace('"HERE"', bottomless)
  const id = newEventId()
  const occurred_at = '2026-06-25T09:00:00Z'
  for (const [form, text] of Object.entries({
    'of the hub': within(wire, 'payload'),
    'our own': within({ id, occurred_at, category: 'job', type: 'x' }, 'payload'),
    "Clowder's": within({ created: nowMs, category: 'job', type: 'x' }, 'more'),
    CloudEvent: within({ specversion: '1.0', id, source: 's', type: 'job.x', time: occurred_at }, 'data'),
    'of no form': bottomless,
  }))
    t.throws(() => read(text), { name: 'BadEvent', message: /more than 32 deep/ } as unknown as Error, form)
  const flat = `{"created":${nowMs},"category":"job","type":"x","a":${'['.repeat(32)}${']'.repeat(32)}}`
  t.ok(chosenPart(read(flat), { filter: ['#'], fields: null, personal: false }))
})

t.test('what says that a hub had it, and is not as a hub makes it, is told by its field', async (t) => {
  for (const [field, value] of Object.entries({
    ...{ id: event.id.toUpperCase(), occurred_at: '2026-13-25T09:00:00Z', received_at: 'now', ordinal: -1 },
    ...{ source: 'x'.repeat(1001), category: 'a.b', type: 'a..b', schema_version: {}, known: 'yes' },
    ...{ payload: [1], extensions: { a: {} } },
  }))
    t.throws(() => read({ ...wire, [field]: value }), { name: 'BadEvent' } as unknown as Error, field)
  t.throws(() => read(JSON.stringify(wire).replace('"size":1', '"size":1e999')), {
    ...{ name: 'BadEvent', field: 'payload.size' },
  } as unknown as Error)
})
