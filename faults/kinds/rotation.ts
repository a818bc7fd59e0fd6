// What logrotate does to a log, in each of its ways, with lines that are written while it does it.
import { execFile } from 'node:child_process'
import { copyFile, rename, rm, stat, truncate, writeFile } from 'node:fs/promises'
import { promisify } from 'node:util'
import { startNginx } from '../../test/services/nginx.ts'
import { invocationPath } from '../../test/world/living_site.ts'
import type { Fault, Round } from '../fault.ts'

const gzip = (path: string) => promisify(execFile)('gzip', [path])
/** Longer than an old file has to be silent before the next one is begun. */
const longAfterMs = 1500

export const rotationFaults: Fault[] = [
  {
    name: 'renamed',
    about: 'renamed, made anew, nginx told; one worker writes to the old file until long after, and none is restarted',
    strike: (round) => rotateWithLateWorker(round),
  },
  {
    name: 'renamed-and-killed',
    about: 'killed and started between the renaming and nginx’s opening of the new log, which comes later',
    async strike(round) {
      const { site, random, traffic, moment } = round
      const isBefore = random.chance(0.5)
      if (isBefore) await site.collector.kill()
      await renameLog(round)
      await traffic.some()
      if (!isBefore) await site.collector.kill()
      await site.collector.start()
      await traffic.some()
      await moment(0, 500)
      await site.living.nginx.reopen()
      await traffic.some()
    },
  },
  {
    name: 'renamed-and-packed',
    about: 'renamed, nginx told, packed at once',
    async strike(round) {
      const rotated = await renameLog(round)
      await round.traffic.some()
      await round.site.living.nginx.reopen()
      await round.traffic.some()
      await round.moment(0, 300)
      await gzip(rotated)
    },
  },
  {
    name: 'packed-while-down',
    about: 'renamed and packed, once or twice, while no collector runs',
    async strike(round) {
      const { site, random, traffic } = round
      await site.collector.kill()
      for (let left = random.integer(1, 2); left > 0; left--) {
        await traffic.some()
        const rotated = await renameLog(round)
        await traffic.some()
        await site.living.nginx.reopen()
        await gzip(rotated)
      }
      await traffic.some()
      await site.collector.start()
    },
  },
  {
    name: 'copytruncate',
    about: 'copied and cut, while nothing is written in between, for what logrotate itself would lose is nobody’s',
    async strike({ site, random, traffic }) {
      const isDown = random.chance(0.3)
      if (isDown) await site.collector.kill()
      await traffic.hold()
      // nginx writes a line just after its answer.
      await site.living.nginx.request('/before-the-copy', { method: 'GET' })
      await copyFile(site.log, rotatedName(site.rotatedFolder))
      await truncate(site.log)
      traffic.resume()
      if (isDown) await site.collector.start()
    },
  },
  {
    name: 'removed',
    about: 'removed while nginx writes to it, and made anew when nginx is told',
    async strike({ site, random, traffic, moment }) {
      await rm(site.log)
      await traffic.some()
      await moment(0, 400)
      if (random.chance(0.5)) await writeFile(site.log, '')
      await site.living.nginx.reopen()
      await traffic.some()
    },
  },
]

let rotations = 0

function rotatedName(folder: string): string {
  return `${folder}/access.log-${20_260_000 + ++rotations}`
}

/** As logrotate does with `create`, or with `nocreate`; until nginx is told, it goes on writing to the old file. */
async function renameLog({ site, random }: Round): Promise<string> {
  const rotated = rotatedName(site.rotatedFolder)
  await rename(site.log, rotated)
  if (random.chance(0.7)) await writeFile(site.log, '', { flag: 'a' })
  return rotated
}

async function rotateWithLateWorker(round: Round): Promise<void> {
  const { site, random, traffic, moment } = round
  const { living } = site
  // A second nginx on the same log is a worker that can be told apart, and told later.
  await using late = await startNginx({ accessLog: site.log })
  let oldFile = site.log
  const writeLate = async () => {
    const before = (await stat(oldFile)).size
    for (let left = random.integer(1, 3); left > 0; left--) {
      await late.request(invocationPath(1), {
        headers: { 'x-status': '403', referer: 'https://genome.usegalaxy.org.au/' },
      })
      living.made.refused++
    }
    // It may be ended with a line that is not written yet.
    while ((await stat(oldFile)).size === before) await moment(1, 5)
  }
  await writeLate()
  oldFile = await renameLog(round)
  await traffic.some()
  await moment(0, 300)
  site.collector.listen()
  await living.nginx.reopen()
  await traffic.some()
  await writeLate()
  await moment(0, 500)
  await writeLate()
  if (random.chance(0.6)) {
    // Until the old file is held to be finished, and then some.
    await site.collector.heard(/event=log_file_finished /, longAfterMs * 2)
    for (let left = random.integer(1, 3); left > 0; left--) {
      await moment(0, 300)
      await writeLate()
    }
  }
}
