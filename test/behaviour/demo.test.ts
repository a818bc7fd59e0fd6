// What a newcomer sees first: the demonstration of `npm start`.
import { readdir, readFile } from 'node:fs/promises'
import { join } from 'node:path'
import t from 'tap'
import { visits } from '../../demo/day.ts'
import { Random } from '../../demo/random.ts'
import { makeWorld } from '../../demo/world.ts'
import type { View } from '../../src/store/view.ts'
import { type Child, startChild } from '../services/child.ts'
import { allGone, descendants } from '../services/process_tree.ts'
import { temporaryFolder } from '../services/temporary.ts'
import { until } from './live.ts'

const demo = join(import.meta.dirname, '../../demo/demo.ts')
const point = /^\d\d:\d\d:\d\d {2}(genome|proteomics|singlecell|microbiology|main|unknown) .+$/m
const table = /^Top workflows of \d+ invocations/m
const page = /^ +The page +(http:\/\/127\.0\.0\.1:\d+\/)/m
/** Other tests may keep the machine busy meanwhile. */
const timeoutMs = 120_000

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
  t.match(text, /^The page: http:/m, 'its address stays in sight')
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
    await child.waitFor(point, { stream: 'stdout', timeoutMs })
    const children = await descendants(child.pid)
    t.equal(children.length, 2, 'the collector and the page are processes of their own')
    const askedMs = performance.now()
    child.signal(signal)
    t.match(await child.exited, { status: 0, signal: null })
    // Two seconds where nothing else keeps the machine busy, as other tests do.
    t.ok(performance.now() - askedMs < 4000, 'soon')
    await allGone(children, 0)
    t.strictSame(await readdir(folder.path), [], 'no file is left')
  })
}

for (const command of ['collect', 'serve']) {
  t.test(`says so when ${command} ends by itself`, async (t) => {
    await using folder = await temporaryFolder('demo')
    await using child = await start(folder.path)
    await child.waitFor(point, { stream: 'stdout', timeoutMs })
    for (const pid of await descendants(child.pid)) {
      const [, , name] = (await readFile(`/proc/${pid}/cmdline`, 'utf8')).split('\0')
      if (name === command) process.kill(pid, 'SIGKILL')
    }
    t.match(await child.exited, { status: 1, signal: null })
    t.match(child.stderr(), `${command} ended by itself (SIGKILL)`)
    t.strictSame(await readdir(folder.path), [], 'no file is left')
  })
}

t.test('has a page whose numbers grow', async (t) => {
  await using folder = await temporaryFolder('demo')
  await using child = await start(folder.path)
  const [, address] = await child.waitFor(page, { stream: 'stdout', timeoutMs })
  t.match(await (await fetch(address!)).text(), '<script type="module" src="page.js"')
  const counted = async () => {
    const view = (await (await fetch(`${address}api/view?range=all`)).json()) as View
    return view.totals
  }
  const { invocations, people, labs } = await counted()
  t.ok(invocations > 5000 && people > 50 && labs > 4, 'weeks of it are there at once')
  await until('more invocations', async () => (await counted()).invocations > invocations, timeoutMs)
})

t.test('refuses arguments that it does not know', async (t) => {
  await using child = await start('/tmp', '--seed', 'many')
  t.match(await child.exited, { status: 2, signal: null })
  t.match(child.stderr(), /--seed takes a whole number, not "many"/)
})
