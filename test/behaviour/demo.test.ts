// What a newcomer sees first: the demonstration of `npm start`.
import { readdir, readFile } from 'node:fs/promises'
import { join } from 'node:path'
import t from 'tap'
import { visits } from '../../demo/day.ts'
import { type Happening, happenings, senders } from '../../demo/happenings.ts'
import { Random } from '../../demo/random.ts'
import { makeWorld } from '../../demo/world.ts'
import type { AvailabilityView } from '../../src/availability/view.ts'
import { BadEvent } from '../../src/events/bad_event.ts'
import { readEvent } from '../../src/events/read_event.ts'
import type { View } from '../../src/store/view.ts'
import type { EventsView } from '../../src/web/view.ts'
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

for (const [signal, meanwhile] of [
  ['SIGINT', ''],
  ['SIGTERM', ', though the machine of a region sleeps'],
] as const) {
  t.test(`leaves nothing behind after ${signal}${meanwhile}`, async (t) => {
    await using folder = await temporaryFolder('demo')
    await using child = await start(folder.path)
    await child.waitFor(point, { stream: 'stdout', timeoutMs })
    const children = await descendants(child.pid)
    t.equal(children.length, 5, 'the collector, the page and three probes are processes of their own')
    const [probe] = await running(child, 'probe')
    if (meanwhile !== '') process.kill(probe!, 'SIGSTOP')
    const askedMs = performance.now()
    child.signal(signal)
    t.match(await child.exited, { status: 0, signal: null })
    // Two seconds where nothing else keeps the machine busy, as other tests do.
    t.ok(performance.now() - askedMs < 4000, 'soon')
    await allGone(children, 0)
    t.strictSame(await readdir(folder.path), [], 'no file is left')
  })
}

for (const command of ['collect', 'serve', 'probe']) {
  t.test(`says so when ${command} ends by itself`, async (t) => {
    await using folder = await temporaryFolder('demo')
    await using child = await start(folder.path)
    await child.waitFor(point, { stream: 'stdout', timeoutMs })
    const [pid] = await running(child, command)
    process.kill(pid!, 'SIGKILL')
    t.match(await child.exited, { status: 1, signal: null })
    t.match(child.stderr(), `${command} ended by itself (SIGKILL)`)
    t.strictSame(await readdir(folder.path), [], 'no file is left')
  })
}

t.test('has a page', async (t) => {
  await using folder = await temporaryFolder('demo')
  await using child = await start(folder.path)
  const [, address] = await child.waitFor(page, { stream: 'stdout', timeoutMs })

  // First: after a minute the machine of a region sleeps.
  await t.test('that shows what probes see from three regions', async (t) => {
    const seen = async () => ((await (await fetch(`${address}api/availability`)).json()) as AvailabilityView).probes
    const before = await seen()
    t.same([...new Set(before.map(({ kind, region }) => `${kind} ${region}`.trim()))].sort(), [
      ...['http australia', 'http europe', 'http us-west', 'nginx australia'],
      ...['push', 'tcp australia', 'tcp europe', 'tcp us-west'],
    ])
    t.ok(
      before.every(({ spans }) => spans['30d'].up >= 30 && spans['30d'].availability! > 0.95),
      'a month of it is there at once',
    )
    const begun = Date.now()
    await until(
      'a new result of each probe',
      async () => (await seen()).every(({ how, lastResult }) => how === 'pushed' || Date.parse(lastResult) > begun),
      timeoutMs,
    )
    const now = await seen()
    t.ok(
      now.filter(({ name }) => name === 'training').every(({ state }) => state === 'maintenance'),
      'the training site is in its window, and counts as no failure though it is down',
    )
    t.ok(now.filter(({ name }) => name === 'training').every(({ spans }) => spans['24h'].down === 0))
  })

  await t.test('whose numbers grow', async (t) => {
    t.match(await (await fetch(address!)).text(), '<script type="module" src="page.js"')
    const counted = async () => {
      const view = (await (await fetch(`${address}api/view?range=all`)).json()) as View
      return view.totals
    }
    const { invocations, people, labs } = await counted()
    t.ok(invocations > 5000 && people > 50 && labs > 4, 'weeks of it are there at once')
    await until('more invocations', async () => (await counted()).invocations > invocations, timeoutMs)
  })

  await t.test('with weeks of events, to which more come', async (t) => {
    const seen = async () => (await (await fetch(`${address}api/event-view?range=all`)).json()) as EventsView
    const { totals, types, buckets, destinations } = await seen()
    t.ok(totals.events > 15_000 && totals.unknown > 100, 'weeks of them are there at once')
    t.ok(buckets.length > 30)
    const sources = new Set(types.map(({ source }) => source))
    t.same([...sources].sort(), [...senders, 'probes'].sort())
    const [destination] = destinations
    t.match(destination, { name: 'influxdb-stand-in', dead: 0 }, 'what stands in for a server is called so')
    await until('more jobs', async () => jobsOf(await seen()) > jobsOf({ types }), timeoutMs)
    await until(
      'all of it delivered',
      async () => (await seen()).destinations.every(({ waiting, delivered }) => waiting === 0 && delivered > 5000),
      timeoutMs,
    )
  })
})

t.test('makes events that the hub takes, but for those that are to be refused', (t) => {
  const made = [...happenings(makeWorld(new Random(3)), new Random(3)).take(4000)]
  const kindOf = ({ sender, tell }: Happening) => {
    try {
      const origin = { source: sender, nowMs: Date.UTC(2026, 5, 26) }
      return readEvent(tell(Date.UTC(2026, 5, 25)), origin).known ? 'known' : 'unknown'
    } catch (error) {
      if (!(error instanceof BadEvent)) throw error
      return 'wrong'
    }
  }
  const kinds = made.map(kindOf)
  t.same(
    made.filter(({ isWrong }, index) => isWrong !== (kinds[index] === 'wrong')),
    [],
  )
  t.same([...new Set(kinds)].sort(), ['known', 'unknown', 'wrong'])
  t.same([...new Set(made.map(({ sender }) => sender))].sort(), [...senders].sort())
  const times = made.map(({ sinceStartMs }) => sinceStartMs)
  t.ok(
    times.every((time, index) => index === 0 || time >= times[index - 1]!),
    'one after the other',
  )
  t.end()
})

t.test('refuses arguments that it does not know', async (t) => {
  await using child = await start('/tmp', '--seed', 'many')
  t.match(await child.exited, { status: 2, signal: null })
  t.match(child.stderr(), /--seed takes a whole number, not "many"/)
})

/** Processes of the demonstration that run a command of the built file. */
async function running(child: Child, command: string): Promise<number[]> {
  const named = (await descendants(child.pid)).map(async (pid) => {
    const [, , name] = (await readFile(`/proc/${pid}/cmdline`, 'utf8')).split('\0')
    return { pid, name }
  })
  return (await Promise.all(named)).filter(({ name }) => name === command).map(({ pid }) => pid)
}

function jobsOf({ types }: Pick<EventsView, 'types'>): number {
  return types.filter(({ category }) => category === 'job').reduce((sum, { events }) => sum + events, 0)
}
