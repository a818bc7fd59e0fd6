import type { LogLine } from '../pipeline/entry.ts'
import type { LineSelector } from './selector.ts'

/** Bounds of one batch: a look-up and a write each stay small, and a stop is never far. */
const entriesMax = 2000
const textMaxBytes = 8 * 1024 * 1024

/** Gathers the lines of one batch. */
export class Picking {
  readonly entries: LogLine[] = []
  readonly #selector: LineSelector
  readonly #batchMaxMs: number
  readonly #startedMs = performance.now()
  #textBytes = 0

  /** @param batchMaxMs how long lines are gathered */
  constructor(selector: LineSelector, batchMaxMs: number) {
    this.#selector = selector
    this.#batchMaxMs = batchMaxMs
  }

  get full(): boolean {
    return (
      this.entries.length >= entriesMax ||
      this.#textBytes >= textMaxBytes ||
      performance.now() - this.#startedMs >= this.#batchMaxMs
    )
  }

  /** Takes what matters out of a region of whole lines. */
  take(region: Buffer, stream: string, contextMs?: number): void {
    this.#selector.select(region, (start, end) => {
      const text = region.toString('latin1', start, end)
      this.#textBytes += text.length
      this.entries.push(contextMs === undefined ? { text, stream } : { text, stream, contextMs })
    })
  }
}
