import { setTimeout as sleep } from 'node:timers/promises'
import type { Source } from './part.ts'

const lookEveryMs = 500

/** The same source, which gives nothing for as long as it is paused. */
export function pausedSource<T>(source: Source<T>, isPaused: () => boolean): Source<T> {
  return {
    async pull(signal) {
      if (!isPaused()) return source.pull(signal)
      await sleep(lookEveryMs, undefined, { signal }).catch(() => {})
      return { entries: [] }
    },
    remember: () => source.remember(),
    close: () => source.close(),
  }
}
