// The three forms in which an event may come, and what is said of a broken one.
import t from 'tap'
import { toCloudEvent } from '../../../src/events/cloudevents.ts'
import { cloudEventOf } from '../../../src/events/cloudevents_http.ts'
import { fromWire, toWire } from '../../../src/events/event.ts'
import { isEventId } from '../../../src/events/event_id.ts'
import { placeOfMistake } from '../../../src/events/json_place.ts'
import { readEvent } from '../../../src/events/read_event.ts'

const nowMs = Date.parse('2026-06-25T10:00:00.000Z')
const read = (value: unknown, source = 'galaxy') => readEvent(value, { source, nowMs })
const nested = (depth: number): object => (depth === 0 ? {} : { a: nested(depth - 1) })

t.test('our own form, in full and at its least', async (t) => {
  const id = 'A1B2C3D4-0000-7000-8000-000000000001'
  const payload = { job_id: 7, tool_id: 'cat', state: 'ok', deep: { more: [1, null] } }
  t.same(read({ id, occurred_at: '2026-06-25T19:00:00.5+10:00', category: 'job', type: 'finished', payload }), {
    ...{ id: id.toLowerCase(), occurredMs: Date.parse('2026-06-25T09:00:00.500Z'), source: 'galaxy' },
    ...{ category: 'job', type: 'finished', schemaVersion: '1', known: true, payload, extensions: {} },
  })
  const least = read({ category: 'a', type: 'b.c' })
  t.match(least, { occurredMs: nowMs, schemaVersion: '1', known: false, payload: {} })
  t.ok(isEventId(least.id))
  t.not(read({ category: 'a', type: 'b' }).id, least.id)
  t.match(read({ category: 'a', type: 'b', occurred_at: nowMs + 1000 }), { occurredMs: nowMs + 1000 })
  const unchanged = JSON.parse('{"category":"a","type":"b","payload":{"__proto__":{"x":1}}}') as unknown
  t.equal(JSON.stringify(read(unchanged).payload), '{"__proto__":{"x":1}}')
})

t.test('another version of a known type is not looked at', async (t) => {
  t.match(read({ category: 'job', type: 'finished', schema_version: '2', payload: {} }), { known: false })
})

t.test('what is wrong, by field', async (t) => {
  const event = { category: 'job', type: 'x' }
  for (const [value, field, message] of [
    [[], null, /^expected an object/],
    [{ type: 'x' }, 'category', /^is missing, expected a text/],
    [{ ...event, category: 'a.b' }, 'category', /letters, digits/],
    [{ ...event, type: 'a..b' }, 'type', /words/],
    [{ ...event, id: '7' }, 'id', /UUID/],
    [{ ...event, payload: [] }, 'payload', /^expected an object/],
    [{ ...event, user: 1 }, 'user', /^unknown field\. Known are id, occurred_at, category/],
    [{ ...event, occurred_at: 'yesterday' }, 'occurred_at', /instant with its zone/],
    [{ ...event, occurred_at: '2026-13-25T10:00:00Z' }, 'occurred_at', /is no instant/],
    [{ ...event, occurred_at: '1999-12-31T00:00:00Z' }, 'occurred_at', /before the year 2000/],
    [{ ...event, occurred_at: nowMs + 90_000_000 }, 'occurred_at', /a day ahead/],
    [{ ...event, payload: nested(40) }, /^payload\.a/, /more than 32 deep/],
    [{ ...event, payload: { a: [Number.POSITIVE_INFINITY] } }, 'payload.a.0', /too large/],
    [{ category: 'job', type: 'finished', payload: { job_id: 1 } }, 'payload.state', /^is missing/],
    [
      { category: 'probe', type: 'ping', payload: { probe: 'p', region: 'r', target: 't' } },
      'payload.success',
      /missing/,
    ],
    [{ category: 'view_resource', type: 'file', created: nowMs, user_id: 'u' }, 'resource_id', /^is missing/],
    [{ category: 'view_resource', created: nowMs }, 'type', /^is missing. Of all categories only/],
    [{ category: 'a', type: 'b', created: 'June' }, 'created', /milliseconds or an instant/],
    [{ specversion: '0.3', id: '1', source: 's', type: 'a.b' }, 'specversion', /^expected 1\.0/],
    [{ specversion: '1.0', id: '1', source: 's', type: 'b' }, 'type', /no category/],
    [{ specversion: '1.0', id: '1', source: 's', type: 'a.b', Big: 1 }, 'Big', /unknown attribute/],
    [{ specversion: '1.0', id: '1', source: '\ud800', type: 'a.b' }, 'source', /half a character/],
    [{ specversion: '1.0', id: '1', source: 's', type: 'a.b', data: 1, data_base64: 'MQ==' }, 'data_base64', /beside/],
    [{ specversion: '1.0', id: '1', source: 's', type: 'job.finished', data: {} }, 'data.job_id', /^is missing/],
  ] as const)
    t.throws(
      () => read(value),
      { name: 'BadEvent', field, message } as unknown as Error,
      JSON.stringify(value).slice(0, 90),
    )
})

