import { setTimeout as sleep } from 'node:timers/promises'
import { Stopped, Unavailable } from './errors.ts'
import { log } from './log.ts'

export interface Patience {
  /** Give up and throw the last `Unavailable` after this long without success; infinite for a service. */
  patienceMs: number
  /** Ends the waiting with `Stopped`. */
  signal: AbortSignal
  /** Told what is waited for, and `null` when it is no longer. */
  onWait?: (what: string | null) => void
}

const firstDelayMs = 200
const longestDelayMs = 10_000
const sayEveryMs = 60_000

/** Doubling from 0.2 s to 10 s, each time less up to a half by chance, so that many clients don't come back at once. */
export function delayMs(attempt: number, random: number = Math.random()): number {
  return Math.min(longestDelayMs, firstDelayMs * 2 ** attempt) * (1 - random / 2)
}

/**
 * Calls `ask` until it does not throw `Unavailable`. Any other error goes through at once.
 * Says so when the waiting begins, when its cause is another, once a minute after that, and when it ends.
 */
export async function untilAvailable<T>(ask: () => Promise<T>, patience: Patience): Promise<T> {
  const startedMs = performance.now()
  let saidMs = Number.NEGATIVE_INFINITY
  let saidCause = ''
  for (let attempt = 0; ; attempt++) {
    try {
      const answer = await ask()
      if (attempt > 0) {
        log.info('available_again', { after_seconds: seconds(performance.now() - startedMs) })
        patience.onWait?.(null)
      }
      return answer
    } catch (error) {
      if (patience.signal.aborted) throw new Stopped()
      if (!(error instanceof Unavailable)) throw error
      const now = performance.now()
      const leftMs = patience.patienceMs - (now - startedMs)
      if (leftMs <= 0) throw error
      patience.onWait?.(error.trouble.what)
      const { what, where, cause, remedy } = error.trouble
      // A server that was down and now refuses the password needs another remedy. The delays bound how often.
      if (cause !== saidCause || now - saidMs >= sayEveryMs) {
        saidMs = now
        saidCause = cause
        log.warn('waiting', { for: what, where, cause, remedy, waited_seconds: seconds(now - startedMs) })
      }
      await pause(Math.min(delayMs(attempt), leftMs), patience.signal)
    }
  }
}

/** Sleeps; throws `Stopped` as soon as the signal is given. */
export async function pause(durationMs: number, signal: AbortSignal): Promise<void> {
  try {
    await sleep(durationMs, undefined, { signal })
  } catch {
    throw new Stopped()
  }
}

function seconds(durationMs: number): number {
  return Math.round(durationMs / 1000)
}
