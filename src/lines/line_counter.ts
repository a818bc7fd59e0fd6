/**
 * Memory in which line ends are counted sixteen bytes at a time. One call into Node.js for each line, as `indexOf`
 * needs, is a quarter of the time that reading a log takes (docs/decisions/0005-selecting-lines.md).
 *
 * The module is this text, assembled (WebAssembly, with SIMD, which Node.js has had since 16.4); a test compares it with
 * counting byte by byte:
 *
 *     (module
 *       (memory (export "memory") 17)
 *       (func (export "count") (param $at i32) (param $end i32) (result i32) (local $count i32)
 *         (block $rest (loop $wide
 *           (br_if $rest (i32.gt_u (i32.add (local.get $at) (i32.const 16)) (local.get $end)))
 *           (local.set $count (i32.add (local.get $count) (i32.popcnt (i8x16.bitmask (i8x16.eq
 *             (v128.load (local.get $at)) (v128.const i8x16 10 10 10 10 10 10 10 10 10 10 10 10 10 10 10 10))))))
 *           (local.set $at (i32.add (local.get $at) (i32.const 16)))
 *           (br $wide)))
 *         (block $done (loop $narrow
 *           (br_if $done (i32.ge_u (local.get $at) (local.get $end)))
 *           (local.set $count (i32.add (local.get $count) (i32.eq (i32.load8_u (local.get $at)) (i32.const 10))))
 *           (local.set $at (i32.add (local.get $at) (i32.const 1)))
 *           (br $narrow)))
 *         (local.get $count)))
 */
const assembled =
  'AGFzbQEAAAABBwFgAn9/AX8DAgEABQMBABEHEgIGbWVtb3J5AgAFY291bnQAAApmAWQBAX8CQANAIABBEGogAUsNASACIAD9AAQA/QwKCgoKCgoK' +
  'CgoKCgoKCgoK/SP9ZGlqIQIgAEEQaiEADAALCwJAA0AgACABTw0BIAIgAC0AAEEKRmohAiAAQQFqIQAMAAsLIAIL'

/** What is used of the global that Node.js has, and its types leave to a browser's. */
declare const WebAssembly: {
  Module: new (bytes: Uint8Array) => object
  Instance: new (
    module: object,
  ) => { exports: { memory: { buffer: ArrayBuffer }; count(at: number, end: number): number } }
}

const module = new WebAssembly.Module(Buffer.from(assembled, 'base64'))

export class LineCounter {
  /** 17 pages of 64 KiB. */
  readonly bytes: Buffer
  readonly #count: (at: number, end: number) => number

  constructor() {
    const { memory, count } = new WebAssembly.Instance(module).exports
    this.bytes = Buffer.from(memory.buffer)
    this.#count = count
  }

  /** How many lines end between two offsets of `bytes`. */
  count(at: number, end: number): number {
    return this.#count(at, end)
  }
}
