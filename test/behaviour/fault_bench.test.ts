// The bench that lets everything fail (faults/): a few rounds of each fault, and the bugs that it has to find.
import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import t from 'tap'
import { catalogue } from '../../faults/catalogue.ts'
import { plants } from '../../faults/plants.ts'
import type { Outcome } from '../../faults/series.ts'
import { startChild } from '../services/child.ts'
import { needs } from '../services/needed.ts'
import { temporaryFolder } from '../services/temporary.ts'

const bench = join(import.meta.dirname, '../../faults/faults.ts')
const needed = needs('postgres', 'influxd', 'nginx', 'faketime')
const isRoot = process.getuid?.() === 0

async function runBench(...args: string[]) {
  await using folder = await temporaryFolder('fault-bench')
  const json = folder.file('outcomes.json')
  await using child = await startChild(process.execPath, [bench, '--json', json, ...args])
  const { status } = await child.exited
  const outcomes = JSON.parse(await readFile(json, 'utf8').catch(() => '{}')).outcomes as Outcome[] | undefined
  return { status, outcomes: outcomes ?? [], said: child.stdout() + child.stderr() }
}

t.test('each fault, twice: nothing missing and nothing extra', needed, async (t) => {
  const { status, outcomes, said } = await runBench('--times', '2')
  t.equal(status, 0, said)
  const played = catalogue.filter(({ surroundings }) => isRoot || !surroundings?.smallDisk)
  t.same(
    outcomes.map(({ fault, times, missing, extra }) => ({ fault, times, missing, extra })),
    played.map(({ name }) => ({ fault: name, times: 2, missing: 0, extra: 0 })),
  )
  t.ok(
    outcomes.every(({ invocations }) => invocations > 10),
    'and something was going on',
  )
})

for (const [name, { about }] of Object.entries(plants)) {
  t.test(`with a bug, it fails: ${about}`, needed, async (t) => {
    const { status, outcomes, said } = await runBench('--times', '10', '--plant', name)
    t.equal(status, 1, said)
    t.ok(
      outcomes.some(({ missing, extra }) => missing + extra > 0),
      said,
    )
  })
}

t.test('a signal ends it in good order', needed, async (t) => {
  await using folder = await temporaryFolder('fault-bench')
  await using child = await startChild(process.execPath, [bench, '--times', '1000', '--only', 'killed,postgres-down'], {
    env: { ...process.env, TMPDIR: folder.path },
  })
  await child.waitFor(/seed/, { stream: 'stdout' })
  child.signal('SIGINT')
  t.same(await child.exited, { status: 1, signal: null }, child.stderr())
  t.match(child.stdout(), /Interrupted/)
})

t.test('wrong arguments are told, with all there are', async (t) => {
  const { status, said } = await runBench('--only', 'nothing')
  t.equal(status, 2)
  t.match(said, /there is no fault nothing[\s\S]*killed[\s\S]*draining/)
})
