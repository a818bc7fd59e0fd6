// `audit --repair`: what is missing is written once, and no line makes a second point of it, now or later.
import { readFileSync } from 'node:fs'
import { appendFile } from 'node:fs/promises'
import { setImmediate } from 'node:timers/promises'
import t from 'tap'
import { start } from '../services/program.ts'
import { Audited, counts, reader, totals } from './audited.ts'
import { Live, until } from './live.ts'

const live = await Live.start(t)
await live.influxdb.addUser(reader.username, reader.password)
const march = ['--since', '2024-03-01', '--until', '2024-04-01']

t.test('what is missing has its point then, and each repetition makes the same one', async (t) => {
  const site = await Audited.start(t, live)
  for (let hour = 0; hour < 10; hour++) await site.row(1 + (hour % 8), `2024-03-05 0${hour}:00:00.999999`)
  await site.backfill(site.line(1, '2024-03-05T00:00:01'), site.line(7, '2024-03-07T00:00:00'))
  const before = await site.points()

  const repair = await site.audit(...march, '--repair')
  t.same(totals(repair), counts({ equal: 1, missing: 9, unmatched: 1 }), 'it tells what it found')
  t.match(repair, { status: 0, repaired: 9, refused: 0 })
  const points = await site.points()
  t.equal(points.length, 11)
  const added = points.filter(({ time }) => before.every((point) => point.time !== time))
  t.same(
    added.map(({ tags, time }) => [tags['domain'], new Date(Number(time / 1_000_000_000n) * 1000).toISOString()]),
    [1, 2, 3, 4, 5, 6, 7, 8, 9].map((hour) => ['unknown', `2024-03-05T0${hour}:00:00.000Z`]),
    "the row's own second",
  )

  const after = await site.audit(...march)
  t.same([after.status, totals(after)], [0, counts({ equal: 10, unmatched: 1 })])
  const again = await site.audit(...march, '--repair')
  t.match(again, { status: 0, repaired: 0 })
  await site.remove(5)
  t.match(await site.audit(...march, '--repair'), { missing: 1, repaired: 1 })
  t.same(await site.points(), points, 'the same point, to the nanosecond')

  const { status, stdout } = await site.run([...march, '--repair'])
  t.equal(status, 0)
  t.match(stdout, /^repaired: 0 points written$/m)
})

t.test('a line that is read later makes no second point', async (t) => {
  const site = await Audited.start(t, live)
  await site.row(1, '2024-03-05 10:00:00')
  await site.row(2, '2024-03-05 10:00:00')
  t.match(await site.audit(...march, '--repair'), { repaired: 2 })
  const repaired = await site.points()
  const lines = [site.line(1, '2024-03-05T10:00:03'), site.line(2, '2024-03-05T10:00:03', { status: 499 })]
  for (const round of ['first', 'second']) {
    t.match(
      await site.backfill(...lines),
      { accepted: 1, rejected: 1, written: 1 },
      `${round}: the refused request alone`,
    )
    t.same(await site.points(), repaired)
  }
  // A row beside it, that nobody has yet, is the line's as ever.
  await site.row(1, '2024-03-05 10:00:01')
  await site.backfill(site.line(1, '2024-03-05T10:00:04'))
  t.same(totals(await site.audit(...march)), counts({ equal: 3 }))
})

t.test('a row that a line has gets the very point of that line', async (t) => {
  const site = await Audited.start(t, live)
  for (let count = 0; count < 3; count++) await site.row(1, '2024-03-05 10:00:00.5')
  await site.backfill(site.line(1, '2024-03-05T10:00:07', { lab: 'proteomics.' }))
  const points = await site.points()
  t.equal(points.length, 3)
  await site.remove(1)
  await site.remove(3)
  t.match(await site.audit(...march, '--repair'), { equal: 1, missing: 2, repaired: 2 })
  t.same(await site.points(), points)
})

t.test('every tag and field is what the collector would make', async (t) => {
  const [repaired, collected] = [await Audited.start(t, live), await Audited.start(t, live)]
  const metadata = JSON.stringify({ trs_server: 'dockstore', trs_tool_id: '#workflow/x', trs_version_id: 'v1' })
  for (const site of [repaired, collected]) {
    await site.sql`update workflow set source_metadata = ${Buffer.from(metadata)} where id = 1001`
    await site.sql`
      insert into workflow (id, stored_workflow_id, name, create_time, update_time)
      values (2001, 1, 'edited', '2024-01-01', '2024-01-01'), (2002, null, 'inline', '2024-01-01', '2024-01-01')`
    const ids = [await site.row(1, '2024-03-05 10:00:00'), await site.row(1, '2024-03-05 11:00:00')]
    await site.sql`update workflow_invocation set workflow_id = 2001, history_id = null where id = ${ids[1]!}`
    const inline = await site.row(2, '2024-03-05 12:00:00')
    await site.sql`update workflow_invocation set workflow_id = 2002 where id = ${inline}`
    await site.row(2, '2024-03-05 13:00:00')
  }
  await repaired.audit(...march, '--repair')
  const at = (hour: number) => `2024-03-05T${hour}:00:00`
  // The inline revision is asked for by its own number.
  const workflows = [1, 1, 2002, 2]
  await collected.backfill(...workflows.map((id, index) => collected.line(id, at(10 + index), { lab: null })))
  const points = await repaired.points()
  t.same(points, await collected.points())
  t.match(points, [
    { tags: { trs_server: 'dockstore' }, fields: { user_id: 1, derived: false } },
    { tags: { trs_server: 'dockstore', workflow_name: 'edited' }, fields: { derived: true, revision_id: 2001 } },
    { tags: { workflow_name: 'inline' }, fields: { invocation_id: 3 } },
    { tags: { workflow_name: 'workflow 2' }, fields: { workflow_id: 2 } },
  ])
})

