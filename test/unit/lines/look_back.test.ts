// Finding instants in a log: its first line's, its last one's, and where a window begins.
import { appendFileSync, readFileSync, writeFileSync } from 'node:fs'
import { gzipSync } from 'node:zlib'
import t from 'tap'
import { LogFile } from '../../../src/lines/log_file.ts'
import { firstTimeMs, lastLineEnd, lastTimeMs, offsetBefore } from '../../../src/lines/look_back.ts'
import { temporaryFolder } from '../../services/temporary.ts'
import { line, selector } from './log_folder.ts'

const { timeMs } = selector
const midnight = Date.UTC(2026, 5, 25)
const at = (second: number) => midnight + second * 1000

const folder = await temporaryFolder('look-back')
t.teardown(() => folder.remove())

function write(text: string | Buffer, name = 'access.log'): LogFile {
  writeFileSync(folder.file(name), text)
  const file = LogFile.open(folder.file(name))!
  t.teardown(() => file.close())
  return file
}

t.test('the first line that tells an instant', async (t) => {
  t.equal(firstTimeMs(Buffer.from(line(1) + line(2)), timeMs), at(1))
  t.equal(firstTimeMs(Buffer.from(`noise\n\n${line(2)}`), timeMs), at(2))
  t.equal(firstTimeMs(Buffer.from('noise\n'), timeMs), null)
  t.equal(firstTimeMs(Buffer.alloc(0), timeMs), null)
})

t.test('the last line that tells one, before an offset', async (t) => {
  const text = line(1) + line(2) + line(3)
  const file = write(text)
  t.equal(await lastTimeMs(file, text.length, timeMs), at(3))
  t.equal(await lastTimeMs(file, line(1).length * 2, timeMs), at(2))
  t.equal(await lastTimeMs(file, 0, timeMs), null)
  const noise = `${text}${'noise\n'.repeat(10)}`
  t.equal(await lastTimeMs(write(noise), noise.length, timeMs), at(3))
  t.equal(await lastTimeMs(write(gzipSync(text), 'a.gz'), text.length, timeMs), at(3), 'in a packed log')
})

t.test('where a window begins: at a line start, at or before its first line, and not far before', async (t) => {
  const lines = Array.from({ length: 20_000 }, (_, index) => line(index, Math.floor(index / 4)))
  const text = lines.join('')
  const file = write(text)
  const offsets = Array.from({ length: 500 }, (_, index) => {
    const second = 10 * index + 9
    return { wanted: text.indexOf(lines[second * 4]!), offset: offsetBefore(file, text.length, at(second), timeMs) }
  })
  t.same(
    offsets.filter(({ offset, wanted }) => offset > wanted || wanted - offset > 256 * 1024),
    [],
  )
  t.ok(
    offsets.every(({ offset }) => offset === 0 || text[offset - 1] === '\n'),
    'at the start of a line',
  )
  t.equal(offsetBefore(file, text.length, at(-10), timeMs), 0)
  t.equal(offsetBefore(file, 0, at(1), timeMs), 0)
  t.equal(offsetBefore(write(gzipSync(text), 'b.gz'), text.length, at(4000), timeMs), 0, 'a packed log from its front')
})

t.test('a long line or noise in between does not hide what lies before', async (t) => {
  const text = `${line(1)}${'x'.repeat(300_000)}\n${'noise\n'.repeat(50_000)}${line(100)}`
  const file = write(text)
  t.ok(offsetBefore(file, text.length, at(1), timeMs) <= 0)
  t.ok(offsetBefore(file, text.length, at(50), timeMs) <= text.indexOf(line(100)))
})

t.test('the end of the last whole line', async (t) => {
  const path = folder.file('whole.log')
  t.equal(lastLineEnd(write('', 'whole.log')), 0)
  t.equal(lastLineEnd(write('abc', 'whole.log')), 0)
  t.equal(lastLineEnd(write('abc\n', 'whole.log')), 4)
  t.equal(lastLineEnd(write('abc\nde', 'whole.log')), 4)
  appendFileSync(path, 'f'.repeat(200_000))
  t.equal(readFileSync(path).length, 200_006)
  const file = LogFile.open(path)!
  t.teardown(() => file.close())
  t.equal(lastLineEnd(file), 4, 'far before the end')
})
