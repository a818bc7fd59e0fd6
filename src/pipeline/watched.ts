import type { Progress } from '../base/progress.ts'
import type { Sink, Source } from './part.ts'

/** The same source, telling what it read. `timeOf`: the instant (ms since 1970) that an entry tells. */
export function watchedSource<T>(
  source: Source<T>,
  progress: Progress,
  timeOf: (entry: T) => number | null,
): Source<T> {
  return {
    async pull(signal) {
      const batch = await source.pull(signal)
      const [first, last] = [batch?.entries[0], batch?.entries.at(-1)]
      progress.pulled(first === undefined ? null : timeOf(first), last === undefined ? null : timeOf(last))
      return batch
    },
    remember() {
      source.remember()
      progress.finished()
    },
    close: () => source.close(),
  }
}

/** The same sink, telling what it wrote. */
export function watchedSink<T>(sink: Sink<T>, progress: Progress): Sink<T> {
  return {
    async write(entries) {
      const refused = await sink.write(entries)
      progress.wrote()
      return refused
    },
    close: () => sink.close(),
  }
}
