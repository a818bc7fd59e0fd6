// The bench itself: that every section comes to its table. How fast anything is, no test asks.
import { join } from 'node:path'
import { test } from 'tap'
import { startChild } from '../services/child.ts'
import { needs } from '../services/needed.ts'

const bench = join(import.meta.dirname, '../../bench/bench.ts')

test('a small bench measures every section', needs('postgres', 'influxd', 'python3'), async (t) => {
  const sizes = ['--runs', '1', '--bytes', '2000000', '--lines', '3', '--idle-seconds', '0.1', '--growth']
  await using child = await startChild(process.execPath, [bench, ...sizes])
  const { status } = await child.exited
  t.equal(status, 0, child.stderr())
  const titles = child.stdout().match(/^### .*$/gm)
  t.same(titles, [
    '### A plain file',
    '### A .gz file',
    '### Two .gz files that follow each other',
    '### One line in 100 invokes a workflow',
    '### From a line that is written to its point',
    '### A collector with nothing to do',
    '### Growth',
  ])
  t.notMatch(child.stdout(), /NaN|Infinity|undefined/)
})

test('a section that does not exist is named', async (t) => {
  await using child = await startChild(process.execPath, [bench, '--only', 'plian'])
  t.same(await child.exited, { status: 2, signal: null })
  t.match(child.stderr(), 'no such section: plian')
})
