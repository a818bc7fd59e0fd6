// The connection to Galaxy's database may end at any byte. Each time that is an error one can wait after, and never an
// exception that nobody catches, which would end the program.
import { test } from 'tap'
import { Unavailable } from '../../../src/base/errors.ts'
import { Postgres } from '../../../src/clients/postgres.ts'
import { startCuttingProxy } from '../../services/cutting_proxy.ts'
import { needs } from '../../services/needed.ts'
import { startPostgres } from '../../services/postgres.ts'

/** Further than all that the server answers to one read on a new connection. */
const lastByte = 4000
const step = 97

for (const how of ['closed', 'reset'] as const)
  for (const connected of [false, true])
    test(
      `a connection ${how} ${connected ? 'while asking' : 'while connecting or asking'}`,
      needs('postgres'),
      async (t) => {
        const uncaught: unknown[] = []
        const note = (error: unknown) => uncaught.push(error)
        process.prependListener('unhandledRejection', note)
        process.prependListener('uncaughtException', note)
        await using server = await startPostgres()
        await using proxy = await startCuttingProxy(server.port)
        const url = server.url.replace(`:${server.port}/`, `:${proxy.port}/`)
        const outcomes = new Set<string>()
        for (let bytes = 1; bytes < lastByte; bytes += step) {
          const client = new Postgres(url)
          const ask = () =>
            client
              .read(async (query) => {
                await query`SELECT 1`
                const rows = await query`SELECT repeat('x', 2000) AS text`
                return rows[0]?.text.length
              })
              .catch((error) => (error instanceof Unavailable ? 'unavailable' : error))
          if (connected) await ask()
          proxy.cutAfter(bytes, how)
          outcomes.add(String(await ask()))
          proxy.cutAfter(Number.POSITIVE_INFINITY, how)
          outcomes.add(String(await ask()))
          await client.close()
        }
        process.off('unhandledRejection', note)
        process.off('uncaughtException', note)
        t.ok(proxy.cuts() > 10, `${proxy.cuts()} cuts`)
        t.same(
          [...outcomes].filter((outcome) => outcome !== '2000' && outcome !== 'unavailable'),
          [],
        )
        t.equal(uncaught.length, 0, `not caught: ${uncaught[0]}`)
      },
    )
