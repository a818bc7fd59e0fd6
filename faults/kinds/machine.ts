// The machine that the collector runs on: its disk and its clock.
import type { Fault } from '../fault.ts'

const [second, hour, day] = [1000, 3_600_000, 86_400_000]

export const machineFaults: Fault[] = [
  {
    name: 'disk-full',
    about: 'the disk of the state folder is full, sometimes when the collector is killed and started',
    surroundings: { smallDisk: true },
    async strike({ site, random, traffic, moment }) {
      site.collector.listen()
      site.disk.fill()
      await traffic.some()
      await site.collector.heard(/event=(waiting for=ledger|place_not_saved) /, 3000)
      await moment(0, 500)
      const isKilled = random.chance(0.3)
      if (isKilled) await site.collector.kill()
      site.disk.free()
      if (isKilled) await site.collector.start()
    },
  },
  {
    name: 'clock-set',
    about: 'the clock of nginx, Galaxy and the collector is set forward or back, by a second or by weeks',
    surroundings: { clock: true },
    async strike({ site, random, traffic, moment }) {
      // Two people whose requests are alike to the last byte would be one, an hour later or earlier.
      site.living.userAgent = () => `browser ${random.hexadecimal(12)}`
      for (let left = random.integer(1, 2); left > 0; left--) {
        // A request that is under way has its rows by one clock and its line by the other.
        await traffic.hold()
        const far = random.pick([second, 10 * second, 90 * second, hour, day, 30 * day])
        const aheadMs = random.integer(-far, far)
        site.clock.set(aheadMs)
        site.living.clockAheadMs = aheadMs
        traffic.resume()
        await traffic.some()
        await moment(0, 400)
        if (random.chance(0.2)) {
          await site.collector.kill()
          await site.collector.start()
        }
      }
    },
  },
]
