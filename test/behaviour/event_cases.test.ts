// Each folder of test/event_cases is an event as Clowder's own EventSinkService publishes it (created in milliseconds,
// no id, one flat object), with the document and the point that have to come of it. A new case needs no code. Times in a
// `document.json` are texts; `received_at` is any time.
import { readdir, readFile } from 'node:fs/promises'
import { join } from 'node:path'
import t from 'tap'
import { readEvent } from '../../src/events/read_event.ts'
import { startFerretdb } from '../services/ferretdb.ts'
import { needsFerretdb } from '../services/ferretdb_program.ts'
import { startInfluxdb } from '../services/influxdb.ts'
import { needs } from '../services/needed.ts'
import { parseLines } from '../world/line_protocol.ts'
import { delivering } from './delivering.ts'

const folder = join(import.meta.dirname, '../event_cases')
const names = (await readdir(folder)).sort()
const text = (name: string, part: string) => readFile(join(folder, name, part), 'utf8')
const nowMs = Date.parse('2026-06-26T00:00:00Z')
const events = await Promise.all(
  names.map(async (name) => readEvent(JSON.parse(await text(name, 'event.json')), { source: 'clowder', nowMs })),
)

t.ok(names.length >= 15, 'there are cases')
t.same(
  events.filter(({ known }) => !known),
  [],
  'each is of a known type',
)

t.test('documents', needsFerretdb(), async (t) => {
  await using server = await startFerretdb()
  const hub = await delivering(t, { kind: 'mongodb', url: server.url })
  await hub.accept(events)
  await hub.settle(events.length)
  t.same(hub.dead(), {})
  const documents = new Map((await server.documentsOf('workflow_events', 'events')).map((one) => [one['_id'], one]))
  t.equal(documents.size, events.length)
  for (const [index, name] of names.entries()) {
    const document = documents.get(events[index]!.id)!
    t.ok(document['occurred_at'] instanceof Date && document['received_at'] instanceof Date, 'times are times')
    const { received_at: _, ...shown } = JSON.parse(JSON.stringify(document))
    t.same(shown, JSON.parse(await text(name, 'document.json')), name)
  }
})

t.test('points', needs('influxd'), async (t) => {
  await using server = await startInfluxdb()
  await server.createDatabase('events')
  await server.addUser('writer', 'a-password', { events: 'WRITE' })
  const access = { url: server.url, database: 'events', username: 'writer', password: 'a-password' }
  const hub = await delivering(t, { kind: 'influxdb', ...access })
  await hub.accept(events)
  await hub.settle(events.length)
  t.same(hub.dead(), {})
  for (const name of names) {
    const [expected] = parseLines(await text(name, 'point.lp'))
    const { measurement, tags, fields, time } = expected!
    const stored = (await server.pointsOf('events', measurement)).filter((point) => String(point.time) === time)
    t.equal(stored.length, 1, `${name}: one point at its time`)
    t.same(stored[0]?.tags, tags, `${name}: tags`)
    const types = await server.fieldTypes('events', measurement)
    const asNumbers = (values: object) =>
      Object.fromEntries(
        Object.entries(values).map(([field, value]) => [field, typeof value === 'bigint' ? Number(value) : value]),
      )
    t.same(asNumbers(stored[0]?.fields ?? {}), asNumbers(fields), `${name}: fields`)
    for (const [field, value] of Object.entries(fields)) {
      const type = { bigint: 'integer', number: 'float' }[typeof value as string] ?? typeof value
      t.equal(types[field], type, `${name}: the type of ${field}`)
    }
  }
})
