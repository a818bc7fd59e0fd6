/** Chance that is the same each time for a seed, so that two runs of the demonstration can be compared. */
export class Random {
  #state: number

  constructor(seed: number) {
    this.#state = seed >>> 0
  }

  /** At least 0 and less than 1 (mulberry32). */
  next(): number {
    this.#state = (this.#state + 0x6d2b79f5) >>> 0
    let mixed = this.#state
    mixed = Math.imul(mixed ^ (mixed >>> 15), mixed | 1)
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61)
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32
  }

  chance(probability: number): boolean {
    return this.next() < probability
  }

  /** A whole number, both ends included. */
  between(least: number, most: number): number {
    return least + Math.floor(this.next() * (most - least + 1))
  }

  pick<T>(from: readonly T[]): T {
    return from[Math.floor(this.next() * from.length)]!
  }

  /** One of them, by weight. */
  pickWeighted<T>(from: readonly T[], weightOf: (item: T) => number): T {
    let left = this.next() * from.reduce((sum, item) => sum + weightOf(item), 0)
    for (const item of from) {
      left -= weightOf(item)
      if (left < 0) return item
    }
    return from.at(-1)!
  }

  /** How long until the next of things that happen at random, `mean` apart. */
  gap(mean: number): number {
    return -mean * Math.log(1 - this.next())
  }

  hexDigits(count: number): string {
    return Array.from({ length: count }, () => this.between(0, 15).toString(16)).join('')
  }
}
