// Each folder of test/event_cases is an event as Clowder's own EventSinkService publishes it (created in milliseconds,
// no id, one flat object), with the document and the point that have to come of it by way of `POST /v1/events` of the
// built program. A new case needs no code. Times in a `document.json` are texts; `received_at` is any time.
import { readdir, readFile } from 'node:fs/promises'
import { join } from 'node:path'
import t, { type Test } from 'tap'
import { startFerretdb } from '../services/ferretdb.ts'
import { needsFerretdb } from '../services/ferretdb_program.ts'
import { request } from '../services/http.ts'
import { startInfluxdb } from '../services/influxdb.ts'
import { needs } from '../services/needed.ts'
import { run, start, writeConfig } from '../services/program.ts'
import { freePort, temporaryFolder } from '../services/temporary.ts'
import { parseLines } from '../world/line_protocol.ts'
import { until } from './live.ts'

const folder = join(import.meta.dirname, '../event_cases')
const names = (await readdir(folder)).sort()
const text = (name: string, part: string) => readFile(join(folder, name, part), 'utf8')
const events = await Promise.all(names.map((name) => text(name, 'event.json')))

t.ok(names.length >= 15, 'there are cases')

/** Sends every event to a program of the test's own, whose only destination it is, and waits until each is there. */
async function send(t: Test, destination: object): Promise<{ id: string }[]> {
  const folder = await temporaryFolder('event-cases')
  t.teardown(() => folder.remove())
  const port = await freePort()
  const config = await writeConfig(folder.path, {
    serve: { listen: `127.0.0.1:${port}` },
    events: { destinations: { there: { personal: true, ...destination } } },
  })
  const scope = ['--scope', 'events:write:*', '--scope', 'events:read']
  const made = await run(['key', 'create', '--source', 'clowder', ...scope], { config })
  const program = await start(['serve'], { config })
  t.teardown(() => program.stop())
  await program.waitFor(/event=serving/)
  const headers = { authorization: `Bearer ${made.stdout.trim()}`, 'content-type': 'application/json' }
  const ask = async (path: string, options: object = {}) => {
    const { status, body } = await request(`http://127.0.0.1:${port}${path}`, { headers, ...options })
    return { status, answer: JSON.parse(body) }
  }
  const sent = []
  for (const event of events) {
    const { status, answer } = await ask('/v1/events', { method: 'POST', body: event })
    t.equal(status, 202, JSON.stringify(answer))
    sent.push(answer.results?.[0] ?? answer)
  }
  for (const { id } of sent)
    await until(`${id} is delivered`, async () => {
      const { answer } = await ask(`/v1/events/${id}`)
      return JSON.stringify(answer).includes('"delivered"')
    })
  t.notMatch(program.stderr(), made.stdout.trim(), 'and the key is not told')
  return sent
}

t.test('documents', needsFerretdb(), async (t) => {
  await using server = await startFerretdb()
  const sent = await send(t, { kind: 'mongodb', url: server.url })
  const documents = new Map((await server.documentsOf('workflow_events', 'events')).map((one) => [one['_id'], one]))
  t.equal(documents.size, events.length)
  for (const [index, name] of names.entries()) {
    const document = documents.get(sent[index]!.id)!
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
  await send(t, { kind: 'influxdb', ...access })
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
