// Chance that can be repeated: the same seed gives the same world on every machine.

/** A stream of random choices. `fork` gives a stream of its own, so that one part's draws don't shift another's. */
export class Random {
  #a: number
  #b: number
  #c: number
  #counter = 1
  readonly #seed: string

  constructor(seed: string | number) {
    this.#seed = String(seed)
    let hash = 0x811c9dc5
    const mixed = (salt: number) => {
      for (const character of `${salt}/${this.#seed}`)
        hash = Math.imul(hash ^ (character.codePointAt(0) as number), 0x01000193)
      return hash | 0
    }
    this.#a = mixed(1)
    this.#b = mixed(2)
    this.#c = mixed(3)
    for (let round = 0; round < 16; round += 1) this.next()
  }

  fork(name: string): Random {
    return new Random(`${this.#seed}/${name}`)
  }

  /** At least 0 and less than 1 (the generator known as sfc32). */
  next(): number {
    const sum = (this.#a + this.#b + this.#counter) | 0
    this.#counter = (this.#counter + 1) | 0
    this.#a = this.#b ^ (this.#b >>> 9)
    this.#b = (this.#c + (this.#c << 3)) | 0
    this.#c = (((this.#c << 21) | (this.#c >>> 11)) + sum) | 0
    return (sum >>> 0) / 4_294_967_296
  }

  /** A whole number; both ends are possible. */
  integer(least: number, greatest: number): number {
    return least + Math.floor(this.next() * (greatest - least + 1))
  }

  chance(probability: number): boolean {
    return this.next() < probability
  }

  pick<T>(choices: readonly T[]): T {
    if (choices.length === 0) throw new Error('nothing to pick from')
    return choices[Math.floor(this.next() * choices.length)] as T
  }

  /** Picks by weight: `[['often', 9], ['seldom', 1]]`. */
  weighted<T>(choices: readonly (readonly [T, number])[]): T {
    let rest = this.next() * choices.reduce((sum, [, weight]) => sum + weight, 0)
    for (const [choice, weight] of choices) {
      rest -= weight
      if (rest < 0) return choice
    }
    return choices[choices.length - 1]?.[0] as T
  }

  hexadecimal(digits: number): string {
    return Array.from({ length: digits }, () => this.integer(0, 15).toString(16)).join('')
  }

  bytes(length: number): Buffer {
    return Buffer.from(Array.from({ length }, () => this.integer(0, 255)))
  }
}
