import type { Refusal, Sink } from '../pipeline/part.ts'

/**
 * Gives the same entries to one sink after the other: they are accepted when each has them. Where one is out of reach,
 * those before it are given the entries again, which is harmless. Of the sinks, only one may refuse entries: what two
 * refused would be told twice.
 */
export function inTurn<T>(sinks: Sink<T>[]): Sink<T> {
  return {
    async write(entries) {
      const refused: Refusal<T>[] = []
      for (const sink of sinks) refused.push(...(await sink.write(entries)))
      return refused
    },
    async close() {
      for (const sink of sinks) await sink.close()
    },
  }
}
