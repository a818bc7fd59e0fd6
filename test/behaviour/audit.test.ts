// `audit`: what it finds between Galaxy's rows and the points, and what it says of it.
import t from 'tap'
import { Audited, counts, type Document, reader, totals } from './audited.ts'
import { Live } from './live.ts'

const live = await Live.start(t)
await live.influxdb.addUser(reader.username, reader.password)
const march = ['--since', '2024-03-01', '--until', '2024-04-01']

/** Days with their totals. */
const days = ({ days }: Document) => days.map((day) => [day.day, totals(day as unknown as Document)])

t.test('every row has its point: equal, by the domain of the point', async (t) => {
  const site = await Audited.start(t, live)
  await site.row(1, '2024-03-05 10:00:00.25')
  await site.row(1, '2024-03-05 11:00:00.25')
  const parent = await site.row(2, '2024-03-06 12:00:00')
  await site.inside(parent, 3, '2024-03-06 12:00:01')
  const lines = [
    site.line(1, '2024-03-05T10:00:01'),
    site.line(1, '2024-03-05T11:00:01', { lab: null }),
    site.line(2, '2024-03-06T12:00:02'),
    site.line(7, '2024-03-06T13:00:00', { status: 403 }),
  ]
  t.match(await site.backfill(...lines), { written: 4 })
  const found = await site.audit(...march)
  t.equal(found.status, 0)
  t.same(totals(found), counts({ equal: 3 }))
  t.same(found.days, [
    {
      day: '2024-03-05',
      ...counts({ equal: 2 }),
      domains: [
        { domain: 'genome.usegalaxy.org.au', ...counts({ equal: 1 }) },
        { domain: 'unknown', ...counts({ equal: 1 }) },
      ],
    },
    {
      day: '2024-03-06',
      ...counts({ equal: 1 }),
      domains: [{ domain: 'genome.usegalaxy.org.au', ...counts({ equal: 1 }) }],
    },
  ])
  t.match(found, { since: '2024-03-01T00:00:00.000Z', until: '2024-04-01T00:00:00.000Z', ids_left_out: 0 })
  const text = await site.run(march)
  t.equal(text.status, 0)
  t.match(text.stdout, /^2024-03-05 +genome\.usegalaxy\.org\.au +1 +0 +0 +0\n +unknown +1 +0 +0 +0\n2024-03-06 /m)
  t.match(text.stdout, /^equal: each of 3 invocations from 2024-03-01T00:00:00Z to 2024-04-01T00:00:00Z has its point/m)
  t.equal(text.stderr, '')
})

t.test('what was planted is found, and nothing else', async (t) => {
  const site = await Audited.start(t, live)
  const at = (minute: number) => `2024-03-05 10:${String(minute).padStart(2, '0')}:00.7`
  const ids: number[] = []
  for (let minute = 0; minute < 60; minute += 5) ids.push(await site.row(1 + (minute % 8), at(minute)))
  const lines = ids.map((_, index) =>
    site.line(
      1 + ((index * 5) % 8),
      at(index * 5)
        .replace(' ', 'T')
        .slice(0, 19),
    ),
  )
  // nginx's time is cut to the second, so each of these lines tells a second before its row's instant.
  t.match(await site.backfill(...lines, site.line(8, '2024-03-05T23:00:00')), { written: ids.length + 1 })
  t.same(totals(await site.audit(...march)), counts({ equal: ids.length, unmatched: 1 }))

  const never = await site.row(3, '2024-03-20 08:00:00')
  const [removed, doubled, deleted, moved] = ids as [number, number, number, number]
  await site.remove(removed)
  await site.plant(doubled, '2024-03-05T10:05:30')
  await site.plant(doubled, '2024-03-05T10:05:31', 'elsewhere')
  await site.sql`delete from workflow_invocation where id = ${deleted}`
  const child = await site.inside(ids[5]!, 4, '2024-03-05 10:25:01')
  await site.plant(child, '2024-03-05T10:25:02')
  await site.plant(moved, '2024-03-09T00:00:00')
  await site.plant(3_000_000_000, '2024-03-10T00:00:00')
  await site.plant(-1, '2024-03-10T00:00:01')
  // Beyond the range, it is no concern of it.
  await site.plant(123_456, '2024-04-01T00:00:00')
  await site.plant(123_457, '2024-02-29T23:59:59')

  const found = await site.audit(...march)
  t.equal(found.status, 1)
  t.same(totals(found), counts({ equal: ids.length - 2, missing: 2, extra: 7, unmatched: 1 }))
  t.equal(found.unmatched_share, Number((1 / (ids.length - 2 + 7 + 1)).toFixed(6)))
  t.same(days(found), [
    ['2024-03-05', counts({ equal: ids.length - 2, missing: 1, extra: 4, unmatched: 1 })],
    ['2024-03-09', counts({ extra: 1 })],
    ['2024-03-10', counts({ extra: 2 })],
    ['2024-03-20', counts({ missing: 1 })],
  ])
  t.same(
    found.days.flatMap(({ missing_ids = [] }) => missing_ids),
    [removed, never],
  )
  const extra = found.days.flatMap(({ extra_points = [] }) => extra_points)
  t.same(
    extra.map(({ invocation_id, why }) => [invocation_id, why]).sort((a, b) => Number(a[0]) - Number(b[0])),
    [
      [-1, 'no_row'],
      [doubled, 'second_point'],
      [doubled, 'second_point'],
      [deleted, 'no_row'],
      [moved, 'far_from_row'],
      [child, 'subworkflow'],
      [3_000_000_000, 'no_row'],
    ],
  )
  t.match(
    extra.find(({ domain }) => domain === 'elsewhere'),
    { time: '2024-03-05T10:05:31Z' },
  )

  const { status, stdout } = await site.run(march)
  t.equal(status, 1)
  t.match(stdout, new RegExp(`^missing, by the row's number: ${removed}, ${never}$`, 'm'))
  t.match(stdout, `invocation ${child} at 2024-03-05T10:25:02Z, planted: its row is a subworkflow's`)
  t.match(stdout, `invocation ${deleted} at 2024-03-05T10:10:00Z, genome.usegalaxy.org.au: no row has this number`)
  t.match(stdout, /^different: 2 missing and 7 extra among 12 invocations .*; 1 points \(5\.6 %\)/m)
})

