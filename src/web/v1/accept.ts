import { createHash } from 'node:crypto'
import type { Context } from 'hono'
import type { z } from 'zod'
import { BadEvent } from '../../events/bad_event.ts'
import { isBinaryCloudEvent } from '../../events/cloudevents_http.ts'
import type { NewEvent } from '../../events/event.ts'
import { readEvent } from '../../events/read_event.ts'
import type { NamedRequest } from '../../outbox/answers.ts'
import { type ApiKey, mayWrite } from '../../outbox/keys.ts'
import type { Acceptance } from '../../outbox/outbox.ts'
import { keyOf, RateLimit } from './access.ts'
import type { receipt, result } from './answers.ts'
import { readBody } from './body.ts'
import type { EventHub } from './hub.ts'
import { checkMediaType, itemsOf } from './items.ts'
import { later, Refusal } from './refusal.ts'

type Result = z.output<typeof result>
type Receipt = z.output<typeof receipt>
type Answer = { status: 202 | 403 | 422; receipt: Receipt }

/** Bodies that are read or kept at once; each may be as large as a body may be. */
const underWayMax = 64
const bodyTimeoutMs = 20_000

/** Takes events in: `POST /v1/events`. */
export class Acceptor {
  readonly #hub: EventHub
  readonly #rate: RateLimit
  /** Named requests that are not answered yet, so that the same one at the same time is done once. */
  readonly #named = new Map<string, { requestHash: string; answer: Promise<Answer> }>()
  #underWay = 0

  constructor(hub: EventHub) {
    this.#hub = hub
    this.#rate = new RateLimit(hub.limits.ratePerSecond, hub.limits.burst)
  }

  /** @throws Refusal, Unavailable */
  async answer(context: Context): Promise<Response> {
    const { limits } = this.#hub
    const key = keyOf(context, this.#hub.keys)
    if (!key.scopes.some((scope) => scope.startsWith('events:write:')))
      throw new Refusal(403, 'the key has no scope events:write:CATEGORY')
    this.#rate.take(key.id, 1)
    const { headers } = context.req.raw
    checkMediaType(headers)
    const idempotencyKey = idempotencyKeyOf(headers)
    if (this.#underWay >= underWayMax) throw later('too many requests are under way', 1)
    this.#underWay++
    try {
      const body = await readBody(context.req.raw, { bytes: limits.bodyBytes, timeoutMs: bodyTimeoutMs })
      const items = itemsOf(headers, body, limits.batch)
      if (items.length > 1) this.#rate.take(key.id, items.length - 1)
      const { status, receipt } =
        idempotencyKey === null
          ? await this.#take(items, key, null)
          : await this.#once(items, key, { keyId: key.id, idempotencyKey, requestHash: hashOf(headers, body) })
      return context.json(receipt, status)
    } finally {
      this.#underWay--
    }
  }

  /** A request that was done before, or is being done, is answered as it was. */
  async #once(items: unknown[], key: ApiKey, request: NamedRequest): Promise<Answer> {
    const name = `${request.keyId} ${request.idempotencyKey}`
    const underWay = this.#named.get(name)
    const before = underWay ?? this.#hub.answers.find(request, Date.now())
    if (before !== null && before.requestHash !== request.requestHash)
      throw new Refusal(422, 'Idempotency-Key: was sent with another request before. Give each request its own')
    if (underWay !== undefined) return underWay.answer
    if (before !== null) return { status: 202, receipt: JSON.parse(before.answer as string) as Receipt }
    const answer = this.#take(items, key, request)
    this.#named.set(name, { requestHash: request.requestHash, answer })
    return answer.finally(() => this.#named.delete(name))
  }

  async #take(items: unknown[], key: ApiKey, request: NamedRequest | null): Promise<Answer> {
    const origin = { source: key.source, nowMs: Date.now() }
    const results: Result[] = []
    const events: { index: number; event: NewEvent }[] = []
    let foreign = 0
    for (const [index, item] of items.entries()) {
      try {
        const event = readEvent(item, origin)
        if (mayWrite(key, event.category)) events.push({ index, event })
        else {
          foreign++
          const error = `the key has no scope events:write:${event.category}`
          results[index] = { index, id: null, status: 'refused', error }
        }
      } catch (error) {
        if (!(error instanceof BadEvent)) throw error
        const { message, field } = error
        results[index] = { index, id: null, status: 'refused', error: message, ...(field !== null && { field }) }
      }
    }
    const broken = results.filter((result) => result !== undefined).length - foreign
    if (foreign > 0) this.#hub.refused(key.source, 403, foreign)
    if (broken > 0) this.#hub.refused(key.source, 422, broken)
    if (events.length === 0) {
      const status = foreign === items.length ? 403 : 422
      return { status, receipt: { ...receiptOf(results), error: causeOf(results[0]!) } }
    }
    const complete = (acceptances: Acceptance[]) => {
      for (const [at, { index, event }] of events.entries()) results[index] = resultOf(index, event, acceptances[at]!)
      return receiptOf(results)
    }
    const acceptances = await this.#hub.outbox.accept(
      events.map(({ event }) => event),
      (kept) => {
        if (request !== null) this.#hub.answers.put(request, JSON.stringify(complete(kept)), origin.nowMs)
      },
    )
    const receipt = complete(acceptances)
    if (receipt.refused < items.length) return { status: 202, receipt }
    return { status: 422, receipt: { ...receipt, error: causeOf(results[0]!) } }
  }
}

function resultOf(index: number, { id, known }: NewEvent, acceptance: Acceptance): Result {
  if (acceptance === 'accepted' || acceptance === 'duplicate') return { index, id, status: acceptance, known }
  return { index, id: null, status: 'refused', error: acceptance.replace(/^refused: /, '') }
}

function causeOf({ field, error }: Result): string {
  return field === undefined ? error! : `${field}: ${error}`
}

function receiptOf(results: Result[]): Receipt {
  const count = (status: Result['status']) => results.filter((result) => result.status === status).length
  return { accepted: count('accepted'), duplicate: count('duplicate'), refused: count('refused'), results }
}

/** @throws Refusal 400 */
function idempotencyKeyOf(headers: Headers): string | null {
  const name = headers.get('idempotency-key')
  if (name !== null && !/^[\x21-\x7e]{1,200}$/.test(name))
    throw new Refusal(400, 'Idempotency-Key: expected 1 to 200 letters, digits and signs without spaces')
  return name
}

/** Tells requests apart by what makes their events. */
function hashOf(headers: Headers, body: Buffer): string {
  const hash = createHash('sha256')
  const names = isBinaryCloudEvent(headers) ? [...headers.keys()].filter((name) => name.startsWith('ce-')) : []
  for (const name of ['content-type', ...names]) hash.update(`${name}: ${headers.get(name)}\n`)
  return hash.update('\n').update(body).digest('hex')
}
