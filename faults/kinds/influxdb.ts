// The database of points: out of reach, silent, slow, or saying no.

import { statSync } from 'node:fs'
import { setTimeout as sleep } from 'node:timers/promises'
import type { Fault, Round } from '../fault.ts'
import type { Manner } from '../gate.ts'

export const influxdbFaults: Fault[] = [
  {
    name: 'influxdb-down',
    about: 'InfluxDB is stopped, or killed, and started again',
    surroundings: { own: 'influxdb' },
    async strike({ site, random, traffic, moment }) {
      await (random.chance(0.5) ? site.influxdb.stop() : site.influxdb.kill9())
      await traffic.some()
      await moment(200, 900)
      await site.influxdb.restart()
    },
  },
  {
    name: 'influxdb-down-and-killed',
    about: 'InfluxDB is stopped, and the collector killed while it waits for it',
    surroundings: { own: 'influxdb' },
    async strike({ site, traffic, moment }) {
      await traffic.hold()
      await site.mustCatchUp()
      await untilPlaceIsDue(site.placeFile)
      site.collector.listen()
      await site.influxdb.stop()
      await site.living.invoke()
      await site.collector.heard(/event=waiting for=InfluxDB/)
      traffic.resume()
      await moment(0, 300)
      await site.collector.kill()
      await site.collector.start()
      await moment(0, 300)
      await site.influxdb.restart()
    },
  },
  {
    name: 'influxdb-hangs',
    about: 'InfluxDB takes connections and does not answer; sometimes the collector is killed meanwhile',
    surroundings: { own: 'influxdb' },
    async strike({ site, random, traffic, moment }) {
      await site.influxdb.pause()
      await traffic.some()
      await moment(300, 1000)
      if (random.chance(0.4)) {
        await site.collector.kill()
        await site.collector.start()
        await moment(0, 300)
      }
      site.influxdb.resume()
    },
  },
  {
    name: 'influxdb-401',
    about: "the collector's user gets another password, or is gone, and is put right again",
    async strike({ site, random, traffic, moment }) {
      const { influxdb, name, user } = site
      const isGone = random.chance(0.5)
      site.collector.listen()
      await influxdb.query('', isGone ? `DROP USER "${user.username}"` : passwordOf(user.username, 'another'))
      try {
        await traffic.some()
        if (!(await site.collector.heard(/event=waiting for=InfluxDB .*HTTP 401/)))
          throw new Error(`the collector never said that InfluxDB refuses its user: ${site.collector.lastWords}`)
        await moment(0, 500)
      } finally {
        if (isGone) await influxdb.addUser(user.username, user.password, { [name]: 'WRITE' })
        else await influxdb.query('', passwordOf(user.username, user.password))
      }
    },
  },
  {
    name: 'influxdb-5xx',
    about: 'a proxy answers 500, 502, 503 or 504, whether InfluxDB took the points or not',
    surroundings: { gate: true },
    async strike(round) {
      const { random } = round
      await misbehave(round, () => {
        const isJson = random.chance(0.5)
        return {
          kind: 'answer',
          status: random.pick([500, 502, 503, 504]),
          type: isJson ? 'application/json' : 'text/html',
          body: isJson ? '{"error":"timeout"}' : '<html>Bad Gateway</html>',
          passOn: random.chance(0.5),
        }
      })
    },
  },
  {
    name: 'influxdb-answer-lost',
    about: 'InfluxDB takes the points and the connection breaks before its answer; sometimes the collector is killed',
    surroundings: { gate: true },
    async strike(round) {
      await misbehave(round, () => ({ kind: 'lose answer' }))
    },
  },
  {
    name: 'influxdb-slow',
    about: 'each write takes up to a second; sometimes the collector is killed meanwhile',
    surroundings: { gate: true },
    async strike(round) {
      await misbehave(round, () => ({ kind: 'pass', afterMs: round.random.integer(100, 1000) }))
    },
  },
]

const passwordOf = (user: string, password: string) => `SET PASSWORD FOR "${user}" = '${password}'`

async function misbehave({ site, random, traffic, moment }: Round, manner: () => Manner): Promise<void> {
  const before = site.gate.disturbed()
  site.gate.manner = manner
  await traffic.some()
  const deadline = performance.now() + 20_000
  while (site.gate.disturbed() === before) {
    if (performance.now() > deadline) throw new Error('the collector wrote nothing for 20 s')
    await sleep(10)
  }
  await moment(0, 900)
  if (random.chance(0.3)) {
    await site.collector.kill()
    await site.collector.start()
  }
  site.gate.manner = () => ({ kind: 'pass' })
}

/** The place is saved once a second at most. From here on the next batch's is saved as soon as it is remembered. */
async function untilPlaceIsDue(placeFile: string): Promise<void> {
  while (Date.now() - statSync(placeFile).mtimeMs < 1050) await sleep(20)
}
