import { messageOf, Unavailable } from '../base/errors.ts'
import { isOutOfReach } from '../base/state.ts'
import type { Point } from '../pipeline/entry.ts'
import type { Sink } from '../pipeline/part.ts'
import { PointWriter } from '../store/points.ts'

/**
 * Writes points to the embedded store, which refuses none. Each batch is one transaction: after a failure, or the
 * power's, it is there whole or not at all, and writing it again changes nothing.
 */
export class Store implements Sink<Point> {
  readonly #path: string
  #writer: PointWriter | null = null
  #closed = false

  /** @throws Failed where the file cannot be used, and waiting would not help */
  constructor(path: string) {
    this.#path = path
    try {
      this.#writer = PointWriter.open(path)
    } catch (error) {
      // The first write says so, and is repeated.
      if (!isOutOfReach(error)) throw error
    }
  }

  async write(points: Point[]): Promise<[]> {
    if (this.#closed) throw this.#unavailable('it is closed')
    try {
      this.#writer ??= PointWriter.open(this.#path)
      this.#writer.write(points)
      return []
    } catch (error) {
      if (!isOutOfReach(error)) throw error
      throw this.#unavailable(messageOf(error))
    }
  }

  async close(): Promise<void> {
    this.#closed = true
    this.#writer?.close()
  }

  #unavailable(cause: string): Unavailable {
    const remedy = 'Make room on its disk, or let go of the file; it goes on by itself'
    return new Unavailable({ what: 'store', where: this.#path, cause, remedy })
  }
}
