// What is known of a worker on another host: what it said last, and nothing where that is long ago.
import t from 'tap'
import { Rabbitmq } from '../../../src/clients/rabbitmq.ts'
import { WorkersElsewhere } from '../../../src/commands/workers_elsewhere.ts'

const word = {
  paused: false,
  circuit: 'open' as const,
  since_ms: 900,
  cause: 'HTTP 503',
  delivered: 7,
  retried: 1,
  in_hand: 3,
}

t.test('a worker is as it said, until it has said nothing for half a minute', async (t) => {
  const nowhere = new Rabbitmq({ url: 'amqp://127.0.0.1:9', verifySsl: true, caFile: null, name: 'test' })
  const workers = new WorkersElsewhere(['there'], nowhere, 'exchange', 500)
  t.teardown(() => workers.close())
  t.same(workers.of('there', 600), { word: null, sinceMs: 500, standing: null })
  workers.heard('there', word, 1000)
  workers.heard('of nobody', word, 1000)
  t.same(workers.of('there', 30_999), { word, sinceMs: 900, standing: null })
  t.same(workers.of('there', 31_000), { word: null, sinceMs: 1000, standing: null })
  t.same(workers.of('of nobody', 1001).word, null, 'one that was taken out of the configuration')
  workers.heard('there', { ...word, circuit: 'closed' }, 40_000)
  t.equal(workers.of('there', 40_001).word?.circuit, 'closed')
})
