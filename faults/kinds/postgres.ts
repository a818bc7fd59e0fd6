// Galaxy's database: out of reach, started anew, silent. Galaxy makes no invocation meanwhile, but nginx logs on.
import type { Fault } from '../fault.ts'

export const postgresFaults: Fault[] = [
  {
    name: 'postgres-down',
    about: "Galaxy's database is stopped, or killed, for a while",
    surroundings: { own: 'postgres' },
    async strike({ site, random, traffic, moment }) {
      await traffic.galaxyGoesDown()
      await (random.chance(0.5) ? site.postgres.stop() : site.postgres.kill9())
      await traffic.some()
      await moment(200, 900)
      await site.postgres.restart()
      traffic.galaxyIsBack()
    },
  },
  {
    name: 'postgres-restarted',
    about: "Galaxy's database is started anew while the collector reads",
    surroundings: { own: 'postgres' },
    async strike({ site, traffic, moment }) {
      await moment(0, 300)
      await Promise.all([traffic.some(), traffic.some()])
      await traffic.galaxyGoesDown()
      await site.postgres.restart()
      traffic.galaxyIsBack()
    },
  },
  {
    name: 'postgres-hangs',
    about: "Galaxy's database takes connections and does not answer; sometimes the collector is killed meanwhile",
    surroundings: { own: 'postgres' },
    async strike({ site, random, traffic, moment }) {
      await traffic.galaxyGoesDown()
      await site.postgres.pause()
      await traffic.some()
      await moment(300, 1000)
      if (random.chance(0.4)) {
        await site.collector.kill()
        await site.collector.start()
        await moment(0, 300)
      }
      await site.postgres.resume()
      traffic.galaxyIsBack()
    },
  },
]
