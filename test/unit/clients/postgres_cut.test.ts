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
const step = 131
const length = 2000

type Cut = { how: 'closed' | 'reset'; whileConnecting: boolean }

/** What two reads came to, the first of which lost its connection at that byte, if it ever got so far. */
async function outcomesOf(serverUrl: string, bytes: number, { how, whileConnecting }: Cut) {
  const { port } = new URL(serverUrl)
  await using proxy = await startCuttingProxy(Number(port))
  const client = new Postgres(serverUrl.replace(`:${port}/`, `:${proxy.port}/`))
  const ask = async () => {
    try {
      return await client.read(async (query) => {
        await query`SELECT 1`
        const [row] = await query`SELECT repeat('x', ${length}::int) AS text`
        return row?.text.length
      })
    } catch (error) {
      return error instanceof Unavailable ? 'unavailable' : error
    }
  }
  if (!whileConnecting) await ask()
  proxy.cutAfter(bytes, how)
  const outcomes = [await ask()]
  proxy.cutAfter(Number.POSITIVE_INFINITY, how)
  outcomes.push(await ask())
  await client.close()
  return { outcomes, cuts: proxy.cuts() }
}

for (const how of ['closed', 'reset'] as const)
  for (const whileConnecting of [true, false])
    test(`a connection ${how} while ${whileConnecting ? 'connecting' : 'asking'}`, needs('postgres'), async (t) => {
      await using server = await startPostgres()
      const uncaught: unknown[] = []
      const note = (error: unknown) => uncaught.push(error)
      process.prependListener('unhandledRejection', note)
      process.prependListener('uncaughtException', note)
      let cuts = 0
      // A few at a time: the server does not take any number of connections.
      const offsets = Array.from({ length: Math.ceil(lastByte / step) }, (_, index) => 1 + index * step).values()
      const worker = async () => {
        for (const bytes of offsets) {
          const result = await outcomesOf(server.url, bytes, { how, whileConnecting })
          cuts += result.cuts
          for (const outcome of result.outcomes)
            if (outcome !== length && outcome !== 'unavailable') t.fail(`byte ${bytes}: ${outcome}`)
        }
      }
      await Promise.all(Array.from({ length: 8 }, worker))
      process.off('unhandledRejection', note)
      process.off('uncaughtException', note)
      t.ok(cuts > 10, `${cuts} cuts`)
      t.equal(uncaught.length, 0, `not caught: ${uncaught[0]}`)
    })
