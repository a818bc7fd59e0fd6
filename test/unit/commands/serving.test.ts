// By what systemd knows that `serve` is alive.
import { once } from 'node:events'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import t from 'tap'
import { Serving } from '../../../src/commands/serving.ts'
import { until } from '../../services/json_server.ts'

const everyMs = 20

t.test('it gives signs while its own address answers, whatever it answers, and none while it does not', async (t) => {
  const asked: string[] = []
  let answers = true
  const server = createServer((request, response) => {
    asked.push(String(request.url))
    if (answers) response.writeHead(503).end('no events are accepted: the disk is full\n')
  })
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  t.teardown(() => server.closeAllConnections())
  t.teardown(() => server.close())
  using serving = new Serving(`http://127.0.0.1:${(server.address() as AddressInfo).port}/`, () => [], everyMs)
  await until(() => serving.signs >= 3, 20_000)
  t.same([...new Set(asked)], ['/healthz'])
  answers = false
  const before = asked.length
  await until(() => asked.length >= before + 2, 20_000)
  const signs = serving.signs
  await until(() => asked.length >= before + 10, 20_000)
  t.equal(serving.signs, signs)
})

t.test('it tells how each destination goes', async (t) => {
  const worker = {
    paused: false,
    circuit: 'closed',
    sinceMs: 0,
    cause: null,
    delivered: 7,
    retried: 0,
    dead: 0,
  } as const
  using serving = new Serving('http://127.0.0.1:1/', () => [
    { ...worker, destination: 'one' },
    { ...worker, destination: 'two', circuit: 'open', cause: 'HTTP 503', dead: 2 },
    { ...worker, destination: 'three', paused: true },
  ])
  t.equal(
    serving.sentence(),
    'Serving http://127.0.0.1:1/; one: 7 delivered; two: waiting (HTTP 503), 7 delivered, 2 dead; three: paused, 7 delivered',
  )
})
