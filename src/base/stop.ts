import { log } from './log.ts'

export interface Stop {
  /** Given at the first SIGTERM or SIGINT: finish what is in hand, take nothing new. */
  asked: AbortSignal
  /** Given when finishing took too long: give up what is under way. It will be done again at the next start. */
  now: AbortSignal
}

const finishWithinMs = 8000

/**
 * The first signal asks, a second one ends the process at once. SIGPIPE is left alone: a reader that goes away shows
 * as an error on standard output. What is in hand gets 8 s, so that the process is gone within 10.
 */
export function stopOnSignals(next = 'finishing the batch in hand; a second signal stops at once'): Stop {
  const asked = new AbortController()
  const now = new AbortController()
  let code = 0
  const onSignal = (signal: NodeJS.Signals) => {
    if (asked.signal.aborted) {
      log.warn('stopping_at_once', { signal })
      process.exit(code)
    }
    code = signal === 'SIGINT' ? 130 : 143
    log.info('stopping', { signal, next })
    asked.abort()
    setTimeout(() => now.abort(), finishWithinMs).unref()
  }
  process.on('SIGTERM', onSignal)
  process.on('SIGINT', onSignal)
  return { asked: asked.signal, now: now.signal }
}
