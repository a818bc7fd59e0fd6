// What a newcomer sees first: the demonstration of `npm start`.
import { readdir } from 'node:fs/promises'
import { join } from 'node:path'
import t from 'tap'
import { visits } from '../../demo/day.ts'
import { Random } from '../../demo/random.ts'
import { makeWorld } from '../../demo/world.ts'
import { type Child, startChild } from '../services/child.ts'
import { allGone, descendants } from '../services/process_tree.ts'
import { temporaryFolder } from '../services/temporary.ts'

const demo = join(import.meta.dirname, '../../demo/demo.ts')
const point = /^\d\d:\d\d:\d\d {2}(genome|proteomics|singlecell|microbiology|main) .* \d+$/m
const table = /^Top workflows of \d+ invocations/m

const start = (folder: string, ...args: string[]): Promise<Child> =>
  startChild(process.execPath, [demo, ...args], { env: { PATH: process.env.PATH, TMPDIR: folder } })

t.test('shows points and the table of top workflows, and ends by itself when told so', async (t) => {
  await using folder = await temporaryFolder('demo')
  await using child = await start(folder.path, '--seconds', '8')
  t.match(await child.exited, { status: 0, signal: null })
  const text = child.stdout()
  t.match(text, /Galaxy's database .*\n.*nginx's log .*\n.*The collector /, 'it says what runs and where')
  t.match(text, point)
  t.match(text, table)
  t.match(text, /dockstore:.*dockstore +\d+ +\d+ +\w+/, 'a workflow of a registry is in the table')
  t.equal(child.stderr(), '')
  t.strictSame(await readdir(folder.path), [], 'no file is left')
})

t.test('makes the same world and the same requests for a seed', (t) => {
  const requests = (seed: number) => {
    const world = makeWorld(new Random(seed))
    // As text: a comparison of what differs everywhere takes minutes.
    return JSON.stringify([world, ...visits(world, new Random(seed), String).take(2000)])
  }
  t.equal(requests(7), requests(7))
  t.not(requests(7), requests(8))
  t.end()
})

for (const signal of ['SIGINT', 'SIGTERM'] as const) {
  t.test(`leaves nothing behind after ${signal}`, async (t) => {
    await using folder = await temporaryFolder('demo')
    await using child = await start(folder.path)
    await child.waitFor(point, { stream: 'stdout', timeoutMs: 60_000 })
    const children = await descendants(child.pid)
    t.equal(children.length, 1, 'the collector is a process of its own')
    const askedMs = performance.now()
    child.signal(signal)
    t.match(await child.exited, { status: 0, signal: null })
    // Two seconds where nothing else keeps the machine busy, as other tests do.
    t.ok(performance.now() - askedMs < 4000, 'soon')
    await allGone(children, 0)
    t.strictSame(await readdir(folder.path), [], 'no file is left')
  })
}

t.test('says so when the collector ends by itself', async (t) => {
  await using folder = await temporaryFolder('demo')
  await using child = await start(folder.path)
  await child.waitFor(point, { stream: 'stdout', timeoutMs: 60_000 })
  const [collector] = await descendants(child.pid)
  process.kill(collector!, 'SIGKILL')
  t.match(await child.exited, { status: 1, signal: null })
  t.match(child.stderr(), /The collector ended by itself \(SIGKILL\)/)
  t.strictSame(await readdir(folder.path), [], 'no file is left')
})

t.test('refuses arguments that it does not know', async (t) => {
  await using child = await start('/tmp', '--seed', 'many')
  t.match(await child.exited, { status: 2, signal: null })
  t.match(child.stderr(), /--seed takes a whole number, not "many"/)
})
