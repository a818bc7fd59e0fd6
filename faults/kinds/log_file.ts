// The log while it is written: lines that come in pieces, and a file that may not be read.
import { appendFile, chmod, rename } from 'node:fs/promises'
import { formatLine } from '../../test/world/access_line.ts'
import { invocationPath } from '../../test/world/living_site.ts'
import type { Fault } from '../fault.ts'

export const logFileFaults: Fault[] = [
  {
    name: 'partial-line',
    about: 'a line comes in pieces over some seconds; sometimes the collector is killed in the middle of it',
    async strike({ site, random, traffic, moment }) {
      // nginx would write its own lines between the pieces.
      await traffic.hold()
      const line = formatLine(
        {
          remoteAddress: '203.0.113.7',
          remoteUser: '',
          endMicros: Date.now() * 1000,
          request: `POST ${invocationPath(1)} HTTP/1.1`,
          status: 403,
          bodyBytes: random.integer(1, 1e9),
          referer: 'https://genome.usegalaxy.org.au/',
          userAgent: 'in pieces',
          durationMicros: 0,
          host: '',
        },
        'combined',
      )
      const text = `${line}\n`
      for (let from = 0; from < text.length; ) {
        const to = Math.min(text.length, from + random.integer(1, text.length / 2))
        await appendFile(site.log, text.slice(from, to))
        from = to
        await moment(0, 700)
        if (random.chance(0.1)) {
          await site.collector.kill()
          await site.collector.start()
        }
      }
      site.living.made.refused++
      traffic.resume()
    },
  },
  {
    name: 'unreadable',
    about: 'the log may not be read: when the collector starts, or after a rotation that made it so',
    surroundings: { bound: true },
    async strike({ site, random, traffic, moment }) {
      if (random.chance(0.5)) {
        await site.collector.kill()
        await chmod(site.log, 0o000)
        await site.collector.start({ untilReady: false })
      } else {
        // nginx lets the owner read what it opens, so the permission goes afterwards, while the new file is empty yet.
        await traffic.hold()
        await rename(site.log, `${site.rotatedFolder}/access.log-${Date.now()}`)
        await site.living.nginx.reopen()
        await chmod(site.log, 0o000)
        site.collector.listen()
        traffic.resume()
      }
      await traffic.some()
      if (!(await site.collector.heard(/event=waiting for=log .*no permission/)))
        throw new Error(`the collector never said that it may not read the log: ${site.collector.lastWords}`)
      await moment(0, 500)
      await chmod(site.log, 0o644)
    },
  },
]