t.test('beside a running collector each invocation counts once', async (t) => {
  const site = await Audited.start(t, live)
  const at = (index: number) => {
    const [minute, second] = [Math.floor(index / 20) % 60, (index % 20) * 3]
    return `2024-03-05 10:${String(minute).padStart(2, '0')}:${String(second).padStart(2, '0')}`
  }
  const many = 300
  for (let index = 0; index < many; index++) await site.row(1 + (index % 8), at(index))
  const collector = await site.site.collect()
  let repaired = 0
  // Twenty rows a minute. While the lines of one minute come in, it is repaired, and each second time the next one, too.
  for (let minute = 0; minute < many / 20; minute++) {
    const upTo = `2024-03-05T10:${String(minute + 1 + (minute % 2)).padStart(2, '0')}`
    const repairing = site.audit('--since', '2024-03-05T10:00', '--until', upTo, '--repair')
    for (let index = minute * 20; index < (minute + 1) * 20; index++) {
      await appendFile(site.site.site.accessLog, site.line(1 + (index % 8), at(index).replace(' ', 'T')))
      await setImmediate()
    }
    repaired += (await repairing).repaired!
  }
  repaired += (await site.audit(...march, '--repair')).repaired!
  await site.site.write(site.line(7, '2024-03-06T00:00:00'))
  await until('the last line is read', async () => (await site.audit(...march)).unmatched === 1)
  await collector.stop()
  const found = await site.audit(...march)
  t.same(totals(found), counts({ equal: many, unmatched: 1 }))
  const labs = new Set((await site.points()).map(({ tags }) => tags['domain']))
  t.ok(repaired > 0 && labs.size === 2, `${repaired} were repaired, others came from lines`)
  const ids = (await site.points()).map(({ fields }) => Number(fields['invocation_id'] ?? 0))
  t.same(
    ids.sort((a, b) => a - b),
    Array.from({ length: many + 1 }, (_, id) => id),
  )
})

t.test('a point that InfluxDB will never take is told, and the status says so', async (t) => {
  const site = await Audited.start(t, live)
  await live.influxdb.write(site.site.name, `workflow_invocation,domain=x user_id="a text" ${Date.now()}000000`)
  await site.row(1, `${new Date(Date.now() - 600_000).toISOString().slice(0, 19)}`)
  const since = new Date(Date.now() - 7_200_000).toISOString()
  const found = await site.audit('--since', since, '--repair')
  t.match(found, { status: 1, missing: 1, repaired: 0, refused: 1 })
  t.match(found.stderr, /event=point_refused/)
})

t.test(
  'InfluxDB that takes nothing for a while is waited for; with patience at its end nothing is half said',
  async (t) => {
    const site = await Audited.start(t, live)
    const id = await site.row(1, '2024-03-05 10:00:00')
    await live.influxdb.query('', `REVOKE WRITE ON "${site.site.name}" FROM "writer"`)
    const given = await site.run([...march, '--repair', '--json', '--patience', '1'])
    t.same([given.status, given.stdout], [1, ''])
    t.match(given.stderr, /InfluxDB .*HTTP 403.*right to write to/)
    const line = site.line(1, '2024-03-05T10:00:02')
    const audit = await start(['audit', ...march, '--repair', '--json'], {
      config: await site.site.config({ influxdb: { read: reader } }),
    })
    t.teardown(() => audit.stop())
    await audit.waitFor(/event=waiting for=InfluxDB/)
    await live.influxdb.query('', `GRANT WRITE ON "${site.site.name}" TO "writer"`)
    t.same(await audit.exited, { status: 0, signal: null })
    t.match(JSON.parse(audit.stdout()), { missing: 1, repaired: 1 })
    await site.backfill(line)
    t.same(
      (await site.points()).map(({ fields, tags }) => [fields['invocation_id'], tags['domain']]),
      [[id, 'unknown']],
      'claimed the first time, written the second',
    )
  },
)

t.test('asked to stop while it waits, it says that it did not come to the end', async (t) => {
  const site = await Audited.start(t, live)
  await site.row(1, '2024-03-05 10:00:00')
  const config = await site.site.config({ influxdb: { url: 'http://127.0.0.1:9' } })
  const audit = await start(['audit', ...march, '--repair'], { config })
  t.teardown(() => audit.stop())
  await audit.waitFor(/event=waiting/)
  audit.signal('SIGTERM')
  t.same(await audit.exited, { status: 1, signal: null })
  t.match(audit.stderr(), /run it again, nothing is written twice/)
})

t.test('a ledger made anew is told of', async (t) => {
  const site = await Audited.start(t, live)
  await site.row(1, '2024-03-05 10:00:00')
  t.match((await site.audit(...march, '--repair')).stderr, /event=ledger_is_new .*state_dir of the collector/)
  t.notMatch((await site.audit(...march, '--repair')).stderr, /ledger_is_new/)
  t.ok(readFileSync(site.site.folder.file('state', 'ledger.sqlite')).length > 0)
})
