/**
 * Memory in which line ends are counted sixty-four bytes at a time. One call into Node.js for each line, as `indexOf`
 * needs, is a quarter of the time that reading a log takes (docs/decisions/0005-selecting-lines.md).
 *
 * The module is this text, assembled (WebAssembly, with SIMD, which Node.js has had since 16.4); a test compares it with
 * counting byte by byte. Each of sixteen lanes counts up to 252 of 4,032 bytes, and 255 is the most that it could hold:
 *
 *     (module
 *       (memory (export "memory") 17)
 *       (func (export "count") (param $at i32) (param $end i32) (result i32)
 *         (local $count i32) (local $stop i32) (local $newlines v128) (local $lanes v128)
 *         (local.set $newlines (i8x16.splat (i32.const 10)))
 *         (block $rest (loop $blocks
 *           (br_if $rest (i32.gt_u (i32.add (local.get $at) (i32.const 64)) (local.get $end)))
 *           (local.set $stop (i32.add (local.get $at) (select (i32.const 4032)
 *             (i32.and (i32.sub (local.get $end) (local.get $at)) (i32.const -64))
 *             (i32.ge_u (i32.sub (local.get $end) (local.get $at)) (i32.const 4032)))))
 *           (local.set $lanes (i8x16.splat (i32.const 0)))
 *           (loop $wide
 *             (local.set $lanes (i8x16.sub (i8x16.sub (i8x16.sub (i8x16.sub (local.get $lanes)
 *               (i8x16.eq (v128.load (local.get $at)) (local.get $newlines)))
 *               (i8x16.eq (v128.load offset=16 (local.get $at)) (local.get $newlines)))
 *               (i8x16.eq (v128.load offset=32 (local.get $at)) (local.get $newlines)))
 *               (i8x16.eq (v128.load offset=48 (local.get $at)) (local.get $newlines))))
 *             (local.set $at (i32.add (local.get $at) (i32.const 64)))
 *             (br_if $wide (i32.lt_u (local.get $at) (local.get $stop))))
 *           (local.set $lanes (i32x4.extadd_pairwise_i16x8_u (i16x8.extadd_pairwise_i8x16_u (local.get $lanes))))
 *           (local.set $count (i32.add (local.get $count) (i32.add
 *             (i32.add (i32x4.extract_lane 0 (local.get $lanes)) (i32x4.extract_lane 1 (local.get $lanes)))
 *             (i32.add (i32x4.extract_lane 2 (local.get $lanes)) (i32x4.extract_lane 3 (local.get $lanes))))))
 *           (br $blocks)))
 *         (block $done (loop $narrow
 *           (br_if $done (i32.ge_u (local.get $at) (local.get $end)))
 *           (local.set $count (i32.add (local.get $count) (i32.eq (i32.load8_u (local.get $at)) (i32.const 10))))
 *           (local.set $at (i32.add (local.get $at) (i32.const 1)))
 *           (br $narrow)))
 *         (local.get $count)))
 */
const assembled =
  'AGFzbQEAAAABBwFgAn9/AX8DAgEABQMBABEHEgIGbWVtb3J5AgAFY291bnQAAArRAQHOAQICfwJ7QQr9DyEEAkADQCAAQcAAaiABSw0BIABBwB8g' +
  'ASAAa0FAcSABIABrQcAfTxtqIQNBAP0PIQUDQCAFIAD9AAQAIAT9I/1xIAD9AAQQIAT9I/1xIAD9AAQgIAT9I/1xIAD9AAQwIAT9I/1xIQUgAEHA' +
  'AGohACAAIANJDQALIAX9ff1/IQUgAiAF/RsAIAX9GwFqIAX9GwIgBf0bA2pqaiECDAALCwJAA0AgACABTw0BIAIgAC0AAEEKRmohAiAAQQFqIQAM' +
  'AAsLIAIL'

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
