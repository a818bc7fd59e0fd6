// Lines out of bytes, however the bytes come.
import t from 'tap'
import { LineBuffer, lineMaxBytes } from '../../../src/lines/line_buffer.ts'

/** Puts bytes through in pieces of at most so many; returns the lines as they came out whole, and the unfinished end. */
function read(bytes: Buffer, pieceBytes: number | number[], buffer = new LineBuffer()) {
  const lines: string[] = []
  let rest = bytes
  for (let piece = 0; rest.length > 0; piece++) {
    const most = typeof pieceBytes === 'number' ? pieceBytes : (pieceBytes[piece] ?? rest.length)
    const space = buffer.space()
    const count = rest.copy(space, 0, 0, Math.min(most, rest.length, space.length))
    if (count === 0) throw new Error('there is no space left')
    rest = rest.subarray(count)
    lines.push(...linesOf(buffer.filled(count)))
  }
  const unfinishedBytes = buffer.unfinishedBytes
  const last = buffer.finish().toString('latin1')
  return { lines, last, unfinishedBytes, counted: buffer.lines, malformed: buffer.malformed }
}

function linesOf(region: Buffer): string[] {
  if (region.length === 0) return []
  const text = region.toString('latin1')
  if (!text.endsWith('\n')) throw new Error(`not whole lines: ${text.slice(-80)}`)
  return text.slice(0, -1).split('\n')
}

const text = 'first\n\nthird line\u0000 with a NUL\nfourth\nunfinished'
const expected = { lines: ['first', '', 'third line\u0000 with a NUL', 'fourth'], last: 'unfinished' }

t.test('the same lines wherever the bytes are split', async (t) => {
  const bytes = Buffer.from(text, 'latin1')
  for (let at = 0; at <= bytes.length; at++)
    t.match(read(bytes, at === 0 ? bytes.length : [at]), { ...expected, counted: 5, malformed: 0 }, `split at ${at}`)
  for (const size of [1, 2, 3, 7]) t.match(read(bytes, size), { ...expected, unfinishedBytes: 10 }, `${size} at a time`)
})

t.test('a text that ends with a line end has nothing unfinished', async (t) => {
  t.same(read(Buffer.from('a\nb\n'), 3), { lines: ['a', 'b'], last: '', unfinishedBytes: 0, counted: 2, malformed: 0 })
  t.same(new LineBuffer().finish().length, 0)
})

const long = (byteCount: number) => Buffer.alloc(byteCount, 'x')
const sizes = [4096, 100_000, 256 * 1024, Number.POSITIVE_INFINITY]

t.test('a line of exactly 1 MiB is a line', async (t) => {
  t.equal(lineMaxBytes, 1024 * 1024)
  for (const size of sizes) {
    const bytes = Buffer.concat([Buffer.from('before\n'), long(lineMaxBytes), Buffer.from('\nafter\n')])
    const { lines, counted, malformed } = read(bytes, size)
    t.same(
      lines.map((line) => line.length),
      [6, lineMaxBytes, 5],
    )
    t.same([counted, malformed], [3, 0])
    t.equal(read(Buffer.concat([Buffer.from('a\n'), long(lineMaxBytes)]), size).last.length, lineMaxBytes)
  }
})

t.test('a longer line is malformed and let go; the lines around it are whole', async (t) => {
  for (const byteCount of [lineMaxBytes + 1, lineMaxBytes + 2, 2 * lineMaxBytes, 5 * lineMaxBytes + 17])
    for (const size of sizes) {
      const around = Buffer.concat([Buffer.from('before\n'), long(byteCount), Buffer.from('\nafter\n\nend\nrest')])
      const { lines, last, counted, malformed, unfinishedBytes } = read(around, size)
      t.same(lines, ['before', 'after', '', 'end'], `${byteCount} bytes, ${size} at a time`)
      t.same(
        { last, counted, malformed, unfinishedBytes },
        { last: 'rest', counted: 6, malformed: 1, unfinishedBytes: 4 },
      )
      const two = Buffer.concat([long(byteCount), Buffer.from('\n'), long(byteCount), Buffer.from('\nx\n')])
      t.match(read(two, size), { lines: ['x'], counted: 3, malformed: 2 })
    }
})

t.test('an unfinished line keeps the place before itself, be it ever so long', async (t) => {
  for (const byteCount of [10, lineMaxBytes + 1, 3 * lineMaxBytes]) {
    const bytes = Buffer.concat([Buffer.from('a\n'), long(byteCount)])
    t.match(read(bytes, 65_536), { lines: ['a'], unfinishedBytes: byteCount })
  }
})

t.test('after its end a buffer begins anew', async (t) => {
  const buffer = new LineBuffer()
  read(Buffer.concat([long(2 * lineMaxBytes)]), 65_536, buffer)
  t.equal(buffer.unfinishedBytes, 0)
  t.match(read(Buffer.from('fresh\n'), 3, buffer), { lines: ['fresh'], last: '' }, 'also after a line that was let go')
  t.match(read(Buffer.from('cut'), 2, buffer), { last: 'cut' })
  t.match(read(Buffer.from('fresh\n'), 2, buffer), { lines: ['fresh'] })
})

t.test('memory does not grow with a line', async (t) => {
  const buffer = new LineBuffer()
  const before = process.memoryUsage().arrayBuffers
  const piece = long(65_536)
  for (let count = 0; count < 1000; count++) {
    piece.copy(buffer.space())
    buffer.filled(Math.min(piece.length, buffer.space().length))
  }
  t.ok(process.memoryUsage().arrayBuffers - before < 4 * lineMaxBytes)
  t.equal(buffer.malformed, 1)
})
