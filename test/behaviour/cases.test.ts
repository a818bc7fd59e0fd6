// Each folder of test/cases is one idea: a log, Galaxy's rows, a configuration, and the points that have to come of it.
// A new case needs no code. In `expected.lp`, `<ns>` stands for the part of a time below a second, any nine digits.
import { readdir, readFile } from 'node:fs/promises'
import { join } from 'node:path'
import t from 'tap'
import { parse } from 'yaml'
import { startPostgres } from '../services/postgres.ts'
import { run } from '../services/program.ts'
import { temporaryFolder } from '../services/temporary.ts'
import { asStored, compareReadings } from '../world/compare.ts'
import { type ParsedPoint, parseLines } from '../world/line_protocol.ts'
import { storedPoints } from '../world/stored_points.ts'

const casesFolder = join(import.meta.dirname, '../cases')

const postgres = await startPostgres()
t.teardown(() => postgres[Symbol.asyncDispose]())

for (const name of (await readdir(casesFolder)).sort())
  t.test(name, async (t) => {
    const file = (part: string) => join(casesFolder, name, part)
    const text = (part: string) => readFile(file(part), 'utf8')
    await using folder = await temporaryFolder('case')
    const databaseUrl = await postgres.createGalaxyDatabase(name)
    await postgres.sql(name).unsafe(await text('galaxy.sql'))

    const given = parse(await text('config.yml'))
    const config = {
      ...given,
      galaxy: { ...given.galaxy, database_url: databaseUrl },
      nginx: { access_log: 'access.log', ...given.nginx },
      // Nobody listens there, and nobody has to: nothing is written.
      influxdb: { url: 'http://127.0.0.1:9', database: 'none', username: 'none', password: 'none' },
      state_dir: folder.file('state'),
    }
    const first = await run(['backfill', '--dry-run', file('input.log')], { config })
    t.equal(first.status, 0, first.status === 0 ? 'it is content' : first.stderr)

    const expected = parseLines(await text('expected.lp'))
    const exact = new Set(expected.map((point) => shown(point, point.time)))
    const printed = parseLines(first.stdout)
    const actual = printed.map((point) =>
      exact.has(shown(point, point.time)) ? shown(point, point.time) : shown(point, withoutNanos(point.time)),
    )
    t.same(actual.sort(), expected.map((point) => shown(point, point.time)).sort())
    t.equal(new Set(printed.map(({ time }) => time)).size, printed.length, 'no two at one time')

    const second = await run(['backfill', '--dry-run', file('input.log')], { config })
    t.equal(second.stdout, first.stdout, 'the same again')

    const { influxdb, ...others } = config
    const stored = await run(['backfill', file('input.log')], { config: { ...others, store: folder.file('store') } })
    t.equal(stored.status, 0, stored.status === 0 ? 'it is content' : stored.stderr)
    t.same(compareReadings(storedPoints(folder.file('store')), printed.map(asStored)), [], 'the store has the same')
  })

function withoutNanos(time: string): string {
  return time.replace(/(?<=^\d{10})\d{9}$/, '<ns>')
}

/** In one order of tags and fields, whichever they were printed in, and with every type to be seen. */
function shown({ measurement, tags, fields }: ParsedPoint, time: string): string {
  const list = (values: object, show: (value: unknown) => string) =>
    Object.entries(values)
      .sort(([a], [b]) => (a < b ? -1 : 1))
      .map(([name, value]) => `${name}=${show(value)}`)
      .join(' ')
  const typed = (value: unknown) => (typeof value === 'bigint' ? `${value}i` : JSON.stringify(value))
  return `${measurement} | ${list(tags, String)} | ${list(fields, typed)} | ${time}`
}
