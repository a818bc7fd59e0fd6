// `audit` and its servers: who may read, how much comes in one answer, InfluxDB 2.x, and what no message shows.
import t from 'tap'
import { startInfluxdb } from '../services/influxdb.ts'
import { run } from '../services/program.ts'
import { Audited, counts, reader, totals } from './audited.ts'
import { Live, user } from './live.ts'
import { startStandIn } from './stand_in.ts'

const live = await Live.start(t)
await live.influxdb.addUser(reader.username, reader.password)
const march = ['--since', '2024-03-01', '--until', '2024-04-01']

t.test('a reader without the right to read: what to do about it', async (t) => {
  const site = await Audited.start(t, live)
  const cases = [
    { read: user, said: /HTTP 403.*right to read live\d+, or name in influxdb\.read who may/ },
    { read: undefined, said: /HTTP 403.*right to read live/ },
    { read: { ...reader, password: 'MARKER' }, said: /HTTP 401.*Check influxdb\.read/ },
    { database: 'none', said: /right to read none/ },
    { database: 'none', ...live.influxdb.admin, read: undefined, said: /not found.*Create the database none/ },
    { url: 'http://127.0.0.1:9', said: /ECONNREFUSED/ },
    { url: 'http://127.0.0.1:9', read: { token: 'MARKER' }, said: /ECONNREFUSED/ },
  ]
  for (const { said, ...influxdb } of cases) {
    const { status, stdout, stderr } = await site.run([...march, '--patience', '0.3', '--json'], { influxdb })
    t.equal(status, 1)
    t.equal(stdout, '', 'nothing is half said')
    t.match(stderr, said)
    t.notMatch(stderr, /MARKER|readers-password|writers-password/)
  }
  await live.influxdb.query('', `GRANT READ ON "${site.site.name}" TO "${user.username}"`)
  t.equal((await site.run(march, { influxdb: { read: undefined } })).status, 0, 'the writer will do where it may')
  t.equal((await site.run(march)).status, 0)
})

t.test("Galaxy's database out of reach, or without its columns", async (t) => {
  const site = await Audited.start(t, live)
  const galaxy = { database_url: 'postgres://reader:MARKER@127.0.0.1:9/galaxy' }
  const { status, stdout, stderr } = await site.run([...march, '--patience', '0.3'], { galaxy })
  t.same([status, stdout], [1, ''])
  t.match(stderr, /ECONNREFUSED/)
  t.notMatch(stderr, /MARKER/)
  await site.sql`revoke select (history_id) on workflow_invocation from reader`
  const lacking = await site.run([...march, '--patience', '0.3'])
  t.equal(lacking.status, 1)
  t.match(lacking.stderr, /workflow_invocation\.history_id may not be read.*README/)
})

t.test('more points than an answer holds, in bursts and over years', async (t) => {
  const rows = 60_000
  for (const maxRowLimit of [0, 7000]) {
    await using influxdb = await startInfluxdb({ maxRowLimit })
    for (const { username, password } of [user, reader]) await influxdb.addUser(username, password)
    const site = await Audited.start(t, live, influxdb)
    // A third over two years, a third in one hour, a third within one second.
    await site.sql`
      insert into workflow_invocation (id, workflow_id, create_time, update_time)
      select id, 1001, at, at from (
        select id, case id / ${rows / 3}::int
          when 0 then timestamp '2022-03-05' + id * interval '3000 seconds'
          when 1 then timestamp '2024-03-05' + id * interval '0.18 seconds'
          else timestamp '2024-03-07' end as at
        from generate_series(0, ${rows - 1}::int) as id) as made`
    await site.sql`update workflow_invocation set id = ${rows} where id = 0`
    const made = await site.sql`
      select id, floor(extract(epoch from create_time))::bigint::text as second from workflow_invocation order by id`
    for (let at = 0; at < rows; at += 5000) {
      const lines = made
        .slice(at, at + 5000)
        .map(
          ({ id, second }) =>
            `workflow_invocation,domain=d${id % 3} count=1,invocation_id=${id}i ${second}${String(2 * id).padStart(9, '0')}`,
        )
      await influxdb.write(site.site.name, lines.join('\n'))
    }
    const all = ['--since', '2022-01-01', '--until', '2024-04-01']
    const found = await site.audit(...all)
    t.same([found.status, totals(found)], [0, counts({ equal: rows })], `max-row-limit ${maxRowLimit}`)
    await site.sql`delete from workflow_invocation where id % 1000 = 999`
    const other = await site.audit(...all)
    t.same(totals(other), counts({ equal: rows - 60, extra: 60 }))
    await influxdb.query(site.site.name, `DELETE FROM "workflow_invocation" WHERE domain = 'd0'`)
    t.same(totals(await site.audit(...all)), counts({ equal: 39_960, missing: 19_980, extra: 40 }))
  }
})

t.test('InfluxDB 2.x is asked by its bucket, with the token that reads', async (t) => {
  const site = await Audited.start(t, live)
  await site.row(1, '2024-03-05 10:00:00')
  const time = '2024-03-05T10:00:01.000000002Z'
  const server = await startStandIn(t, ({ query }) => {
    const [from = '', to = ''] = Array.from((query['q'] ?? '').matchAll(/'([^']*)'/g), ([, instant]) => instant)
    const series = { columns: ['time', 'count', 'invocation_id', 'domain'], values: [[time, 1, 1, 'genome']] }
    const result = { statement_id: 0, ...(from <= time && time < to && { series: [series] }) }
    return { status: 200, body: JSON.stringify({ results: [result] }), type: 'application/json' }
  })
  const influxdb = { url: server.url, org: 'lab', bucket: 'runs', token: 'writes', read: { token: 'reads' } }
  const { stdout, stderr } = await run(['audit', '--json', ...march], {
    config: { ...site.site.configuration(), influxdb },
  })
  t.equal(stderr, '')
  t.same(totals(JSON.parse(stdout)), counts({ equal: 1 }))
  t.ok(server.asked.length > 0)
  for (const { path, query, headers } of server.asked)
    t.same([path, query['db'], headers.authorization], ['/query', 'runs', 'Token reads'])
})
