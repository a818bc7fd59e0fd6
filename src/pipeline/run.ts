import { Stopped } from '../base/errors.ts'
import { type Patience, untilAvailable } from '../base/retry.ts'
import type { Stop } from '../base/stop.ts'
import type { Sink, Source, Transform } from './part.ts'

export interface Pipeline<A, B, C> {
  source: Source<A>
  transforms: [Transform<A, C>] | [Transform<A, B>, Transform<B, C>]
  sink: Sink<C>
  stop: Stop
  /** How long a system out of reach is waited for. */
  patience: Omit<Patience, 'signal'>
  /**
   * Pull and transform the next batch while one is written. Only for a source that remembers no place: it would
   * remember one behind what was not accepted yet.
   */
  readsAhead?: boolean
  /** Called when a batch was pulled, at the first of which it is known where reading begins. */
  onPull?: () => void
  /** Called after each batch that was accepted. */
  onBatch?: () => void
}

/**
 * Pull a batch, transform it, write it until every entry is accepted or refused for good, remember the place; again.
 * One batch is under way at a time, or two where the next is made ready while one is written; one is written at a time,
 * so order, backpressure and a bound on memory need no queue. Returns at the end of the source or when asked to stop;
 * throws what no waiting can mend.
 *
 * @returns whether the end of the source was reached
 */
export async function run<A, B, C>(pipeline: Pipeline<A, B, C>): Promise<boolean> {
  const { source, transforms, sink, stop } = pipeline
  const patience = { ...pipeline.patience, signal: stop.asked }
  const finish = <T>(work: Promise<T>) => unlessAborted(work, stop.now)

  const write = async (entries: C[]) => {
    if (entries.length > 0) await finish(untilAvailable(() => sink.write(entries), patience))
    source.remember()
    pipeline.onBatch?.()
  }
  let accepted = Promise.resolve()

  try {
    while (!stop.asked.aborted) {
      const batch = await finish(untilAvailable(() => source.pull(stop.asked), patience))
      if (batch === null) {
        await accepted
        return true
      }
      pipeline.onPull?.()
      let entries: C[] = []
      if (batch.entries.length > 0) {
        let made: unknown[] = batch.entries
        for (const transform of transforms as Transform<unknown, unknown>[]) {
          const given = made
          made = await finish(untilAvailable(async () => transform.apply(given), patience))
        }
        entries = made as C[]
      }
      await accepted
      accepted = write(entries)
      if (pipeline.readsAhead !== true) await accepted
      // Told when it is waited for, which may be a while.
      accepted.catch(() => {})
    }
    await accepted
    return false
  } catch (error) {
    if (error instanceof Stopped) return false
    throw error
  } finally {
    // What fails elsewhere does not cut off what is being written.
    await accepted.catch(() => {})
    await source.close()
    await sink.close()
  }
}

/** What `work` comes to, or `Stopped` as soon as the signal is given; leaves nothing on the signal behind. */
function unlessAborted<T>(work: Promise<T>, signal: AbortSignal): Promise<T> {
  const { promise, resolve, reject } = Promise.withResolvers<T>()
  const onAbort = () => reject(new Stopped())
  signal.addEventListener('abort', onAbort, { once: true })
  work.then(resolve, reject).finally(() => signal.removeEventListener('abort', onAbort))
  return promise
}
