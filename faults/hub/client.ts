import { setTimeout as sleep } from 'node:timers/promises'
import type { Random } from '../../test/world/random.ts'
import type { Offered } from './offered.ts'

export interface Address {
  url: string
  key: string
}

/** What the hub said to everything that was offered. */
export class Said {
  /** Ids of events that got 202. */
  readonly accepted = new Set<string>()
  readonly refused = new Map<string, string>()
  /** Requests that were sent again, by why. */
  readonly repeated = new Map<string, number>()
  requests = 0
}

interface Result {
  id?: string
  index: number
  status: 'accepted' | 'duplicate' | 'refused'
  error?: string
}

const patienceMs = 15_000
const batchMax = 100
/** Now and then a client forgets that it was answered, and sends the same again. */
const forgetsOneIn = 50

/**
 * Sends events as a careful program does: what got no answer, or one that says "later", is sent again until it got
 * another. One request at a time; half of the requests have one event, the others up to a hundred.
 */
export async function sendAll(
  events: Iterator<Offered>,
  { url, key }: Address,
  eventsPerSecond: number,
  random: Random,
  said: Said,
): Promise<void> {
  for (;;) {
    const batch: Offered[] = []
    const size = random.chance(0.5) ? 1 : random.integer(2, batchMax)
    while (batch.length < size) {
      const next = events.next()
      if (next.done === true) break
      batch.push(next.value)
    }
    if (batch.length === 0) return
    const body = JSON.stringify(size === 1 ? batch[0]!.body : batch.map((offered) => offered.body))
    do await sendUntilAnswered(body, batch, { url, key }, said)
    while (random.chance(1 / forgetsOneIn))
    await sleep((batch.length / eventsPerSecond) * 1000)
  }
}

async function sendUntilAnswered(body: string, batch: Offered[], { url, key }: Address, said: Said): Promise<void> {
  for (;;) {
    const answer = await post(`${url}v1/events`, key, body)
    said.requests++
    if (answer.status === 202 || answer.status === 422) {
      note(answer.body, batch, said)
      return
    }
    if (answer.status !== 0 && answer.status !== 429 && answer.status < 500)
      throw new Error(`the hub answered ${answer.status}: ${answer.body.slice(0, 500)}`)
    const why = answer.status === 0 ? answer.body : `HTTP ${answer.status}`
    said.repeated.set(why, (said.repeated.get(why) ?? 0) + 1)
    await sleep(100)
  }
}

function note(text: string, batch: Offered[], said: Said): void {
  const { results } = JSON.parse(text) as { results: Result[] }
  if (results.length !== batch.length) throw new Error(`${results.length} results for ${batch.length} events: ${text}`)
  for (const { index, status, error } of results) {
    const { id } = batch[index]!
    if (status === 'refused') said.refused.set(id, error ?? '')
    else said.accepted.add(id)
  }
}

/** Status 0 where there was no answer. */
async function post(url: string, key: string, body: string): Promise<{ status: number; body: string }> {
  try {
    const headers = { authorization: `Bearer ${key}`, 'content-type': 'application/json' }
    const response = await fetch(url, { method: 'POST', headers, body, signal: AbortSignal.timeout(patienceMs) })
    return { status: response.status, body: await response.text() }
  } catch (error) {
    const { cause, name } = error as { cause?: { code?: string }; name: string }
    return { status: 0, body: cause?.code ?? name }
  }
}
