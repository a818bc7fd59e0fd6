// Who listens gets everything; who does not read is dropped and holds up nobody.
import t from 'tap'
import { Events } from '../../../src/web/events.ts'

t.test('one who does not read is dropped, the others hear all', async (t) => {
  const events = new Events()
  const [reader, sleeper] = [events.open()!, events.open()!]
  let text = ''
  const reading = (async () => {
    for await (const bytes of reader) text += Buffer.from(bytes).toString()
  })()
  const sent = 200
  for (let number = 0; number < sent; number++) {
    events.send('changed', { number, padding: 'x'.repeat(1000) })
    await new Promise((resolve) => setImmediate(resolve))
  }
  t.equal(events.listeners, 1)
  await t.rejects(async () => {
    for await (const _ of sleeper);
  }, /does not read/)
  events.close()
  await reading
  t.equal(text.match(/^event: changed$/gm)?.length, sent)
})

t.test('one who leaves makes room', async (t) => {
  const events = new Events()
  const streams = Array.from({ length: 100 }, () => events.open())
  t.equal(events.open(), null)
  await streams[7]!.cancel()
  t.not(events.open(), null)
  events.close()
})
