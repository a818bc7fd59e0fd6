// `POST /v1/events` over a real outbox, without a socket: what may happen at once, and what is turned away.
import { setImmediate as turn } from 'node:timers/promises'
import { gzipSync } from 'node:zlib'
import { Hono } from 'hono'
import t, { type Test } from 'tap'
import { Definitions } from '../../../src/availability/definitions.ts'
import { HubWindows } from '../../../src/availability/hub_window.ts'
import { Answers } from '../../../src/outbox/answers.ts'
import { Deliveries } from '../../../src/outbox/deliveries.ts'
import { openOutbox } from '../../../src/outbox/file.ts'
import { Keys } from '../../../src/outbox/keys.ts'
import { Outbox } from '../../../src/outbox/outbox.ts'
import { Ways } from '../../../src/outbox/ways.ts'
import { RateLimit } from '../../../src/web/v1/access.ts'
import { readBody } from '../../../src/web/v1/body.ts'
import { answerTo, v1Of } from '../../../src/web/v1.ts'
import { temporaryFolder } from '../../services/temporary.ts'

const event = JSON.stringify([{ category: 'job', type: 'x' }])

/** A body that waits until it is ended. */
function slowBody(content: string | Buffer) {
  const bytes = Buffer.from(content)
  let end = () => {}
  const stream = new ReadableStream<Uint8Array>({
    start(controller) {
      controller.enqueue(bytes.subarray(0, -1))
      end = () => {
        controller.enqueue(bytes.subarray(-1))
        controller.close()
      }
    },
  })
  return { stream, end: () => end() }
}

async function api(t: Test, most = Number.POSITIVE_INFINITY) {
  const folder = await temporaryFolder('accept')
  const path = folder.file('events.sqlite')
  const [database, deliveries] = [openOutbox(path, 'full'), openOutbox(path, 'normal')]
  const queue = new Deliveries(deliveries, 'there')
  const outbox = new Outbox(database, path, { most, destinations: ['there'] })
  t.teardown(async () => {
    outbox.close()
    deliveries.close()
    await folder.remove()
  })
  const keys = new Keys(deliveries)
  const { text } = keys.create({ source: 'galaxy', scopes: ['events:write:*'], expiresMs: null }, Date.now())
  const maintenance = new Definitions(database, 'maintenance')
  const refused: number[] = []
  const app = new Hono()
  const routes = v1Of({
    ...{ outbox, keys, answers: new Answers(database), ways: new Ways(deliveries, []), destinations: () => [] },
    defined: { probes: new Definitions(database, 'probe'), maintenance, windows: new HubWindows([], maintenance) },
    limits: { bodyBytes: 1_000_000, batch: 1000, ratePerSecond: 1e6, burst: 1e6 },
    refused: (_, status) => refused.push(status),
  })
  app.route('/', routes)
  app.onError((error, context) => answerTo(error, context) ?? context.body(String(error.stack), 500))
  const send = (body: string | ReadableStream, headers: Record<string, string> = {}) => {
    const all = { Authorization: `Bearer ${text}`, 'Content-Type': 'application/json', ...headers }
    const request = { method: 'POST', body, headers: all, duplex: 'half' } as RequestInit
    return Promise.resolve(app.request('/events', request))
  }
  const kept = () => Number(database.prepare('select count(*) as count from event').get()!['count'])
  return { send, kept, outbox, refused, queue }
}

t.test('the same named request in flight many times at once is done once, and answered alike', async (t) => {
  const { send, kept } = await api(t)
  const bodies = Array.from({ length: 20 }, () => slowBody(event))
  const answers = bodies.map(({ stream }) => send(stream, { 'Idempotency-Key': 'a' }))
  const other = slowBody(event.replace('x', 'y'))
  const differs = send(other.stream, { 'Idempotency-Key': 'a' })
  await turn()
  for (const { end } of [...bodies, other]) end()
  const all = await Promise.all(answers)
  t.same(new Set(all.map(({ status }) => status)), new Set([202]))
  t.equal(new Set(await Promise.all(all.map((answer) => answer.text()))).size, 1)
  t.equal((await differs).status, 422)
  t.equal(kept(), 1)
})

t.test('so many bodies are read at once and no more', async (t) => {
  const { send, kept, outbox, refused } = await api(t)
  const bodies = Array.from({ length: 64 }, () => slowBody(event))
  const answers = bodies.map(({ stream }) => send(stream))
  await turn()
  const toldAt = Date.now()
  const tooMany = await send(event)
  t.match([tooMany.status, tooMany.headers.get('retry-after')], [503, '1'])
  t.same(refused, [503])
  t.ok(outbox.failedMs >= toldAt, 'and the hub knows that it heard nobody')
  for (const { end } of bodies) end()
  for (const answer of await Promise.all(answers)) t.equal(answer.status, 202)
  t.equal((await send(event)).status, 202)
  t.equal(kept(), 65)
})

t.test('who is turned away because too much waits is not silent', async (t) => {
  const { send, outbox, kept, queue } = await api(t, 2)
  const two = JSON.stringify(Array(2).fill({ category: 'job', type: 'x' }))
  t.equal((await send(two)).status, 202)
  t.equal(outbox.failedMs, 0)
  const toldAt = Date.now()
  const answer = await send(JSON.stringify({ category: 'probe', type: 'x' }))
  t.equal(answer.status, 503)
  t.match(answer.headers.get('retry-after'), /^\d+$/)
  t.match(await answer.text(), /events\.limits\.waiting/)
  t.ok(outbox.failedMs >= toldAt)
  t.equal(kept(), 2)
  queue.pull(2, Date.now())
  queue.remember()
  t.equal((await send(event)).status, 202, 'once there is room again')
})

t.test('a body that comes too slowly is given up', async (t) => {
  // A timer of an AbortSignal keeps no process alive, as the socket of a real request does.
  const alive = setInterval(() => {}, 1000)
  t.teardown(() => clearInterval(alive))
  const encodings: Record<string, string>[] = [{}, { 'Content-Encoding': 'gzip' }]
  for (const headers of encodings) {
    const { stream } = slowBody('Content-Encoding' in headers ? gzipSync(event) : event)
    const request = new Request('http://hub/', { method: 'POST', body: stream, headers, duplex: 'half' } as RequestInit)
    await t.rejects(readBody(request, { bytes: 1000, timeoutMs: 20 }), {
      ...{ name: 'Refusal', status: 408, headers: { Connection: 'close' } },
      message: 'the body took longer than 0.02 s',
    } as unknown as Error)
  }
})

t.test('a key has its rate in the long run, and a burst after a pause', async (t) => {
  let nowMs = 0
  const limit = new RateLimit(2, 10, () => nowMs)
  const tooFast = (seconds: string) => ({ status: 429, headers: { 'Retry-After': seconds } }) as unknown as Error
  limit.take('a', 10)
  t.throws(() => limit.take('a', 1), tooFast('1'))
  t.throws(() => limit.take('a', 5), tooFast('3'))
  t.doesNotThrow(() => limit.take('b', 10), 'another key is another')
  nowMs = 2500
  t.doesNotThrow(() => limit.take('a', 5))
  t.throws(() => limit.take('a', 1), tooFast('1'))
  nowMs = 1e9
  t.doesNotThrow(() => limit.take('a', 30), 'more than a burst, once there is a whole one')
  nowMs += 10_000
  t.throws(() => limit.take('a', 1), tooFast('1'))
  nowMs += 500
  t.doesNotThrow(() => limit.take('a', 1), 'and the rest was paid by waiting')
})
