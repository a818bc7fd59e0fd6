// Which line an invocation belongs to: remembered for ever, by several processes, through any crash.
import { existsSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import t from 'tap'
import { Failed } from '../../../src/base/errors.ts'
import { type DecidedLine, Ledger } from '../../../src/galaxy/ledger.ts'
import { startChild } from '../../services/child.ts'
import { temporaryFolder } from '../../services/temporary.ts'

const module = join(import.meta.dirname, '../../../src/galaxy/ledger.ts')
const decided: DecidedLine = { second: 1_782_345_614, domain: 'usegalaxy.org.au', rowless: false, fromMs: null }

/** Runs a script that has an open `ledger`. */
async function startScript(folder: string, name: string, script: string, through: string[] = []) {
  const file = join(folder, `${name}.mjs`)
  const path = JSON.stringify(join(folder, 'ledger.sqlite'))
  const opened = `import { Ledger } from ${JSON.stringify(module)}\nconst ledger = Ledger.open(${path}, 400)\n`
  writeFileSync(file, `${opened}const decided = ${JSON.stringify(decided)}\n${script}`)
  const [first, ...rest] = [...through, process.execPath, file]
  return await startChild(first!, rest)
}

t.test('what was put is found, also by the next process', async (t) => {
  await using folder = await temporaryFolder('ledger')
  const path = folder.file('ledger.sqlite')
  const ledger = Ledger.open(path, 400)
  t.equal(ledger.line('a'), null)
  t.equal(ledger.lineOf(1), null)
  ledger.transaction(() => {
    ledger.putLine('a', decided)
    ledger.putInvocation(2, 'a')
    ledger.putInvocation(1, 'a')
    ledger.putLine('b', { ...decided, rowless: true, fromMs: 1234 })
  })
  ledger.close()
  const again = Ledger.open(path, 400)
  t.same(again.line('a'), decided)
  t.same(again.line('b'), { ...decided, rowless: true, fromMs: 1234 })
  t.same(again.invocationsOf('a'), [1, 2])
  t.equal(again.lineOf(2), 'a')
  t.throws(() => again.putInvocation(1, 'b'), 'a row belongs to one line')
  again.close()
  again.close()
})

t.test('what fails in the middle leaves nothing', async (t) => {
  const ledger = Ledger.open(null, 400)
  const failing = () =>
    ledger.transaction(() => {
      ledger.putLine('a', decided)
      throw new Error('no')
    })
  t.throws(failing, { message: 'no' })
  t.equal(ledger.line('a'), null)
  ledger.transaction(() => ledger.putLine('a', decided))
  t.same(ledger.line('a'), decided, 'and it is usable')
})

t.test('out of room, it says so, keeps what was committed, and is usable when there is room again', async (t) => {
  await using folder = await temporaryFolder('ledger')
  const script = `
    import { isOutOfReach } from ${JSON.stringify(join(import.meta.dirname, '../../../src/base/state.ts'))}
    process.on('SIGXFSZ', () => {}) // A file at its greatest size: the write fails instead.
    let batch = 0
    const put = () => ledger.transaction(() => {
      for (let line = 0; line < 500; line++) ledger.putLine(batch + ' ' + line, decided)
    })
    try {
      for (; batch < 1000; batch++) put()
    } catch (error) {
      process.stdout.write(JSON.stringify({ batch, outOfReach: isOutOfReach(error), kept: ledger.line(batch - 1 + ' 499') }))
    }`
  await using child = await startScript(folder.path, 'full', script, ['sh', '-c', 'ulimit -f 2000; exec "$@"', 'sh'])
  t.same(await child.exited, { status: 0, signal: null }, child.stderr())
  const { batch, ...told } = JSON.parse(child.stdout())
  t.same(told, { outOfReach: true, kept: decided })
  const ledger = Ledger.open(folder.file('ledger.sqlite'), 400)
  t.equal(ledger.line(`${batch} 0`), null, 'nothing of what failed is there')
  ledger.transaction(() => ledger.putLine(`${batch} 0`, decided))
  t.same(ledger.line(`${batch} 0`), decided)
  ledger.close()
})

t.test('two processes at once: each row is given once, and nothing is lost', async (t) => {
  await using folder = await temporaryFolder('ledger')
  const rows = 600
  const script = (name: string) => `
    console.log('ready')
    await new Promise((resolve) => process.stdin.once('data', resolve))
    process.stdin.unref()
    let taken = 0
    for (let row = 1; row <= ${rows}; row += 3) {
      ledger.transaction(() => {
        for (let id = row; id < row + 3; id++) {
          if (ledger.lineOf(id) !== null) continue
          ledger.putLine('${name}' + id, decided)
          ledger.putInvocation(id, '${name}' + id)
          taken++
        }
      })
    }
    console.log('taken ' + taken)`
  const children = await Promise.all(['a', 'b'].map((name) => startScript(folder.path, name, script(name))))
  await Promise.all(children.map((child) => child.waitFor(/ready/, { stream: 'stdout' })))
  for (const child of children) child.process.stdin.write('go')
  const exits = await Promise.all(children.map(({ exited }) => exited))
  t.same(exits, [
    { status: 0, signal: null },
    { status: 0, signal: null },
  ])
  const taken = children.map((child) => Number(/taken (\d+)/.exec(child.stdout())?.[1]))
  t.equal(taken[0]! + taken[1]!, rows, `${taken}`)
  const ledger = Ledger.open(folder.file('ledger.sqlite'), 400)
  for (let id = 1; id <= rows; id++) {
    const line = ledger.lineOf(id)
    if (line === null || ledger.line(line) === null) t.fail(`row ${id}`)
  }
  ledger.close()
})

t.test('killed at any moment it is usable, and what was committed is there', async (t) => {
  await using folder = await temporaryFolder('ledger')
  const script = `
    for (let id = Number(process.argv[2] ?? 0) + 1; ; id++) {
      const first = ledger.lineOf(id) === null
      if (!first) continue
      ledger.transaction(() => { ledger.putLine('line' + id, decided); ledger.putInvocation(id, 'line' + id) })
      console.log(id)
    }`
  let told = 0
  for (let round = 1; round <= 4; round++) {
    await using child = await startScript(folder.path, 'writer', script)
    await child.waitFor(new RegExp(`^${told + 5 * round}$`, 'm'), { stream: 'stdout' })
    child.signal('SIGKILL')
    await child.exited
    told = Math.max(...child.stdout().trimEnd().split('\n').slice(0, -1).map(Number))
    const ledger = Ledger.open(folder.file('ledger.sqlite'), 400)
    for (let id = 1; id <= told; id++) if (ledger.lineOf(id) !== `line${id}`) t.fail(`row ${id}`)
    let last = told
    while (ledger.lineOf(last + 1) !== null) last++
    t.same(ledger.line(`line${last}`), decided, 'row and line come together')
    told = last
    ledger.close()
  }
})

t.test('a copy for a dry run knows everything and changes nothing', async (t) => {
  await using folder = await temporaryFolder('ledger')
  const path = folder.file('ledger.sqlite')
  const ledger = Ledger.open(path, 400)
  ledger.transaction(() => {
    ledger.putLine('a', decided)
    ledger.putInvocation(1, 'a')
    ledger.keepDomain('x.example.org', 9)
  })
  ledger.close()
  const before = readFileSync(path)
  const copy = Ledger.openCopy(path, 400)
  t.same([copy.line('a'), copy.invocationsOf('a')], [decided, [1]])
  copy.transaction(() => {
    copy.putLine('b', decided)
    copy.putInvocation(2, 'b')
    copy.keepDomain('y.example.org', 9)
  })
  t.notOk(copy.keepDomain('z.example.org', 2), 'the hosts that are kept are known')
  copy.close()
  t.ok(readFileSync(path).equals(before))
  const after = Ledger.open(path, 400)
  t.equal(after.line('b'), null)
  after.close()

  const missing = Ledger.openCopy(folder.file('none.sqlite'), 400)
  t.equal(missing.line('a'), null)
  missing.close()
  t.notOk(existsSync(folder.file('none.sqlite')))
})

t.test('forgets what was not met for the days to keep, and nothing else', async (t) => {
  await using folder = await temporaryFolder('ledger')
  const path = folder.file('ledger.sqlite')
  const ledger = Ledger.open(path, 30)
  for (const [id, line] of [
    [1, 'old'],
    [2, 'edge'],
    [3, 'new'],
    [4, 'met again'],
  ] as const) {
    ledger.putLine(line, decided)
    ledger.putInvocation(id, line)
  }
  const database = new DatabaseSync(path)
  const age = (line: string, days: number) =>
    database.prepare('update line set seen_day = seen_day - ? where line = ?').run(days, line)
  age('old', 31)
  age('met again', 31)
  age('edge', 30)
  database.close()
  ledger.touch('met again')
  ledger.touch('unknown')
  t.equal(ledger.prune(), 1)
  t.same([ledger.line('old'), ledger.lineOf(1)], [null, null])
  for (const [id, line] of [
    [2, 'edge'],
    [3, 'new'],
    [4, 'met again'],
  ] as const)
    t.same([ledger.line(line), ledger.lineOf(id)], [decided, line], line)
  t.equal(ledger.prune(), 0)
  ledger.close()
})

t.test("a claim: what is nobody's becomes no line's for ever, what is a line's stays its own", async (t) => {
  // Everything read up to today is forgotten.
  const ledger = Ledger.open(null, -1)
  const claim = (id: number) => ledger.transaction(() => ledger.claim(id, 42, 'unknown'))
  ledger.putLine('a', decided)
  ledger.putInvocation(1, 'a')
  const { second, domain } = decided
  t.match(claim(1), { second, domain })
  t.same(claim(2), { second: 42, domain: 'unknown' })
  t.match(
    ledger.transaction(() => ledger.claim(2, 77, 'other')),
    { second: 42, domain: 'unknown' },
  )
  t.throws(() => ledger.putInvocation(2, 'b'), 'no line gets it')
  t.equal(ledger.prune(), 1)
  t.same([ledger.lineOf(1), ledger.lineOf(2)], [null, 'row:2'])
  ledger.close()
})

t.test('so many further hosts keep their names, for ever the same', async (t) => {
  await using folder = await temporaryFolder('ledger')
  const path = folder.file('ledger.sqlite')
  const ledger = Ledger.open(path, 30)
  t.same(
    ['a', 'b', 'c', 'a'].map((name) => ledger.keepDomain(name, 2)),
    [true, true, false, true],
  )
  ledger.close()
  const again = Ledger.open(path, 30)
  t.same([again.keepDomain('c', 2), again.keepDomain('b', 2), again.keepDomain('b', 0)], [false, true, true])
  again.close()
})

t.test('a file that is no ledger, or one of a newer version, is refused with a remedy', async (t) => {
  await using folder = await temporaryFolder('ledger')
  const path = folder.file('ledger.sqlite')
  writeFileSync(path, 'no database at all, but long enough to be looked at'.repeat(100))
  t.throws(() => Ledger.open(path, 30), Failed)
  t.throws(() => Ledger.open(path, 30), { message: path })
  rmSync(path)
  const database = new DatabaseSync(path)
  database.exec('pragma user_version = 99')
  database.close()
  t.throws(() => Ledger.open(path, 30), { message: /newer version/ })
})