t.test("Clowder's events, unchanged", async (t) => {
  const login = { category: 'user_activity', type: 'login', user_id: '5a1', user_name: 'Ada', created: nowMs }
  const event = read(login, 'clowder')
  t.match(event, { category: 'user_activity', type: 'login', occurredMs: nowMs, known: true, source: 'clowder' })
  t.same(event.payload, { user_id: '5a1', user_name: 'Ada' })
  t.equal(read({ ...login }, 'clowder').id, event.id, 'the same event is the same')
  t.not(read({ ...login, user_name: 'Bob' }, 'clowder').id, event.id)
  const nobody = '000000000000000000000000'
  const upload = { category: 'upload', user_id: nobody, author_id: nobody, resource_name: 'a.txt', size: 3 }
  t.match(read({ ...upload, created: '2026-06-25T09:00:00' }), {
    ...{ category: 'upload', type: 'file', occurredMs: Date.parse('2026-06-25T09:00:00Z'), known: true },
    payload: { user_id: null, author_id: null, resource_name: 'a.txt', size: 3 },
  })
  for (const created of [nowMs / 1000, nowMs, nowMs * 1000, '2026-06-25T10:00:00Z', '2026-06-25 10:00:00'])
    t.equal(read({ ...login, created }).occurredMs, nowMs, String(created))
})

t.test('CloudEvents, there and back', async (t) => {
  const sent = {
    ...{
      specversion: '1.0',
      id: 'run-7',
      source: '/galaxy/jobs',
      type: 'org.example.job.finished',
      time: '2026-06-25T09:00:00.000Z',
    },
    ...{ category: null, subject: 'job/7', traceparent: 'x', retries: 2 },
    data: { job_id: 7, state: 'ok' },
  }
  const event = read(sent)
  t.match(event, { category: 'job', type: 'finished', known: true, source: 'galaxy', payload: sent.data })
  t.same(event.extensions, {
    ...{ source: '/galaxy/jobs', id: 'run-7', type: 'org.example.job.finished' },
    ...{ subject: 'job/7', traceparent: 'x', retries: 2 },
  })
  t.equal(read({ ...sent, time: undefined }).id, event.id, 'source and id alone are its identity')
  t.not(read({ ...sent, source: '/other' }).id, event.id)
  const { category: _none, ...attributes } = sent
  const back = toCloudEvent(fromWire(toWire({ ...event, ordinal: 0, receivedMs: nowMs })))
  t.match(back, attributes)
  t.same(read(back), { ...event, extensions: { ...event.extensions, datacontenttype: 'application/json' } })
  t.match(read({ ...sent, type: 'job.started.late', category: 'job' }), { category: 'job', type: 'started.late' })
  t.match(read({ ...sent, type: 'whole.type', category: 'lab' }), { category: 'lab', type: 'whole.type' })
  const long = read({ category: 'c'.repeat(64), type: 't'.repeat(100) })
  const { extensions: _own, ...same } = long
  t.match(read(toCloudEvent({ ...long, ordinal: 0, receivedMs: nowMs })), same, 'however long its type is')
  const uuid = 'a1b2c3d4-0000-4000-8000-000000000001'
  t.equal(read({ ...sent, id: uuid }).id, uuid)
  t.same(read({ ...sent, type: 'a.b', data: [1] }).payload, { data: [1] })
  t.same(read({ ...sent, type: 'a.b', data: undefined, data_base64: 'eyJhIjoxfQ==' }).payload, { a: 1 })
})

t.test('a CloudEvent whose attributes are headers', async (t) => {
  const headers = new Headers({
    ...{
      'ce-specversion': '1.0',
      'ce-id': '1',
      'ce-source': '"quo\\"ted"',
      'ce-type': 'a.b',
      'ce-subject': 'Euro%20%E2%82%AC',
    },
    'content-type': 'application/json; charset=utf-8',
  })
  const parse = (body: Buffer): unknown => JSON.parse(body.toString())
  const event = read(cloudEventOf(headers, Buffer.from('{"x":1}'), parse))
  t.match(event, { category: 'a', type: 'b', payload: { x: 1 }, extensions: { source: 'quo"ted', subject: 'Euro €' } })
  headers.set('content-type', 'text/plain')
  t.same(read(cloudEventOf(headers, Buffer.from('hello'), parse)).payload, { data: 'hello' })
  headers.set('content-type', 'image/png')
  const image = read(cloudEventOf(headers, Buffer.from('hello'), parse))
  t.same(image.payload, { data_base64: 'aGVsbG8=' })
  t.match(toCloudEvent({ ...image, ordinal: 0, receivedMs: 0 }), {
    data_base64: 'aGVsbG8=',
    datacontenttype: 'image/png',
  })
  headers.set('ce-data', '1')
  t.throws(() => cloudEventOf(headers, Buffer.alloc(0), parse), {
    name: 'BadEvent',
    field: 'ce-data',
  } as unknown as Error)
})

t.test('where a text stops being JSON', async (t) => {
  for (const [text, line, column] of [
    ['', 1, 1],
    ['{"a":1,}', 1, 8],
    ['{"a":', 1, 6],
    ['[1,\n2,\n x]', 3, 2],
    ['[1] 2', 1, 5],
    ['01', 1, 1],
    ['{"a":"x\ny"}', 1, 6],
    ['[}', 1, 2],
  ] as const)
    t.same(placeOfMistake(text), { line, column }, text)
})
