import net from 'node:net'
import { codeOf, messageOf } from '../base/errors.ts'
import { type CheckOf, placeOf } from './check.ts'
import { type Finding, rounded, type Try } from './finding.ts'

/** Telegraf's words and codes of `net_response` (plugins/inputs/net_response/README.md). */
const codes = { success: 0, timeout: 1, connection_failed: 2 }

/** Connects, says nothing and leaves. */
export function tcpTry(check: CheckOf<'tcp'>): Try {
  const place = placeOf(check.target)!
  return async (timeoutMs, signal) => {
    const startedMs = performance.now()
    const failure = await connect(place, timeoutMs, signal)
    const elapsedMs = rounded(performance.now() - startedMs)
    if (failure === null) return found('success', `connected in ${elapsedMs} ms`, elapsedMs)
    if (codeOf(failure) === 'ETIMEDOUT')
      return found('timeout', `no connection within ${timeoutMs / 1000} s`, elapsedMs)
    return found('connection_failed', messageOf(failure), elapsedMs)
  }
}

function found(result: keyof typeof codes, message: string, elapsedMs: number): Finding {
  const fields = { response_time: elapsedMs / 1000, result_code: codes[result] }
  return { verdict: result === 'success' ? 'good' : 'failed', result, message, fields }
}

/** What kept it from connecting; `null` where it did. */
export function connect(
  place: { host: string; port: number },
  timeoutMs: number,
  signal: AbortSignal,
): Promise<Error | null> {
  const { promise, resolve } = Promise.withResolvers<Error | null>()
  const socket = net.connect({ ...place, signal })
  const late = () => socket.destroy(Object.assign(new Error('no connection in time'), { code: 'ETIMEDOUT' }))
  const timer = setTimeout(late, timeoutMs)
  socket.once('connect', () => {
    resolve(null)
    socket.destroy()
  })
  // With several addresses the error that holds them all has no text of its own.
  socket.once('error', (error) => resolve(error instanceof AggregateError ? (error.errors[0] as Error) : error))
  socket.once('close', () => {
    clearTimeout(timer)
    resolve(new Error('the connection was closed'))
  })
  return promise
}
