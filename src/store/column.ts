/** Whole numbers from 0 to 2^32 - 1, one after the other, in four bytes each; room is doubled when there is none left. */
export class Column {
  values = new Uint32Array(1024)
  length = 0

  push(value: number): void {
    if (this.length === this.values.length) {
      const wider = new Uint32Array(this.values.length * 2)
      wider.set(this.values)
      this.values = wider
    }
    this.values[this.length++] = value
  }
}

/** Numbers pairs in the order in which they are first met, so that what was seen of each fits into an array. */
export class Pairs {
  readonly first = new Column()
  readonly second = new Column()
  /** The number of a pair plus one at the place of its hash, or at the next free one; 0 is free. */
  #slots = new Uint32Array(4096)

  get length(): number {
    return this.first.length
  }

  numberOf(first: number, second: number): number {
    if (this.length * 2 >= this.#slots.length) this.#widen()
    const mask = this.#slots.length - 1
    for (let slot = hash(first, second) & mask; ; slot = (slot + 1) & mask) {
      const number = this.#slots[slot]! - 1
      if (number < 0) {
        this.#slots[slot] = this.length + 1
        this.first.push(first)
        this.second.push(second)
        return this.length - 1
      }
      if (this.first.values[number] === first && this.second.values[number] === second) return number
    }
  }

  #widen(): void {
    this.#slots = new Uint32Array(this.#slots.length * 2)
    const mask = this.#slots.length - 1
    for (let number = 0; number < this.length; number++) {
      let slot = hash(this.first.values[number]!, this.second.values[number]!) & mask
      while (this.#slots[slot] !== 0) slot = (slot + 1) & mask
      this.#slots[slot] = number + 1
    }
  }
}

/** Spreads over all bits, so that its lowest ones make a place (the finalizer of MurmurHash3). */
function hash(first: number, second: number): number {
  let mixed = Math.imul(first, 0x9e37_79b1) ^ second
  mixed = Math.imul(mixed ^ (mixed >>> 16), 0x85eb_ca6b)
  mixed = Math.imul(mixed ^ (mixed >>> 13), 0xc2b2_ae35)
  return (mixed ^ (mixed >>> 16)) >>> 0
}
