import type { CountedRow } from '../galaxy/tables.ts'

/** Some rows in the order of their ids, and which of them a point was found of. */
export class Slice {
  #count = 0
  readonly #ids: Int32Array
  readonly #createdMs: Float64Array
  readonly #hasPoint: Uint8Array
  oldestMs = Number.POSITIVE_INFINITY
  newestMs = Number.NEGATIVE_INFINITY

  /** @param rowsMax 13 bytes each */
  constructor(rowsMax: number) {
    this.#ids = new Int32Array(rowsMax)
    this.#createdMs = new Float64Array(rowsMax)
    this.#hasPoint = new Uint8Array(rowsMax)
  }

  get isFull(): boolean {
    return this.#count === this.#ids.length
  }

  /** Ids come in growing order. */
  add({ id, createdMs }: CountedRow): void {
    this.#ids[this.#count] = id
    this.#createdMs[this.#count] = createdMs
    this.#count++
    this.oldestMs = Math.min(this.oldestMs, createdMs)
    this.newestMs = Math.max(this.newestMs, createdMs)
  }

  /** -1 where it is none of these rows'. */
  indexOf(id: number): number {
    let [from, to] = [0, this.#count]
    while (from < to) {
      const middle = (from + to) >>> 1
      if (this.#ids[middle]! < id) from = middle + 1
      else to = middle
    }
    return from < this.#count && this.#ids[from] === id ? from : -1
  }

  createdMs(index: number): number {
    return this.#createdMs[index]!
  }

  /** @returns whether it is the row's first */
  takePoint(index: number): boolean {
    const isFirst = this.#hasPoint[index] === 0
    this.#hasPoint[index] = 1
    return isFirst
  }

  withoutPoint(): { id: number; createdMs: number }[] {
    const missing: { id: number; createdMs: number }[] = []
    for (let index = 0; index < this.#count; index++)
      if (this.#hasPoint[index] === 0) missing.push({ id: this.#ids[index]!, createdMs: this.#createdMs[index]! })
    return missing
  }
}
