// The runner itself must not say that all is well when it is not.
import { join } from 'node:path'
import { type Test, test } from 'tap'
import { lineOf, summaryOf } from '../scripts/testing/report.ts'
import { type FileResult, runTestFile } from '../scripts/testing/test_file.ts'

async function runText(t: Test, body: string, options: { timeoutMs?: number } = {}): Promise<FileResult> {
  const folder = t.testdir({ 'one.ts': `import { test } from 'tap'\n${body}` })
  return await runTestFile(join(folder, 'one.ts'), { temporaryFolder: join(folder, 'temporary'), ...options })
}

test('counts assertions, and names what failed or did not run', async (t) => {
  const result = await runText(
    t,
    `test('outer', async (t) => {
       t.ok(true)
       t.equal(1, 1)
       await t.test('inner', async (t) => { t.ok(false, 'is broken') })
       t.test('left out', { skip: 'needs nginx' }, async () => {})
       t.test('later', { todo: true }, async () => {})
     })`,
  )
  t.match(result, {
    passed: 2,
    failed: ['outer > inner > is broken'],
    notRun: ['outer > left out: needs nginx', 'outer > later'],
  })
  const shown = { ...result, name: 'test/one.test.ts', seconds: 1 }
  t.match(lineOf(shown), /^FAILED {2}test\/one\.test\.ts {2}2 passed, 1 failed, 2 not run {2}1\.0 s\n/)
  t.notMatch(lineOf(shown), /^ +ok \d/m, 'what went well is not repeated')
  const summary = summaryOf([shown, { ...shown, failed: [], notRun: [] }]).split('\n')
  t.equal(summary.at(-1), '4 passed, 1 failed')
  t.equal(summary.at(-2), 'not run: 2')
})

const bad: [name: string, body: string, failed: RegExp][] = [
  ['no tests at all', '', /closing line/],
  ['an end in the middle', `test('a', (t) => { t.ok(true); process.exit(0) })`, /./],
  [
    'a bad end after good tests',
    `test('a', async (t) => { t.ok(true) }); process.on('exit', () => process.reallyExit(3))`,
    /3/,
  ],
  ['a killed process', `test('a', () => process.kill(process.pid, 'SIGKILL'))`, /SIGKILL/],
  ['an error while loading', `throw new Error('broken')`, /./],
  [
    'an error nobody awaits',
    `test('a', async (t) => { t.ok(true); Promise.reject(new Error('lost')); await new Promise(setImmediate) })`,
    /./,
  ],
  ['a syntax error', `const = 1`, /./],
  ['a test that never ends', `test('a', () => new Promise(() => {}))`, /./],
  [
    'a folder left behind',
    `import { mkdtempSync } from 'node:fs'; import { tmpdir } from 'node:os'
     test('a', async (t) => { mkdtempSync(tmpdir() + '/left-'); t.ok(true) })`,
    /left behind: left-/,
  ],
]

for (const [name, body, failed] of bad)
  test(`${name} is a failure`, async (t) => {
    const result = await runText(t, body)
    t.not(result.failed.length, 0)
    t.match(result.failed.join(), failed)
  })

test('a file that takes too long is stopped, and counts as failed', async (t) => {
  const result = await runText(t, `test('a', () => new Promise(() => setTimeout(() => {}, 3000)))`, {
    timeoutMs: 1000,
  })
  t.not(result.failed.length, 0)
})

test('a good file is good', async (t) => {
  t.match(await runText(t, `test('a', async (t) => { t.ok(true) })`), { passed: 1, failed: [], notRun: [] })
})
