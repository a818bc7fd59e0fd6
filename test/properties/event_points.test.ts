// Whatever a payload holds, an event is one point that InfluxDB takes, and no two events are the same one.
import fc from 'fast-check'
import t from 'tap'
import { documentOf } from '../../src/events/document_of.ts'
import type { HubEvent, Json } from '../../src/events/event.ts'
import { newEventId } from '../../src/events/event_id.ts'
import { pointOf } from '../../src/events/point_of.ts'
import { toLineProtocol } from '../../src/sinks/line_protocol.ts'
import { judgeLine } from './line_protocol_judge.ts'
import { holds, hostileText } from './property.ts'

const name = fc.oneof(
  fc.constantFrom('time', 'category', 'source', 'event_id', 'region', '_field', '', 'a', 'a_b', 'user_id', '__proto__'),
  hostileText(['\\', ',', '=', ' ', '"', '\n', '\0', '.', '$', 'a']),
)
const text = hostileText(['\\', ',', '=', ' ', '"', '\n', '\0', 'a', '1i', '🧬'])
const json: fc.Arbitrary<Json> = fc.letrec<{ json: Json }>((tie) => ({
  json: fc.oneof(
    { maxDepth: 5 },
    fc.constant(null),
    fc.boolean(),
    fc.double({ noNaN: true, noDefaultInfinity: true }),
    text,
    fc.array(tie('json'), { maxLength: 4 }),
    fc.array(fc.tuple(name, tie('json')), { maxLength: 6 }).map((entries) => Object.fromEntries(entries)),
  ),
})).json
const payload = fc.array(fc.tuple(name, json), { maxLength: 8 }).map((entries) => Object.fromEntries(entries))
const event: fc.Arbitrary<HubEvent> = fc.record({
  id: fc.constant(newEventId()),
  occurredMs: fc.integer({ min: 946_684_800_000, max: 4_102_444_800_000 }),
  ordinal: fc.integer({ min: 0, max: 999_999 }),
  receivedMs: fc.constant(1_782_388_800_000),
  source: text,
  category: fc.constantFrom('job', 'probe', 'workflow', 'constructor', 'x-1'),
  type: fc.constantFrom('finished', 'ping', 'http', 'invocation', 'toString'),
  schemaVersion: fc.constant('1'),
  known: fc.boolean(),
  payload,
  extensions: fc.constant({}),
})
const style = { measurement: 'event_{category}', bounded: (_: string, value: string) => value }
const lineOf = (of: HubEvent) => Buffer.from(toLineProtocol(pointOf(of, style))).toString('utf8')
/** Probes' counts are integers or are refused, which is another test's. */
const withoutCounts = event.filter(
  ({ payload }) => !['packets_transmitted', 'result_code'].some((count) => Object.hasOwn(payload, count)),
)

t.test('every event is a line that InfluxDB takes, with its id, and the same one each time', async () => {
  holds([withoutCounts], (of) => {
    const judged = judgeLine(lineOf(of))
    const people = Object.keys(judged.tags).filter((tag) => /user|author|name|^a/.test(tag))
    return judged.fields['event_id'] === of.id && people.length === 0 && lineOf(structuredClone(of)) === lineOf(of)
  })
})

t.test('no two events are one point, of whatever millisecond and tags', async () => {
  holds([withoutCounts, withoutCounts], (one, other) => {
    const [at, elsewhere] = [
      pointOf(one, style),
      pointOf({ ...one, payload: other.payload, ordinal: other.ordinal }, style),
    ]
    return (at.timeNs === elsewhere.timeNs) === (one.ordinal === other.ordinal)
  })
})

t.test('numbers are floats, so that a field has one type', async () => {
  holds([fc.double({ noNaN: true, noDefaultInfinity: true }), event], (value, of) => {
    const point = pointOf({ ...of, category: 'x-1', payload: { value } }, style)
    return typeof point.fields['value'] === 'number'
  })
})

t.test('a point has no more fields than the bound, whatever it is made of', async (t) => {
  const many = Object.fromEntries(Array.from({ length: 1000 }, (_, index) => [`f${index}`, { a: index }]))
  const [made] = fc.sample(event, { numRuns: 1, seed: 1 })
  const { fields } = pointOf({ ...made!, category: 'x-1', payload: many }, style)
  t.equal(Object.keys(fields).length, 202)
  t.equal(fields['fields_left_out'], 800)
})

t.test('every event is a document in which no name is an operator, and no two names are one', async () => {
  const size = (value: unknown): number => {
    if (value instanceof Map) return [...value].reduce((sum, [, one]) => sum + 1 + size(one), 0)
    if (Array.isArray(value)) return value.reduce((sum: number, one) => sum + size(one), 0)
    return typeof value === 'object' && value !== null
      ? Object.entries(value).reduce((sum, [, one]) => sum + 1 + size(one), 0)
      : 0
  }
  const isSafe = (value: unknown): boolean =>
    value instanceof Map
      ? [...value].every(([key, one]) => !/^\$|[.\0]/.test(key) && isSafe(one))
      : !Array.isArray(value) || value.every(isSafe)
  holds([event], (of) => {
    const { payload: made } = documentOf(of)
    return isSafe(made) && size(made) === size(of.payload)
  })
})
