// Whatever JSON somebody sends is an event or a BadEvent that says why not, and no form loses what another holds.
import { isDeepStrictEqual } from 'node:util'
import fc from 'fast-check'
import t from 'tap'
import { eventOf } from '../../src/broker/message.ts'
import { BadEvent } from '../../src/events/bad_event.ts'
import { toCloudEvent } from '../../src/events/cloudevents.ts'
import { cloudEventOf } from '../../src/events/cloudevents_http.ts'
import { fromWire, type HubEvent, type NewEvent, toWire } from '../../src/events/event.ts'
import { readEvent } from '../../src/events/read_event.ts'
import { itemsOf, mediaTypes } from '../../src/web/v1/items.ts'
import { Refusal } from '../../src/web/v1/refusal.ts'
import { holds, hostileText } from './property.ts'

const nowMs = Date.parse('2026-06-25T10:00:00Z')
const read = (value: unknown) => readEvent(value, { source: 'galaxy', nowMs })

/** What reading makes of it; `null` where it is refused with a reason. Anything else thrown is a bug. */
function readOrNull(value: unknown, reader: (value: unknown) => NewEvent = read): NewEvent | null {
  try {
    return reader(value)
  } catch (error) {
    if (!(error instanceof BadEvent) || error.message === '') throw error
    return null
  }
}

const text = hostileText(
  ['job', 'finished', 'a.b', '.', '_', '-', '1.0', '__proto__', 'constructor', '"', '\0', 'é', '%'],
  4,
)
const word = fc.stringMatching(/^[A-Za-z0-9_-]{1,12}$/)
const names = [
  ...['id', 'occurred_at', 'category', 'type', 'schema_version', 'payload', 'created', 'specversion', 'source', 'time'],
  ...['data', 'data_base64', 'datacontenttype', 'schemaversion', 'subject', 'received_at', 'ordinal', 'known'],
  ...['extensions', 'user_id', '__proto__', 'toString'],
]
const instant = fc.constantFrom('2026-06-25T09:00:00Z', '2026-06-25T09:00:00.123456+10:00', '2026-02-31T00:00:00Z')
const value = fc.oneof(
  { weight: 2, arbitrary: fc.jsonValue({ maxDepth: 4 }) as fc.Arbitrary<unknown> },
  { weight: 2, arbitrary: text },
  {
    weight: 2,
    arbitrary: fc.constantFrom('1.0', '1', 'eyJhIjoxfQ==', 'W1tbXV1d', 'application/json', 'text/plain', null),
  },
  { weight: 1, arbitrary: instant },
  { weight: 1, arbitrary: fc.constantFrom(nowMs, nowMs / 1000, -1, 1e300, 0.5, true) },
  { weight: 1, arbitrary: fc.uuid() },
)
/** Objects with names that mean something, of which a base makes some pass. */
const bases = fc.constantFrom(
  {},
  { category: 'job', type: 'x' },
  { category: 'job', type: 'x', payload: {} },
  { category: 'upload', created: nowMs },
  { specversion: '1.0', id: '1', source: 's', type: 'a.b' },
  toWire({ ...read({ category: 'job', type: 'x' }), ordinal: 1, receivedMs: nowMs }),
)
const field = fc.oneof({ weight: 5, arbitrary: fc.constantFrom(...names) }, { weight: 1, arbitrary: text })
const anything = fc.oneof(
  { weight: 1, arbitrary: fc.jsonValue() as fc.Arbitrary<unknown> },
  {
    weight: 6,
    arbitrary: fc
      .tuple(bases, fc.array(fc.tuple(field, value), { maxLength: 5 }))
      // By way of JSON text, as `__proto__` is then a name like any other.
      .map(([base, more]) => {
        const own = more.map(([name, inner]) => `${JSON.stringify(name)}:${JSON.stringify(inner)}`)
        const all = [JSON.stringify(base).slice(1, -1), ...own].filter((part) => part !== '')
        return JSON.parse(`{${all.join(',')}}`) as unknown
      }),
  },
)

function kept(event: NewEvent): HubEvent {
  return { ...event, ordinal: 7, receivedMs: nowMs }
}

/** What stays of an event where the hub gives it back as a CloudEvent: all, but for what says how it came. */
function essence({ extensions: _extensions, ...rest }: NewEvent): unknown {
  return JSON.parse(JSON.stringify(rest))
}

