// What is kept of an event at RabbitMQ, in the headers of its messages.
import type { Message } from 'amqplib'
import t from 'tap'
import { attemptsOf, headerNames, outcomeMessage } from '../../../src/broker/message.ts'
import { queuesOf } from '../../../src/broker/topology.ts'
import type { Outcome } from '../../../src/events/delivery.ts'

const message = (headers: Record<string, unknown> = {}, content = '{}') =>
  ({ content: Buffer.from(content), properties: { headers } }) as Message

t.test('attempts that are no whole number are none', async (t) => {
  const attemptsIn = (attempts: unknown) => attemptsOf(message({ [headerNames.attempts]: attempts }))
  for (const odd of ['many', '3', 0.5, -2, Number.NaN, null, undefined, {}, true, 1e300])
    t.equal(attemptsIn(odd), 0, String(odd))
  t.equal(attemptsIn(3), 3)
  t.equal(attemptsOf({ properties: {} } as Message), 0)
})

const delivery = { event: { id: 'a' }, attempts: 0 } as Outcome['delivery']
const retrying = (attempts: number, afterMs = 5): Outcome => ({
  ...{ delivery, state: 'retrying', attempts, cause: 'down', afterMs },
})
const dead = (attempts: number): Outcome => ({ delivery, state: 'dead', attempts, cause: 'bad' })
const copyOf = (outcome: Outcome, came = message({ [headerNames.copy]: 'x' }), nowMs = 1000) =>
  outcomeMessage(outcome, came, queuesOf('events', 'there'), nowMs)?.options.headers?.[headerNames.copy]

t.test('an outcome that is published again is the same message', async (t) => {
  for (const came of [message({ [headerNames.copy]: 'x' }), message()]) {
    t.match(copyOf(retrying(1), came), /./)
    t.equal(copyOf(retrying(1, 70), came, 2000), copyOf(retrying(1), came))
    t.equal(copyOf(dead(1), came, 2000), copyOf(dead(1), came))
  }
})

t.test('another outcome, attempt, message or event is another message', async (t) => {
  const other = { ...retrying(1), delivery: { ...delivery, event: { ...delivery.event, id: 'b' } } }
  const copies = [
    ...[copyOf(retrying(1)), copyOf(retrying(2)), copyOf(dead(1)), copyOf(dead(2)), copyOf(other)],
    ...[copyOf(retrying(1), message()), copyOf(retrying(1), message({ [headerNames.copy]: 'y' }))],
  ]
  t.equal(new Set(copies).size, copies.length)
})
