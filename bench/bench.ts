// How fast a backfill is, beside other readers of the same file: `npm run bench [-- --bytes N --runs N]`.
import { rmSync } from 'node:fs'
import { parseArgs } from 'node:util'
import { startInfluxdb } from '../test/services/influxdb.ts'
import { startPostgres } from '../test/services/postgres.ts'
import { writeConfig } from '../test/services/program.ts'
import { temporaryFolder } from '../test/services/temporary.ts'
import { idSecret, workflowCount, writeLog } from './log.ts'
import { type Measured, measure, median } from './measure.ts'

const { values } = parseArgs({ options: { bytes: { type: 'string' }, runs: { type: 'string' } } })
const bytes = Number(values.bytes ?? 1_040_000_000)
const runs = Number(values.runs ?? 5)
const program = `${import.meta.dirname}/../dist/workflow-reporting.mjs`
const regularExpression = '"POST /api/workflows/[^/ ?]+/(invocations|usage)/?(\\?[^ ]*)? HTTP/'

await using folder = await temporaryFolder('bench')
await using postgres = await startPostgres()
await using influxdb = await startInfluxdb()
await influxdb.createDatabase('points')
await influxdb.addUser('writer', 'writers-password', { points: 'WRITE' })
const databaseUrl = await postgres.createGalaxyDatabase('galaxy')

const log = folder.file('access.log')
const { lines, bytes: size, invocations } = await writeLog(log, { bytes, oneIn: 10_000 })
await fillGalaxy()
const config = await writeConfig(folder.path, {
  galaxy: { database_url: databaseUrl, id_secret: idSecret },
  domains: ['usegalaxy.org.au'],
  influxdb: { url: influxdb.url, database: 'points', username: 'writer', password: 'writers-password' },
})

const readers: Record<string, () => Promise<Measured>> = {
  'this program, backfill': () => {
    // Decides everything anew each time, as a first reading does.
    rmSync(folder.file('state'), { recursive: true, force: true })
    return measure(process.execPath, [program, 'backfill', '--config', config, log])
  },
  'Python, one expression a line': () => measure('python3', [`${import.meta.dirname}/reader.py`, log]),
  'grep -cE': () => measure('env', ['LC_ALL=C', 'grep', '-cE', regularExpression, log]),
  'wc -l': () => measure('wc', ['-l', log]),
}

const measured = new Map<string, Measured[]>(Object.keys(readers).map((name) => [name, []]))
for (let run = 0; run < runs; run++) {
  for (const [name, read] of Object.entries(readers)) {
    measured.get(name)?.push(await read())
    process.stderr.write(`run ${run + 1} of ${runs}: ${name}\n`)
  }
}

const found = await influxdb.pointsOf('points', 'workflow_invocation')
if (found.length !== invocations.length) throw new Error(`${found.length} points instead of ${invocations.length}`)

const own = median(measured.get('this program, backfill')!.map(({ wallMs }) => wallMs))
console.log(
  `${lines} lines, ${(size / 1e6).toFixed(0)} MB, ${invocations.length} invocations; medians of ${runs} runs in turn\n`,
)
console.log('| reader | seconds | against this program | peak memory |\n| --- | --- | --- | --- |')
for (const [name, all] of measured) {
  const wallMs = median(all.map((it) => it.wallMs))
  const peakMib = Math.max(...all.map((it) => it.peakMib))
  console.log(`| ${name} | ${(wallMs / 1000).toFixed(2)} | ${(wallMs / own).toFixed(2)} | ${peakMib.toFixed(0)} MiB |`)
}

async function fillGalaxy(): Promise<void> {
  const sql = postgres.sql('galaxy')
  await sql`insert into galaxy_user (id, email, username, password) values (1, 'a@example.org', 'ann', '-')`
  await sql`insert into history (id, user_id) values (1, 1)`
  await sql`
    insert into stored_workflow (id, user_id, name, published)
    select id, 1, 'workflow ' || id, true from generate_series(1, ${workflowCount}) as id`
  await sql`
    insert into workflow (id, stored_workflow_id, name, create_time, update_time)
    select id, id, 'workflow ' || id, '2020-01-01', '2020-01-01' from generate_series(1, ${workflowCount}) as id`
  const times = invocations.map(({ endMs }) => new Date(endMs - 500).toISOString().slice(0, -1))
  await sql`
    insert into workflow_invocation (workflow_id, history_id, state, create_time, update_time)
    select made.workflow, 1, 'new', made.at, made.at
    from unnest(${invocations.map(({ workflow }) => workflow)}::int[], ${times}::text[]::timestamp[]) as made (workflow, at)`
  await sql`analyze`
}