t.test('any JSON is an event, or a BadEvent that says why not', async (t) => {
  let [events, refusals] = [0, 0]
  holds(
    [anything],
    (sent) => {
      if (readOrNull(sent) === null) refusals++
      else events++
      return true
    },
    5000,
  )
  t.ok(events > 300, 'many were events')
  t.ok(refusals > 300, 'and many were none')
})

t.test('so is any message of a queue, and what the hub wrote into one is read as it was', async (t) => {
  let wires = 0
  holds(
    [anything],
    (sent) => {
      const reader = (one: unknown) => eventOf(Buffer.from(JSON.stringify(one)), nowMs)
      readOrNull(sent, reader)
      const event = readOrNull(sent)
      if (event === null) return true
      wires++
      const bytes = JSON.stringify(toWire(kept(event)))
      return JSON.stringify(toWire(eventOf(Buffer.from(bytes), nowMs))) === bytes
    },
    3000,
  )
  t.ok(wires > 200)
})

t.test('an event that is given back as a CloudEvent and sent again is the same event', async (t) => {
  let events = 0
  holds(
    [anything],
    (sent) => {
      const event = readOrNull(sent)
      if (event === null) return true
      events++
      const given = JSON.parse(JSON.stringify(toCloudEvent(fromWire(toWire(kept(event)))))) as unknown
      const again = readOrNull(given)
      return again !== null && isDeepStrictEqual(essence(again), essence(event))
    },
    5000,
  )
  t.ok(events > 300)
})

t.test('a CloudEvent is the same event in structured, binary and batched mode', async (t) => {
  let events = 0
  const attributes = fc.record({
    ...{ specversion: fc.constant('1.0'), id: word, source: fc.webPath().map((path) => `/x${path}`) },
    type: fc.tuple(word, word).map((both) => both.join('.')),
    subject: fc.string({ minLength: 1, unit: 'grapheme' }),
  })
  const data = fc.dictionary(fc.string({ maxLength: 5 }), fc.jsonValue({ maxDepth: 3 }), { maxKeys: 4 })
  holds([attributes, data], (named, content) => {
    const body = JSON.stringify(content)
    const whole = JSON.stringify({ ...named, time: '2026-06-25T09:00:00Z', datacontenttype: 'application/json' })
    const structured = `${whole.slice(0, -1)},"data":${body}}`
    const headers = new Headers({ 'content-type': 'application/json', 'ce-time': '2026-06-25T09:00:00Z' })
    for (const [name, attribute] of Object.entries(named)) headers.set(`ce-${name}`, encodeURIComponent(attribute))
    const modes = [
      itemsOf(new Headers({ 'content-type': mediaTypes.cloudEvent }), Buffer.from(structured), 1),
      itemsOf(new Headers({ 'content-type': mediaTypes.cloudEvents }), Buffer.from(`[${structured}]`), 1),
      itemsOf(headers, Buffer.from(body), 1),
    ]
    const read3 = modes.map(([item]) => readOrNull(item))
    if (read3[0] === null) return read3.every((event) => event === null)
    events++
    return new Set(read3.map((event) => JSON.stringify(sorted(event!)))).size === 1
  })
  t.ok(events > 300)
})

t.test('any headers and any bytes are events, or are refused', async (t) => {
  const header = fc.string({ maxLength: 20 }).map((some) => some.replace(/[^\x20-\x7e]/g, '~'))
  const headers = fc.dictionary(
    fc.constantFrom('ce-specversion', 'ce-id', 'ce-type', 'ce-source', 'ce-time', 'ce-data', 'ce-x', 'content-type'),
    fc.oneof(
      header,
      fc.constantFrom('1.0', 'a.b', 'application/json', 'text/plain', '%F0%9F', '"\\"', ...Object.values(mediaTypes)),
    ),
  )
  const body = fc.oneof(
    fc.uint8Array({ maxLength: 30 }).map((bytes) => Buffer.from(bytes)),
    anything.map((sent) => Buffer.from(JSON.stringify(sent))),
  )
  holds(
    [headers, body],
    (given, bytes) => {
      const all = new Headers(given)
      try {
        for (const item of itemsOf(all, bytes, 1000)) readOrNull(item)
        cloudEventOf(all, bytes, () => null)
      } catch (error) {
        if (!(error instanceof Refusal || error instanceof BadEvent)) throw error
      }
      return true
    },
    3000,
  )
  t.pass()
})

/** Headers come in the order of their names. */
function sorted({ extensions, ...event }: NewEvent): unknown {
  return { ...event, extensions: Object.entries(extensions).sort(([a], [b]) => (a < b ? -1 : 1)) }
}
