import type { Counters } from '../base/counters.ts'
import type { Sink } from '../pipeline/part.ts'

/** The same sink, counting what it wrote and what was refused. */
export function countedSink<T>(sink: Sink<T>, counters: Counters): Sink<T> {
  return {
    async write(entries) {
      const refused = await sink.write(entries)
      counters.written += entries.length - refused.length
      counters.refused += refused.length
      return refused
    },
    close: () => sink.close(),
  }
}
