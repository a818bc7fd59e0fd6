import t from 'tap'
import { LineCounter } from '../../../src/lines/line_counter.ts'
import { Random } from '../../world/random.ts'

t.test('line ends are counted between any two offsets as byte by byte', async (t) => {
  const counter = new LineCounter()
  const random = new Random('line ends')
  const size = 10_000
  for (let offset = 0; offset < size; offset++)
    counter.bytes[offset] = random.integer(0, 2) === 0 ? 0x0a : random.integer(0, 255)
  const slowly = (at: number, end: number) => counter.bytes.subarray(at, end).filter((byte) => byte === 0x0a).length
  const wrong: [number, number][] = []
  for (let round = 0; round < 2000; round++) {
    const at = random.integer(0, size)
    const end = Math.min(size, at + random.integer(0, round % 2 === 0 ? 40 : size))
    if (counter.count(at, end) !== slowly(at, end)) wrong.push([at, end])
  }
  t.same(wrong, [])
  t.equal(counter.count(0, 0), 0)
  counter.bytes.fill(0x0a)
  for (const end of [63, 64, 4031, 4032, 4033, 8064, 1024 * 1024])
    t.equal(counter.count(1, 1 + end), end, 'nothing but line ends')
  t.ok(counter.bytes.length > 1024 * 1024, 'room for the longest line and its end')
})
