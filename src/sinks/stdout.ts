import type { Writable } from 'node:stream'
import type { Counters } from '../base/counters.ts'
import type { Point } from '../pipeline/entry.ts'
import type { Sink } from '../pipeline/part.ts'
import { toLineProtocol } from './line_protocol.ts'

/** Prints line protocol, for a dry run; or only counts, where standard output is for something else. */
export class Stdout implements Sink<Point> {
  readonly #output: Writable | null
  readonly #counters: Counters

  constructor(output: Writable | null, counters: Counters) {
    this.#output = output
    this.#counters = counters
  }

  async write(points: Point[]): Promise<void> {
    const output = this.#output
    if (output !== null) {
      const text = points.map((point) => `${toLineProtocol(point)}\n`).join('')
      await new Promise<void>((resolve, reject) => output.write(text, (error) => (error ? reject(error) : resolve())))
    }
    this.#counters.written += points.length
  }

  async close(): Promise<void> {}
}
