// What a worker tells is read in this version's words, whatever version told it.
import t from 'tap'
import { receiptIn, receiptMessage, wordMessage } from '../../../src/broker/receipt.ts'
import type { Delivery } from '../../../src/events/delivery.ts'

const outcome = { id: 'a', state: 'dead', attempts: 2, at_ms: 1000, cause: 'bad' }
const counted = { delivered: 7, retried: 1, in_hand: 3 }
const word = { paused: false, circuit: 'open' as const, since_ms: 900, cause: 'HTTP 503', ...counted }
const read = (receipt: unknown) => receiptIn(Buffer.from(JSON.stringify(receipt)))

t.test('a receipt is read as it was told', async (t) => {
  const delivery = { event: { id: 'a' }, attempts: 1 } as Delivery
  const outcomes = [
    { delivery, state: 'delivered' as const, attempts: 1 },
    { delivery, state: 'retrying' as const, attempts: 2, cause: 'down', afterMs: 5 },
  ]
  t.same(receiptIn(receiptMessage('events', 'there', outcomes, 1000).content), {
    destination: 'there',
    outcomes: [
      { id: 'a', state: 'delivered', attempts: 1, at_ms: 1000, cause: null },
      { id: 'a', state: 'retrying', attempts: 2, at_ms: 1005, cause: 'down' },
    ],
  })
  t.same(receiptIn(wordMessage('events', 'there', word).content), { destination: 'there', outcomes: [], worker: word })
})

t.test('what another version says besides is not heard', async (t) => {
  const told = { destination: 'there', outcomes: [outcome], worker: word }
  const more = { ...told, x: 1, outcomes: [{ ...outcome, x: 1 }], worker: { ...word, x: 1 } }
  t.same(read(more), told)
})

t.test('outcomes are kept where what the worker says of itself cannot be read', async (t) => {
  const odd = [null, 'well', { ...word, circuit: 'ajar' }, { ...word, since_ms: 1e300 }, { ...word, cause: 7 }]
  for (const worker of odd) {
    const told = read({ destination: 'there', outcomes: [outcome], worker })
    t.same(told?.outcomes, [outcome])
    t.equal(told?.worker, undefined, JSON.stringify(worker))
  }
})

t.test('anything else is no receipt', async (t) => {
  const odd = [
    ...[null, 7, [], {}, { destination: 'there' }, { destination: 'there', outcomes: {} }],
    ...[
      { destination: 7, outcomes: [] },
      { destination: 'there', outcomes: [null] },
    ],
    ...Object.keys(outcome).map((name) => ({ destination: 'there', outcomes: [{ ...outcome, [name]: undefined }] })),
    ...[{ id: 7 }, { state: 'lost' }, { attempts: 0.5 }, { attempts: -1 }, { at_ms: 'now' }, { at_ms: 1e300 }].map(
      (wrong) => ({ destination: 'there', outcomes: [outcome, { ...outcome, ...wrong }] }),
    ),
  ]
  for (const receipt of odd) t.equal(read(receipt), null, JSON.stringify(receipt))
  t.equal(receiptIn(Buffer.from('{')), null)
})
