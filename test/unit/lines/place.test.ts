// Where a log is read from: at the first start, after any other, and when little is known of its files.
import { appendFileSync, mkdirSync, rmSync, writeFileSync } from 'node:fs'
import t from 'tap'
import { lineMaxBytes } from '../../../src/lines/line_buffer.ts'
import { Follower, LogFolder, line, numbersIn } from './log_folder.ts'

t.test('a first start at the end passes over what is there, and nothing later', async (t) => {
  await using log = await LogFolder.make()
  log.log([1])
  log.rotate('1')
  log.log([2])
  log.gzip(log.rotate('2'))
  log.log([3, 4])
  using follower = new Follower(log, { start: 'end' })
  t.same(await follower.read(), [])
  log.log([5])
  t.same(await follower.read(), [5])
  log.rotate('3')
  log.log([6])
  t.same(await follower.read(), [5, 6])
})

t.test('a first start at the end in the middle of a line takes that line whole', async (t) => {
  await using log = await LogFolder.make()
  log.log([1])
  const half = line(2)
  appendFileSync(log.path, half.slice(0, 20))
  using follower = new Follower(log, { start: 'end' })
  t.same(await follower.read(), [])
  appendFileSync(log.path, half.slice(20))
  t.same(await follower.read(), [2])
  t.equal(follower.text, half)
})

t.test('a first start at the beginning takes the log and not the rotated ones', async (t) => {
  await using log = await LogFolder.make()
  log.log([1])
  log.rotate('1')
  log.log([2])
  using follower = new Follower(log)
  t.same(await follower.read(), [2])
})

t.test('a first start without a log waits for it and reads it from its beginning', async (t) => {
  await using log = await LogFolder.make()
  using follower = new Follower(log, { start: 'end' })
  t.same(await follower.read(), [])
  log.log([1, 2])
  t.same(await follower.read(), [1, 2])
})

t.test('of more rotated logs than are remembered none is read again while it is there', async (t) => {
  await using log = await LogFolder.make()
  const numbers = Array.from({ length: 450 }, (_, index) => index + 1)
  for (const number of numbers) {
    log.log([number])
    log.rotate(String(number).padStart(3, '0'))
  }
  log.log([1000])
  using follower = new Follower(log, { start: 'end' })
  t.same(await follower.read(), [])
  follower.restart()
  t.same(await follower.read(), [])
  log.rotate('451')
  log.log([1001])
  follower.restart()
  t.same(await follower.read(), [1001])
  for (const number of numbers.slice(0, 100)) rmSync(log.old(String(number).padStart(3, '0')))
  follower.restart()
  t.same(await follower.read(), [1001])
  t.equal(follower.saved.length, 400, 'those that are gone are forgotten then')
})

t.test('each start goes on where the last one was, at every line', async (t) => {
  await using log = await LogFolder.make()
  using follower = new Follower(log)
  const wanted: number[] = []
  for (let number = 1; number <= 12; number++) {
    log.log([number])
    wanted.push(number)
    if (number % 4 === 0) log.rotate(String(number))
    if (number % 3 !== 0) t.same(await follower.read(), wanted, `line ${number}`)
    follower.restart()
  }
  t.same(await follower.read(), wanted)
})

t.test('an unfinished line waits for its rest, and a restart keeps its place before it', async (t) => {
  await using log = await LogFolder.make()
  using follower = new Follower(log)
  const text = line(2)
  log.log([1])
  for (const [from, to] of [
    [0, 1],
    [1, 30],
    [30, text.length - 1],
  ] as const) {
    appendFileSync(log.path, text.slice(from, to))
    t.same(await follower.read(), [1])
  }
  follower.restart()
  t.same(await follower.read(), [1])
  appendFileSync(log.path, text.slice(-1))
  t.same(await follower.read(), [1, 2])
  t.equal(follower.text, line(1) + line(2))
})

t.test('the last line of a rotated file counts though it has no end', async (t) => {
  await using log = await LogFolder.make()
  using follower = new Follower(log)
  writeFileSync(log.path, line(1) + line(2).trimEnd())
  t.same(await follower.read(), [1])
  log.rotate('1')
  log.log([3])
  t.same(await follower.read(), [1, 2, 3])
})

t.test('an overlong line is passed over, also when it is met again after a restart', async (t) => {
  await using log = await LogFolder.make()
  using follower = new Follower(log)
  writeFileSync(log.path, `${line(1)}${'x'.repeat(2 * lineMaxBytes)}`)
  t.same(await follower.read(), [1])
  follower.restart(() => appendFileSync(log.path, `x\n${line(2)}`))
  t.same(await follower.read(), [1, 2])
})

t.test('files that begin alike are told apart', async (t) => {
  await using log = await LogFolder.make()
  const head = line(1, 1).repeat(3)
  using follower = new Follower(log)
  appendFileSync(log.path, head + line(2))
  t.same(await follower.read(), [1, 1, 1, 2])
  log.rotate('1')
  appendFileSync(log.path, head + line(3))
  t.same((await follower.read()).slice(4), [1, 1, 1, 3])
  follower.restart(() => {
    log.log([4])
    log.rotate('2')
    appendFileSync(log.path, head + line(5))
  })
  t.same((await follower.read()).slice(8), [4, 1, 1, 1, 5])
})

t.test('an old file that cannot be read does not hold up the log', async (t) => {
  await using log = await LogFolder.make()
  using follower = new Follower(log)
  log.log([1])
  await follower.read()
  mkdirSync(log.old('folder'))
  writeFileSync(log.old('empty'), '')
  writeFileSync(log.old('broken.gz'), Buffer.from([0x1f, 0x8b, 8, 0, 1, 2, 3]))
  log.rotate('1')
  log.log([2])
  t.same(await follower.read(), [1, 2])
})

t.test('when nothing is known, everything is read, oldest first', async (t) => {
  await using log = await LogFolder.make()
  log.log([1])
  log.gzip(log.rotate('z'))
  log.log([2])
  log.rotate('a')
  log.log([3])
  using follower = new Follower(log, { saved: [] })
  t.same(await follower.read(), [1, 2, 3])
})

t.test('one window before the first line asked for is read as context', async (t) => {
  await using log = await LogFolder.make()
  log.log([10, 20])
  log.rotate('1')
  log.log([30, 40])
  using follower = new Follower(log, { start: 'end', lookBackMs: 15_000 })
  t.same(await follower.read(), [])
  t.match(numbersIn(follower.context), [30, 40], 'what lies within the window')
  log.log([50])
  t.same(await follower.read(), [50])
  using wider = new Follower(log, { start: 'end', lookBackMs: 25_000 })
  await wider.read()
  const context = numbersIn(wider.context)
  for (const number of [20, 30, 40, 50].filter((number) => number >= 25)) t.ok(context.includes(number), `${number}`)
})

t.test('context reaches into the rotated file, before a log that has just begun', async (t) => {
  await using log = await LogFolder.make()
  log.log([10, 20])
  log.rotate('1')
  log.log([30])
  using follower = new Follower(log, { start: 'end', lookBackMs: 15_000 })
  await follower.read()
  log.log([31])
  t.same(await follower.read(), [31])
  t.same(
    numbersIn(follower.context).filter((number) => number >= 15),
    [20, 30],
  )
})
