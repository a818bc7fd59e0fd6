import type { Writable } from 'node:stream'
import type { Point } from '../pipeline/entry.ts'
import type { Sink } from '../pipeline/part.ts'
import { toLineProtocol } from './line_protocol.ts'

/** Prints line protocol, for a dry run; or nothing, where standard output is for something else. */
export class Stdout implements Sink<Point> {
  readonly #output: Writable | null

  constructor(output: Writable | null) {
    this.#output = output
  }

  async write(points: Point[]): Promise<[]> {
    const output = this.#output
    if (output !== null) {
      const text = points.map((point) => `${toLineProtocol(point)}\n`).join('')
      await new Promise<void>((resolve, reject) => output.write(text, (error) => (error ? reject(error) : resolve())))
    }
    return []
  }

  async close(): Promise<void> {}
}
