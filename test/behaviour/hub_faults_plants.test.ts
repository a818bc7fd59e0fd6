// Bugs that are put into the hub on purpose: its bench has to find each.
import { join } from 'node:path'
import t from 'tap'
import { plants } from '../../faults/hub/plants.ts'
import { startChild } from '../services/child.ts'
import { needs } from '../services/needed.ts'

const bench = join(import.meta.dirname, '../../faults/hub/faults.ts')

/** Whether a process is killed in the moment that matters is chance, and less likely on a busy machine. */
const runsMost = 6

for (const [name, { about }] of Object.entries(plants))
  t.test(`with a bug, it fails: ${about}`, needs('influxd'), async (t) => {
    let said = ''
    for (let run = 1; run <= runsMost; run++) {
      await using child = await startChild(process.execPath, [bench, '--events', '600', '--plant', name])
      const { status } = await child.exited
      said = child.stdout() + child.stderr()
      const rows = [...child.stdout().matchAll(/^\| \w+ \| \d+ \| \d+ ((?:\| \d+ ){5})\|$/gm)]
      const isDifferent = rows.some(([, counts]) => {
        const [missing, extra, twice, dead, deadExpected] = counts!.split('|').slice(1).map(Number)
        return missing! + extra! + twice! > 0 || dead !== deadExpected
      })
      t.equal(status, isDifferent ? 1 : 0, said)
      if (isDifferent) return
    }
    t.fail(`${runsMost} runs did not find it: ${said}`)
  })
