// Bugs that are put into the hub on purpose: its bench has to find each.
import { join } from 'node:path'
import t from 'tap'
import { plants } from '../../faults/hub/plants.ts'
import { startChild } from '../services/child.ts'
import { needs } from '../services/needed.ts'

const bench = join(import.meta.dirname, '../../faults/hub/faults.ts')

for (const [name, { about }] of Object.entries(plants))
  t.test(`with a bug, it fails: ${about}`, needs('influxd'), async (t) => {
    await using child = await startChild(process.execPath, [bench, '--events', '600', '--plant', name])
    t.equal((await child.exited).status, 1, child.stdout() + child.stderr())
    const rows = [...child.stdout().matchAll(/^\| (\w+) \| \d+ \| \d+ \| (\d+) \| (\d+) \| (\d+) \|/gm)]
    const differences = rows.flatMap((row) => row.slice(2).map(Number))
    t.ok(
      differences.some((count) => count > 0),
      child.stdout() + child.stderr(),
    )
  })
