// `npm test`: everything, the booted hosts last. `npm test -- FILE...`: these test files alone.
import { spawn } from 'node:child_process'
import { chmod, glob, mkdtemp, rm, stat } from 'node:fs/promises'
import { availableParallelism, tmpdir } from 'node:os'
import { join } from 'node:path'
import { buildFerretdb, withoutFerretdb } from '../test/services/ferretdb_program.ts'
import { packages } from '../test/services/needed.ts'
import { runOnHosts } from './testing/host_run.ts'
import { installMissing, missingPrograms } from './testing/programs.ts'
import { lineOf, type Result, summaryOf } from './testing/report.ts'
import { runTestFile } from './testing/test_file.ts'

const chosen = process.argv.slice(2)
const isCi = process.env.CI === 'true'
const parallel = Math.min(availableParallelism(), 4)
const interrupted = new AbortController()
for (const name of ['SIGINT', 'SIGTERM'] as const) process.on(name, () => interrupted.abort())

const results: Result[] = []

function report(result: Result) {
  // CI has every program that tests need, so a test that could not run says that something is wrong. But for FerretDB:
  // it is in no package, and not every machine can build it.
  const { failed, notRun } = result
  const wrong = isCi ? notRun.filter((name) => !name.endsWith(withoutFerretdb)) : []
  results.push({ ...result, failed: [...failed, ...wrong], notRun: notRun.filter((name) => !wrong.includes(name)) })
  console.log(lineOf(results.at(-1)!))
}

async function check(name: string, command: string, ...args: string[]): Promise<boolean> {
  const started = performance.now()
  let output = ''
  const succeeded = await new Promise<boolean>((resolve) => {
    const child = spawn(command, args, { stdio: ['ignore', 'pipe', 'pipe'] })
    for (const stream of [child.stdout, child.stderr])
      stream.setEncoding('utf8').on('data', (text: string) => {
        output += text
      })
    child.once('error', (error) => {
      output += error.message
      resolve(false)
    })
    child.once('close', (status) => resolve(status === 0))
  })
  const seconds = (performance.now() - started) / 1000
  report({ name, passed: Number(succeeded), failed: succeeded ? [] : [''], notRun: [], seconds, output })
  return succeeded
}

async function testFiles(): Promise<string[]> {
  const files = new Set<string>()
  for (const path of chosen.length > 0 ? chosen : ['test']) {
    const found = await stat(path).catch(() => undefined)
    const pattern = found?.isDirectory() ? join(path, '**/*.test.ts') : path
    const before = files.size
    for await (const file of glob(pattern)) files.add(file)
    if (files.size === before)
      report({ name: path, passed: 0, failed: ['no such test file'], notRun: [], seconds: 0, output: '' })
  }
  return [...files].sort()
}

async function runAll(files: string[], temporaryFolder: string) {
  const queue = files.entries()
  const worker = async () => {
    for (const [index, name] of queue) {
      if (interrupted.signal.aborted) return
      const started = performance.now()
      const folder = join(temporaryFolder, String(index))
      const result = await runTestFile(name, { temporaryFolder: folder, signal: interrupted.signal })
      report({ ...result, name, seconds: (performance.now() - started) / 1000 })
    }
  }
  await Promise.all(Array.from({ length: parallel }, worker))
}

/** A machine that can't boot hosts is no failure, not even in CI; that they were left out is told and counted. */
async function hosts() {
  const started = performance.now()
  let output = ''
  const tally = await runOnHosts({
    parts: [],
    say: (text) => console.log(text),
    print: (text) => {
      output += text
    },
    signal: interrupted.signal,
  }).catch((error: Error) => ({ passed: 0, failed: [error.stack ?? error.message], notRun: [] }))
  const result = { ...tally, name: 'test/hosts', seconds: (performance.now() - started) / 1000, output }
  results.push(result)
  console.log(lineOf(result))
}

process.chdir(join(import.meta.dirname, '..'))
installMissing((text) => console.log(text))
buildFerretdb((text) => console.log(text))
if (isCi)
  for (const name of missingPrograms())
    report({ name, passed: 0, failed: [`is missing: ${packages[name]}`], notRun: [], seconds: 0, output: '' })

// A program of yesterday must not be tested as today's.
if (!(await check('build', process.execPath, 'build.mjs'))) await rm('dist', { recursive: true, force: true })
if (chosen.length === 0) {
  await check('biome', 'node_modules/.bin/biome', 'check', '.')
  await check('tsc', 'node_modules/.bin/tsc')
}
const temporaryFolder = await mkdtemp(join(tmpdir(), 'workflow-reporting-tests-'))
try {
  // Servers run as users of their own and have to get through.
  await chmod(temporaryFolder, 0o755)
  await runAll(await testFiles(), temporaryFolder)
  if (chosen.length === 0 && !interrupted.signal.aborted) await hosts()
} finally {
  await rm(temporaryFolder, { recursive: true, force: true, maxRetries: 3 })
}
if (interrupted.signal.aborted)
  report({ name: 'the run', passed: 0, failed: ['was interrupted'], notRun: [], seconds: 0, output: '' })

console.log(summaryOf(results))
process.exitCode = results.some(({ failed }) => failed.length > 0) ? 1 : 0
