import type { DatabaseSync } from 'node:sqlite'
import { messageOf, Unavailable } from '../base/errors.ts'
import { isOutOfReach } from '../base/state.ts'
import { openToRead } from '../store/file.ts'
import { invocationsBetween } from '../store/invocations.ts'
import type { RecordedPoint, RecordedPoints } from './recorded.ts'

/** The points in the embedded store; one that is not there yet holds none. */
export class StorePoints implements RecordedPoints {
  readonly #path: string
  #database: DatabaseSync | null = null

  constructor(path: string) {
    this.#path = path
  }

  *invocationsBetween(sinceSecond: number, untilSecond: number): Iterable<RecordedPoint> {
    try {
      this.#database ??= openToRead(this.#path)
      if (this.#database !== null) yield* invocationsBetween(this.#database, sinceSecond, untilSecond)
    } catch (error) {
      if (!isOutOfReach(error)) throw error
      throw new Unavailable({ what: 'store', where: this.#path, cause: messageOf(error), remedy: 'Run it again' })
    }
  }

  close(): void {
    this.#database?.close()
    this.#database = null
  }
}
