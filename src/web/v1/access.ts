import type { Context } from 'hono'
import { LRUCache } from 'lru-cache'
import type { ApiKey, Keys } from '../../outbox/keys.ts'
import { Refusal } from './refusal.ts'

const realm = 'Bearer realm="workflow-reporting"'
const keysRemembered = 10_000

/**
 * The key that a request shows: `Authorization: Bearer KEY`.
 *
 * @throws Refusal 401
 */
export function keyOf(context: Context, keys: Keys): ApiKey {
  const header = context.req.header('authorization')
  if (header === undefined)
    throw new Refusal(
      401,
      'Authorization: is missing. Send a key, as Bearer KEY; `workflow-reporting key create` makes one',
      {
        'WWW-Authenticate': realm,
      },
    )
  const shown = /^Bearer +(\S+) *$/i.exec(header)?.[1]
  const verdict =
    shown === undefined ? { refused: 'is not shown. Send it as Bearer KEY' } : keys.verify(shown, Date.now())
  if ('key' in verdict) return verdict.key
  throw new Refusal(401, `Authorization: the key ${verdict.refused}`, {
    'WWW-Authenticate': `${realm}, error="invalid_token"`,
  })
}

/** @throws Refusal 401, 403 */
export function keyWith(context: Context, keys: Keys, scope: string): ApiKey {
  const key = keyOf(context, keys)
  if (!key.scopes.includes(scope)) throw new Refusal(403, `the key has no scope ${scope}`)
  return key
}

/** How much each key may do: so much in a second in the long run, and a burst of more after a pause. */
export class RateLimit {
  readonly #perSecond: number
  readonly #burst: number
  readonly #nowMs: () => number
  readonly #left = new LRUCache<string, { amount: number; atMs: number }>({ max: keysRemembered })

  constructor(perSecond: number, burst: number, nowMs: () => number = () => performance.now()) {
    this.#perSecond = perSecond
    this.#burst = burst
    this.#nowMs = nowMs
  }

  /**
   * Takes so much of what a key has left. One that asks for more than a whole burst gets it when it has one, and pays for
   * the rest by waiting longer.
   *
   * @throws Refusal 429
   */
  take(keyId: string, amount: number): void {
    const nowMs = this.#nowMs()
    const before = this.#left.get(keyId) ?? { amount: this.#burst, atMs: nowMs }
    const left = Math.min(this.#burst, before.amount + ((nowMs - before.atMs) / 1000) * this.#perSecond)
    const needed = Math.min(amount, this.#burst) - left
    if (needed > 0) {
      this.#left.set(keyId, { amount: left, atMs: nowMs })
      const seconds = Math.ceil(needed / this.#perSecond)
      throw new Refusal(429, `too fast: ${this.#perSecond} events a second may be sent with this key`, {
        'Retry-After': String(seconds),
      })
    }
    this.#left.set(keyId, { amount: left - amount, atMs: nowMs })
  }
}
