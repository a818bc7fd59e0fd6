import type { Readable } from 'node:stream'
import type { Counters } from '../base/counters.ts'
import { LineBuffer } from '../lines/line_buffer.ts'
import { Picking } from '../lines/pick.ts'
import type { LineSelector } from '../lines/selector.ts'
import type { LogLine } from '../pipeline/entry.ts'
import type { Batch, Source } from '../pipeline/part.ts'

const stream = 'stdin'
const lookEveryMs = 1000

/** Lines from standard input, to its end. There is no place to remember: who feeds it decides what comes again. */
export class Stdin implements Source<LogLine> {
  readonly #input: Readable
  readonly #chunks: AsyncIterator<Buffer>
  readonly #selector: LineSelector
  readonly #counters: Counters
  readonly #onLook: (found: boolean) => void
  readonly #lines = new LineBuffer()
  #coming: Promise<IteratorResult<Buffer>> | null = null
  #ended = false

  /** @param onLook told now and then that nothing has come */
  constructor(
    input: Readable,
    selector: LineSelector,
    counters: Counters,
    onLook: (found: boolean) => void = () => {},
  ) {
    this.#input = input
    this.#chunks = input[Symbol.asyncIterator]() as AsyncIterator<Buffer>
    this.#selector = selector
    this.#counters = counters
    this.#onLook = onLook
  }

  async pull(signal: AbortSignal): Promise<Batch<LogLine> | null> {
    if (this.#ended) return null
    const picking = new Picking(this.#selector, Number.POSITIVE_INFINITY)
    // Waits for the first chunk alone: what has come is written at once, and what comes meanwhile is the next batch.
    this.#coming ??= this.#chunks.next()
    const { promise: aborted, resolve } = Promise.withResolvers<null>()
    const onAbort = () => resolve(null)
    signal.addEventListener('abort', onAbort)
    const looking = setInterval(() => this.#onLook(false), lookEveryMs)
    const next = await Promise.race([this.#coming, aborted]).finally(() => clearInterval(looking))
    signal.removeEventListener('abort', onAbort)
    if (next === null) return { entries: [] }
    this.#coming = null
    if (next.done === true) {
      this.#ended = true
      picking.take(this.#lines.finish(), stream)
    } else {
      for (let chunk = next.value; chunk.length > 0; ) {
        const byteCount = chunk.copy(this.#lines.space())
        picking.take(this.#lines.filled(byteCount), stream)
        chunk = chunk.subarray(byteCount)
      }
    }
    this.#counters.lines += this.#lines.lines
    this.#counters.malformed += this.#lines.malformed
    this.#lines.lines = this.#lines.malformed = 0
    return { entries: picking.entries }
  }

  remember(): void {}

  async close(): Promise<void> {
    this.#input.destroy()
  }
}
