import type { ContentfulStatusCode } from 'hono/utils/http-status'
import type { z } from 'zod'
import { Unavailable } from '../../base/errors.ts'
import { isOutOfReach } from '../../base/state.ts'
import type { failure } from './answers.ts'

const laterSeconds = 10

/** A request that is not done, with what is answered to it. */
export class Refusal extends Error {
  override name = 'Refusal'
  readonly status: ContentfulStatusCode
  readonly body: z.output<typeof failure>
  readonly headers: Record<string, string>

  constructor(
    status: ContentfulStatusCode,
    body: string | z.output<typeof failure>,
    headers: Record<string, string> = {},
  ) {
    super(typeof body === 'string' ? body : body.error)
    this.status = status
    this.body = typeof body === 'string' ? { error: body } : body
    this.headers = headers
  }
}

/** The refusal that an error is to whoever sent the request; `null` where it is our own fault. */
export function refusalOf(error: unknown): Refusal | null {
  if (error instanceof Refusal) return error
  if (error instanceof Unavailable) return later(error.trouble.cause)
  return isOutOfReach(error) ? later((error as Error).message) : null
}

export function later(cause: string, seconds = laterSeconds): Refusal {
  return new Refusal(503, `not accepted now: ${cause}. Send it again later`, { 'Retry-After': String(seconds) })
}
