// The bench that lets everything fail around the hub (faults/hub/): every trouble once, on both transports.
import { join } from 'node:path'
import t from 'tap'
import { startChild } from '../services/child.ts'
import { needs } from '../services/needed.ts'

const bench = join(import.meta.dirname, '../../faults/hub/faults.ts')

async function runBench(...args: string[]) {
  await using child = await startChild(process.execPath, [bench, ...args])
  const { status } = await child.exited
  return { status, said: child.stdout() + child.stderr() }
}

for (const transport of ['embedded', 'rabbitmq'])
  t.test(`${transport}: what got 202 is at every destination once`, needs('influxd', 'rabbitmq-server'), async (t) => {
    const { status, said } = await runBench('--events', '1500', '--transport', transport)
    t.equal(status, 0, said)
    t.match(said, /\| serve is killed \| [1-9]/, 'and something failed')
    t.match(said, /\| influxdb \| 1[34]\d\d \|/, 'while events came')
  })
