// The collector's own process: killed, stopped, and not alone.
import { readdir } from 'node:fs/promises'
import { join } from 'node:path'
import type { Fault, Round } from '../fault.ts'

export const processFaults: Fault[] = [
  {
    name: 'killed',
    about: 'SIGKILL at a random moment, sometimes again while it starts',
    async strike({ site, random, moment }) {
      await moment(0, 500)
      await site.collector.kill()
      await moment(0, 200)
      if (random.chance(0.3)) {
        await site.collector.start({ untilReady: false })
        await moment(0, 400)
        await site.collector.kill()
      }
      await site.collector.start()
    },
  },
  {
    name: 'stopped',
    about: 'SIGTERM while requests come in, and started again',
    async strike({ site, moment }) {
      await moment(0, 300)
      await site.collector.stop()
      await moment(0, 300)
      await site.collector.start()
    },
  },
  {
    name: 'second-collector',
    about: 'another one is started on the same state_dir: it leaves with 1, the first goes on',
    async strike({ site }) {
      await using second = await site.collector.beside('collect')
      const { status } = await second.exited
      if (status !== 1 || !/another collector/.test(second.stderr()))
        throw new Error(`a second collector ended with ${status}: ${second.stderr()}`)
    },
  },
  {
    name: 'backfill-beside',
    about: 'one or two backfills read the very files that are followed',
    async strike(round) {
      await Promise.all(Array.from({ length: round.random.integer(1, 2) }, () => backfill(round)))
    },
  },
]

async function backfill({ site }: Round): Promise<void> {
  const rotated = (await readdir(site.rotatedFolder)).sort().map((name) => join(site.rotatedFolder, name))
  await using child = await site.collector.beside('backfill', [...rotated, site.log])
  const { status, signal } = await child.exited
  if (status !== 0) throw new Error(`backfill ended with ${signal ?? status}: ${child.stderr()}`)
}