t.test('the edge of a day or of the range between a row and its point is no difference', async (t) => {
  const site = await Audited.start(t, live)
  await site.row(1, '2024-03-05 23:59:59.999999')
  await site.row(2, '2024-03-06 00:00:00')
  await site.row(3, '2024-03-06 23:59:51')
  await site.row(4, '2024-03-07 00:00:00.5')
  const lines = [
    site.line(1, '2024-03-06T00:00:01'),
    site.line(2, '2024-03-06T00:00:09'),
    site.line(3, '2024-03-07T00:00:02'),
    // Its second began before the row's day did.
    site.line(4, '2024-03-07T00:00:00'),
  ]
  t.match(await site.backfill(...lines), { points: 4 })
  const of = async (since: string, until: string) => {
    const found = await site.audit('--since', since, '--until', until)
    return [found.status, ...days(found).flat()]
  }
  t.same(await of('2024-03-05', '2024-03-06'), [0, '2024-03-05', counts({ equal: 1 })])
  t.same(await of('2024-03-06', '2024-03-07'), [0, '2024-03-06', counts({ equal: 2 })])
  t.same(await of('2024-03-07', '2024-03-08'), [0, '2024-03-07', counts({ equal: 1 })])
  t.same(await of('2024-03-08', '2024-03-09'), [0])
  t.same(await of('2024-03-06T00:00:01', '2024-03-06T12:00'), [0], 'points of rows before the range')
  t.same(await of('2024-03-06T10:00+10:00', '2024-03-07T10:00+10:00'), [0, '2024-03-06', counts({ equal: 2 })])
})

t.test('rows and ids in another order, and gaps between ids', async (t) => {
  const site = await Audited.start(t, live)
  const made = ['03:00:00', '01:00:00', '02:00:00', '00:00:00'].map((time) => `2024-03-05 ${time}`)
  for (const at of made) await site.row(1, at)
  await site.sql`update workflow_invocation set id = id + 2000000000 where id = 4`
  await site.sql`update workflow_invocation set id = id + 70000 where id in (2, 3)`
  await site.backfill(...made.map((at) => site.line(1, at.replace(' ', 'T'))).sort())
  t.same(totals(await site.audit(...march)), counts({ equal: 4 }))
  t.same(totals(await site.audit('--since', '2024-03-05T01:00', '--until', '2024-03-05T03:00')), counts({ equal: 2 }))
  await site.remove(2_000_000_004)
  t.match(await site.audit(...march), { missing: 1, days: [{ missing_ids: [2_000_000_004] }] })
})

t.test('a row made just now is not judged: its line may still come', async (t) => {
  const site = await Audited.start(t, live)
  const now = new Date().toISOString()
  await site.row(1, now.replace('T', ' ').replace('Z', ''))
  const since = new Date(Date.now() - 3_600_000).toISOString()
  for (const until of [[], ['--until', '2099-01-01']]) {
    const found = await site.audit('--since', since, ...until)
    t.same([found.status, totals(found)], [0, counts({})])
    t.ok(found.until < now)
  }
  const { status, stderr } = await site.run(['--since', now])
  t.equal(status, 2)
  t.match(stderr, /cannot be judged yet/)
})

t.test('nothing at all', async (t) => {
  const site = await Audited.start(t, live)
  t.same(totals(await site.audit(...march)), counts({}))
  const { stdout } = await site.run(march)
  t.match(stdout, /^equal: each of 0 invocations/m)
})

t.test('without numbers of rows in the points it says what it can tell, and repairs nothing', async (t) => {
  const site = await Audited.start(t, live)
  await site.row(1, '2024-03-05 10:00:00')
  const alone = { galaxy: { match_invocations: false } }
  const { status, stdout, stderr } = await site.run([...march, '--json'], alone)
  t.equal(status, 1)
  t.same(totals(JSON.parse(stdout)), counts({ missing: 1 }))
  t.match(stderr, /match_invocations is false/)
  const repair = await site.run([...march, '--repair'], alone)
  t.equal(repair.status, 2)
  t.match(repair.stderr, /would count twice/)
  t.same(await site.points(), [])
})

t.test('arguments that are wrong', async (t) => {
  const site = await Audited.start(t, live)
  for (const args of [
    [],
    ['--until', '2024-03-01'],
    ['--since', 'yesterday'],
    ['--since', '2024-03-02', '--until', '2024-03-02'],
    [...march, '--patience', 'none'],
    [...march, '--dry-run'],
    [...march, 'a-file'],
  ]) {
    const { status, stdout, stderr } = await site.run(args)
    t.equal(status, 2, args.join(' '))
    t.equal(stdout, '')
    t.not(stderr, '')
  }
  const both = await site.run(march, { influxdb: { read: { username: 'a', password: 'b', token: 'c' } } })
  t.equal(both.status, 2)
  t.match(both.stderr, /influxdb\.read: expected \{username, password\} or \{token\}/)
})
