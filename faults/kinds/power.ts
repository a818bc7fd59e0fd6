/*
What a power cut can take, of what the collector keeps.

- `place.json` is written beside, synced, renamed over, and its folder synced. So the last of its writes is lost where
  the power goes before the folder is on disk, and what is left beside it is `place.json.new`, whole or in part. These
  rounds go back several writes, which a disk that syncs as it says cannot do: a place may be as old as it likes.
- The ledger is SQLite in WAL mode with `synchronous = full`: what was committed is on disk when the commit returns, and
  only after that a point leaves. So of its commits only one can be lost that no point of has left yet; that is
  `power-cut-before-points`. A commit that was being written is a torn end of the WAL, and the WAL's index (`-shm`) is
  never synced: it may hold anything.
- nginx does not sync its log. Lines of the last half minute may be gone that were counted long ago: `power-cut-log`.
  Lines that are gone before they were read can be counted by nobody, and are left out here.
*/
import { randomBytes } from 'node:crypto'
import { appendFileSync, existsSync, readFileSync, statSync, truncateSync, watch, writeFileSync } from 'node:fs'
import { cp, rm } from 'node:fs/promises'
import { setTimeout as sleep } from 'node:timers/promises'
import type { Fault } from '../fault.ts'
import type { Site } from '../site.ts'

export const powerFaults: Fault[] = [
  {
    name: 'power-cut',
    about: 'killed, its last place or places lost, with torn ends of what was being written',
    async strike({ site, random, moment }) {
      const places = [readFileSync(site.placeFile, 'utf8')]
      const watcher = watch(site.stateFolder, (_, name) => {
        if (name !== 'place.json') return
        const text = readFileSync(site.placeFile, 'utf8')
        if (text !== places.at(-1)) places.push(text)
      })
      await moment(500, 2000)
      await site.collector.kill()
      watcher.close()
      const lost = random.integer(0, Math.min(3, places.length - 1))
      writeFileSync(site.placeFile, places.at(-1 - lost)!)
      const next = readFileSync(site.placeFile)
      if (random.chance(0.5)) writeFileSync(`${site.placeFile}.new`, next.subarray(0, random.integer(0, next.length)))
      tearLedger(site, random.integer(0, 6000))
      await site.collector.start()
    },
  },
  {
    name: 'power-cut-before-points',
    about: 'the ledger loses its last commits, of which no point has left, as InfluxDB was out of reach',
    surroundings: { gate: true },
    async strike({ site, random, traffic, moment }) {
      await traffic.hold()
      await site.mustCatchUp()
      const copy = site.file('state-on-disk')
      await rm(copy, { recursive: true, force: true })
      await cp(site.stateFolder, copy, { recursive: true, filter: (path) => !path.endsWith('.sock') })
      site.gate.manner = () => ({ kind: 'answer', status: 503, type: 'text/plain', body: 'no', passOn: false })
      site.collector.listen()
      traffic.resume()
      await traffic.some()
      await site.collector.heard(/event=waiting for=InfluxDB/)
      await moment(0, 500)
      await site.collector.kill()
      await rm(site.stateFolder, { recursive: true })
      await cp(copy, site.stateFolder, { recursive: true })
      tearLedger(site, random.integer(0, 6000))
      await moment(0, 300)
      site.gate.manner = () => ({ kind: 'pass' })
      await site.collector.start()
    },
  },
  {
    name: 'power-cut-log',
    about: 'the log loses its last lines, which were counted; sometimes it is longer again at the next start',
    async strike({ site, random, traffic, moment }) {
      await traffic.hold()
      await site.mustCatchUp()
      await site.collector.kill()
      const lines = readFileSync(site.log, 'latin1').split('\n').slice(0, -1)
      const lost = lines.slice(-random.integer(1, Math.min(12, lines.length)))
      truncateSync(site.log, statSync(site.log).size - lost.join('\n').length - 1)
      // No machine is back within the second. A line like one that is lost, of the same second, is nothing new to anybody.
      await sleep(1000 - (Date.now() % 1000))
      if (random.chance(0.5)) {
        // nginx is up before the collector, and has written more than was lost.
        traffic.resume()
        await traffic.some()
        await moment(0, 400)
      }
      await site.collector.start()
      traffic.resume()
    },
  },
]

/** A frame that was being written to the WAL, and an index of it that was never synced. */
function tearLedger(site: Site, byteCount: number): void {
  const ledger = `${site.stateFolder}/ledger.sqlite`
  if (existsSync(`${ledger}-wal`)) appendFileSync(`${ledger}-wal`, randomBytes(byteCount))
  if (existsSync(`${ledger}-shm`)) writeFileSync(`${ledger}-shm`, randomBytes(32 * 1024))
}
