// `backfill`: what it reads, what it says, and how it leaves.
import { existsSync } from 'node:fs'
import { readFile, writeFile } from 'node:fs/promises'
import { gzipSync } from 'node:zlib'
import t, { type Test } from 'tap'
import { run, start } from '../services/program.ts'
import { parseLines } from '../world/line_protocol.ts'
import { Live, type LiveSite, requestLine, until } from './live.ts'

const live = await Live.start(t)
const names = ['lines', 'malformed', 'requests', 'accepted', 'rejected', 'undecodable', 'unresolved', 'points']
const counters = [...names, 'written', 'refused']
const nothing = Object.fromEntries(counters.map((name) => [name, 0]))
const strange = 'f'.repeat(16)

async function withLog(t: Test, text: string | Buffer, name = 'old.log'): Promise<LiveSite & { log: string }> {
  const site = await live.site(t)
  const log = site.folder.file(name)
  await writeFile(log, text)
  return Object.assign(site, { log })
}

t.test('one JSON document with every counter, and status 0', async (t) => {
  const mixed = [
    requestLine(1, 0),
    requestLine(2, 60, { status: 403 }),
    requestLine(3, 120, { status: 502 }),
    requestLine(strange, 180),
    requestLine(strange, 240, { status: 400 }),
    requestLine(77, 300),
    requestLine(1, 360),
    'not a line of any format\n',
    'POST /api/workflows/x/invocations\n',
    requestLine(1, 420).replace('POST', 'GET'),
    '\n',
  ]
  const site = await withLog(t, mixed.join(''))
  const { status, stdout } = await site.run(['backfill', '--json', site.log])
  t.equal(status, 0)
  const document = JSON.parse(stdout)
  t.same(Object.keys(document), counters)
  const wanted = { requests: 7, accepted: 2, rejected: 3, undecodable: 1, unresolved: 1, points: 5, written: 5 }
  t.match(document, { lines: mixed.length, ...wanted, refused: 0 })
  t.same(await site.found(), { invocations: [], withoutRow: 2, refused: 3 })
})

t.test('repeated, overlapping and split it makes the same points', async (t) => {
  const lines = Array.from({ length: 30 }, (_, index) =>
    requestLine(1 + (index % 8), Math.floor(index / 2), { status: index % 5 === 0 ? 403 : 200 }),
  )
  const site = await withLog(t, lines.join(''))
  await site.run(['backfill', site.log])
  const whole = await live.influxdb.pointsOf(site.name, 'workflow_invocation')
  t.equal(whole.length, 24)
  await writeFile(site.folder.file('a.log'), lines.slice(0, 20).join(''))
  await writeFile(site.folder.file('b.log.gz'), gzipSync(lines.slice(10).join('')))
  for (const files of [[site.log], ['a.log', 'b.log.gz'], ['b.log.gz'], ['b.log.gz', 'a.log', site.log]]) {
    const paths = files.map((name) => (name === site.log ? name : site.folder.file(name)))
    t.equal((await site.run(['backfill', ...paths])).status, 0)
    t.same(await live.influxdb.pointsOf(site.name, 'workflow_invocation'), whole, files.join(', '))
    t.equal((await site.found()).refused, 6)
  }
})

t.test('a span: what is at its beginning is included, what is at its end is not', async (t) => {
  const site = await withLog(t, Array.from({ length: 6 }, (_, hour) => requestLine(1, 3600 * hour)).join(''))
  const dry = async (...args: string[]) => {
    const { status, stdout } = await site.run(['backfill', '--dry-run', ...args, site.log])
    t.equal(status, 0)
    const midnight = Date.UTC(2026, 5, 25) / 1000
    return parseLines(stdout).map(({ time }) => (Number(time.slice(0, 10)) - midnight) / 3600)
  }
  t.same(await dry(), [0, 1, 2, 3, 4, 5])
  t.same(await dry('--since', '2026-06-25T02:00'), [2, 3, 4, 5])
  t.same(await dry('--until', '2026-06-25T02:00:00Z'), [0, 1])
  t.same(await dry('--since', '2026-06-25T11:00+10:00', '--until', '2026-06-25T14:00+10:00'), [1, 2, 3])
  t.same(await dry('--since', '2026-06-26'), [])
  const { stdout } = await site.run(['backfill', '--json', '--since', '2026-06-25T02:00', site.log])
  t.match(JSON.parse(stdout), { lines: 6, requests: 4, points: 4 })
})

t.test('lines that are read only for what they stand for are in no counter', async (t) => {
  const before = [1, strange, 77].map((id) => requestLine(id, 100)).join('')
  const refused = requestLine(1, 100, { status: 403 }) + requestLine(strange, 100, { status: 502 })
  const site = await withLog(t, before + refused + requestLine(2, 102))
  const { status, stdout } = await site.run(['backfill', '--json', '--since', '2026-06-25T00:01:42', site.log])
  t.equal(status, 0)
  const wanted = { accepted: 1, rejected: 0, undecodable: 0, unresolved: 0, points: 1, written: 1, refused: 0 }
  t.match(JSON.parse(stdout), { lines: 6, requests: 1, ...wanted })
})

t.test('nine of ten ids that do not decode: it says that the secret is probably wrong', async (t) => {
  const lines = (decodable: number) =>
    Array.from({ length: 10 }, (_, index) => requestLine(index < decodable ? 1 : strange, 60 * index)).join('')
  for (const [decodable, wanted] of [
    [0, 1],
    [1, 1],
    [2, 0],
  ] as const) {
    const site = await withLog(t, lines(decodable))
    const { status, stderr, stdout } = await site.run(['backfill', '--json', site.log])
    t.equal(status, wanted, `${decodable} of ten decode`)
    t.equal(/id_secret is probably not/.test(stderr), wanted === 1)
    t.match(JSON.parse(stdout), { requests: 10, undecodable: 10 - decodable, written: decodable })
  }
  const site = await withLog(t, 'no line\n')
  t.equal((await site.run(['backfill', site.log])).status, 0, 'no request at all is no sign of it')
})

t.test('what is wrong with the arguments is told in one go, and nothing is done', async (t) => {
  const site = await withLog(t, requestLine(1, 0))
  const gone = ['gone.log', 'gone.log.gz'].map((name) => site.folder.file(name))
  const missing = await site.run(['backfill', site.log, ...gone])
  t.equal(missing.status, 2)
  for (const path of gone) t.match(missing.stderr, path)
  const bad = [
    [],
    ['--since', 'yesterday', site.log],
    ['--until', '2026-02-31', site.log],
    ['--patience', 'long', site.log],
    ['--patience=-1', site.log],
    ['--stdin', site.log],
    ['--nothing', site.log],
    [site.folder.path],
  ]
  for (const args of bad) {
    const { status, stdout, stderr } = await site.run(['backfill', ...args])
    t.equal(status, 2, args.join(' '))
    t.equal(stdout, '')
    t.not(stderr, '')
  }
  t.same(await site.found(), { invocations: [], withoutRow: 0, refused: 0 })
  t.notOk(existsSync(site.folder.file('state')), 'no state folder')
})

t.test('a server out of reach is waited for with patience, and no longer', async (t) => {
  const site = await withLog(t, requestLine(1, 0))
  for (const changes of [
    { influxdb: { url: 'http://127.0.0.1:9' } },
    { galaxy: { database_url: 'postgres://reader:secret@127.0.0.1:9/galaxy' } },
  ]) {
    const started = performance.now()
    const { status, stdout, stderr } = await site.run(['backfill', '--json', '--patience', '1', site.log], changes)
    const seconds = (performance.now() - started) / 1000
    t.equal(status, 1)
    t.ok(seconds >= 1 && seconds < 5, `${seconds} s`)
    t.match(stderr, /ECONNREFUSED/)
    t.match(JSON.parse(stdout), { written: 0 }, 'the document comes all the same')
  }
  t.equal((await site.run(['backfill', site.log])).status, 0)
  t.match(await site.found(), { withoutRow: 1 })
})

t.test('a server that comes back within patience', async (t) => {
  const site = await withLog(t, requestLine(1, 0))
  await live.influxdb.stop()
  const backfill = await start(['backfill', '--patience', '30', site.log], { config: await site.config() })
  t.teardown(() => backfill.stop())
  await backfill.waitFor(/event=waiting/)
  await live.influxdb.restart()
  t.same(await backfill.exited, { status: 0, signal: null })
  t.match(await site.found(), { withoutRow: 1 })
})

t.test('a damaged .gz: what can be read counts, it is named, and the next file is read', async (t) => {
  const lines = Array.from({ length: 5000 }, (_, index) => requestLine(1 + (index % 8), index)).join('')
  const whole = gzipSync(lines)
  const site = await withLog(t, whole.subarray(0, whole.length / 2), 'cut.log.gz')
  await writeFile(site.folder.file('next.log'), requestLine(1, 50_000))
  await writeFile(site.folder.file('flipped.gz'), Buffer.from(whole).fill(0x55, 2000, 2100))
  const paths = [site.log, site.folder.file('flipped.gz'), site.folder.file('next.log')]
  const { status, stdout, stderr } = await site.run(['backfill', '--json', ...paths])
  t.equal(status, 1)
  t.match(stderr, site.log)
  t.match(stderr, 'flipped.gz')
  const { lines: read, written } = JSON.parse(stdout)
  t.ok(read > 500 && read < 10_000, `${read} lines`)
  t.ok(written > 100)
  const points = await live.influxdb.pointsOf(site.name, 'workflow_invocation')
  t.ok(points.some(({ time }) => time / 1_000_000_000n === BigInt(Date.UTC(2026, 5, 25) / 1000 + 50_000)))
})

t.test('a dry run prints points and leaves nothing; with --json only the document', async (t) => {
  const site = await withLog(t, requestLine(1, 0) + requestLine(2, 60, { status: 404 }))
  const dry = await site.run(['backfill', '--dry-run', site.log], { influxdb: {} })
  t.equal(dry.status, 0)
  t.equal(parseLines(dry.stdout).length, 2)
  const json = await site.run(['backfill', '--dry-run', '--json', site.log])
  t.match(JSON.parse(json.stdout), { points: 2 })
  t.notOk(existsSync(site.folder.file('state')))
  t.same(await site.found(), { invocations: [], withoutRow: 0, refused: 0 })
})

t.test('a log that cannot be read is not looked back into, and no line of the others is lost', async (t) => {
  const day = 86_400
  const files = [0, 2 * day, 4 * day].map((from) => [0, 1, 2].map((second) => requestLine(1, from + second)).join(''))
  const site = await withLog(t, files[0]!)
  const paths = [site.log]
  for (const [index, text] of files.slice(1).entries()) {
    const path = site.folder.file(`${index}.log`)
    await writeFile(path, text)
    paths.push(path)
  }
  // Root reads what it may not; nobody reads a folder as a file.
  const changes = { nginx: { access_log: site.folder.path, rotated: [] } }
  const { status, stdout, stderr } = await site.run(['backfill', '--json', ...paths], changes)
  t.equal(status, 0)
  t.match(JSON.parse(stdout), { lines: 9, written: 9 })
  t.match(stderr, /event=log_unreadable .*next="it is not looked back into"/)
})

t.test('a file that overlaps an earlier packed one has the same points whichever is read', async (t) => {
  const lines = Array.from({ length: 12 }, (_, second) => requestLine(1, second))
  const site = await withLog(t, gzipSync(lines.join('')), 'day.log.gz')
  const part = site.folder.file('part.log')
  await writeFile(part, lines.slice(6).join(''))
  const changes = { nginx: { access_log: part, rotated: [site.log] } }
  t.equal((await site.run(['backfill', part], changes)).status, 0)
  const points = await live.influxdb.pointsOf(site.name, 'workflow_invocation')
  t.equal(points.length, 6)
  t.equal((await site.run(['backfill', site.log], changes)).status, 0)
  const all = await live.influxdb.pointsOf(site.name, 'workflow_invocation')
  t.equal(all.length, 12)
  t.same(
    all.filter(({ time }) => points.some((point) => point.time === time)),
    points,
  )
})

t.test('of several logs a file is looked back from into its own', async (t) => {
  // What stands at the end of b's file is in no file that is read, and a's line after it takes no row of its line.
  const site = await withLog(t, requestLine(1, 86_402), 'a.log')
  const old = { a: site.folder.file('a.log-1'), b: site.folder.file('b.log-1') }
  await writeFile(old.a, requestLine(1, 86_399))
  await writeFile(old.b, requestLine(2, 86_401))
  await writeFile(site.folder.file('b.log'), requestLine(2, 86_403))
  const sql = live.postgres.sql(site.name)
  await sql`
    insert into workflow_invocation (id, workflow_id, history_id, state, create_time, update_time)
    values (501, 1001, 1, 'new', '2026-06-25 23:59:58.5', '2026-06-25 23:59:58.5')`
  const logs = ['a.log', 'b.log'].map((name) => site.folder.file(name))
  const changes = { nginx: { access_log: logs, rotated: [site.folder.file('*.log-*')] } }
  t.equal((await site.run(['backfill', site.log], changes)).status, 0)
  t.same((await site.found()).invocations, [], "the row is the earlier line's")
  t.equal((await site.run(['backfill', old.a], changes)).status, 0)
  t.same((await site.found()).invocations, [501])
})

t.test('a damaged .gz that is only looked back into fails nothing', async (t) => {
  const site = await withLog(t, requestLine(1, 100), 'now.log')
  const whole = gzipSync(Array.from({ length: 90 }, (_, second) => requestLine(strange, second)).join(''))
  await writeFile(site.folder.file('old.gz'), whole.subarray(0, whole.length - 20))
  const changes = { nginx: { access_log: site.log, rotated: [site.folder.file('old.gz')] } }
  const { status, stderr } = await site.run(['backfill', site.log], changes)
  t.equal(status, 0, stderr)
  t.match(stderr, /event=log_file_damaged .*next="it was only looked back into"/)
})

t.test('a point without a row stays as it was when a row comes into its window later', async (t) => {
  const site = await withLog(t, requestLine(60, 100))
  const sql = live.postgres.sql(site.name)
  // The number is a stored workflow's, and also that of a revision of another one.
  await sql`insert into stored_workflow (id, user_id, name, published) values (60, 1, 'as it is called now', true)`
  await sql`
    insert into workflow (id, stored_workflow_id, name, create_time, update_time)
    values (1060, 60, 'as it was called', '2020-01-01', '2020-01-01'), (60, 1, 'another', '2020-01-01', '2020-01-01')`
  t.equal((await site.run(['backfill', site.log])).status, 0)
  const points = await live.influxdb.pointsOf(site.name, 'workflow_invocation')
  t.match(points, [{ tags: { workflow_name: 'as it was called' } }])
  await sql`
    insert into workflow_invocation (id, workflow_id, history_id, state, create_time, update_time)
    values (601, 60, 1, 'new', '2026-06-25 00:01:40.5', '2026-06-25 00:01:40.5')`
  t.equal((await site.run(['backfill', site.log])).status, 0)
  t.same(await live.influxdb.pointsOf(site.name, 'workflow_invocation'), points)
})

t.test('a UUID of thousands of stored workflows takes bounded memory', async (t) => {
  const uuid = 'c0ffee00-c0ff-4ee0-8c0f-fee00c0ffee0'
  const lines = Array.from({ length: 2000 }, (_, index) => requestLine(uuid, index >> 3, { status: 499 }))
  const site = await withLog(t, lines.join(''))
  await live.postgres.sql(site.name)`
    with made as (
      insert into stored_workflow (id, user_id, name, published)
      select id, 1, 'copy ' || id, true from generate_series(100001, 103000) as id returning id)
    insert into workflow (id, stored_workflow_id, name, uuid, create_time, update_time)
    select id, id, 'copy', ${uuid.replaceAll('-', '')}, '2020-01-01', '2020-01-01' from made`
  const config = await site.config()
  const env = { PATH: process.env.PATH, NODE_OPTIONS: '--max-old-space-size=128' }
  const { status, stdout, stderr } = await run(['backfill', '--json', site.log], { config, env })
  t.equal(status, 0, stderr)
  t.match(JSON.parse(stdout), { requests: 2000, rejected: 2000 })
})

t.test('an empty file, an empty .gz and a line without its end', async (t) => {
  const site = await withLog(t, '')
  await writeFile(site.folder.file('empty.gz'), gzipSync(''))
  await writeFile(site.folder.file('open.log'), requestLine(1, 0).trimEnd())
  const paths = [site.log, ...['empty.gz', 'open.log'].map((name) => site.folder.file(name))]
  const { status, stdout } = await site.run(['backfill', '--json', ...paths])
  t.equal(status, 0)
  t.same(JSON.parse(stdout), { ...nothing, lines: 1, requests: 1, accepted: 1, points: 1, written: 1 })
})

t.test('beside a running collector, each invocation counts once', async (t) => {
  const site = await live.site(t)
  const collector = await site.collect()
  const use = async () => {
    for (let count = 0; count < 25; count++) {
      await site.site.invoke(1 + (count % 3))
      if (count % 4 === 0) await site.site.refuse()
      if (count % 5 === 0) await site.site.invokeWithoutRow()
    }
  }
  const using = use()
  let ended = false
  void using.finally(() => {
    ended = true
  })
  while (!ended) {
    const copy = site.folder.file('copy.log')
    // Without a line that nginx is still writing.
    await writeFile(copy, (await readFile(site.site.accessLog, 'utf8')).replace(/[^\n]*$/, ''))
    t.equal((await site.run(['backfill', copy])).status, 0)
    t.equal((await site.run(['backfill', site.site.accessLog])).status, 0)
  }
  await using
  await site.wholeWithin()
  t.equal((await site.run(['backfill', site.site.accessLog])).status, 0)
  await site.wholeWithin()
  await until('all is quiet', () => collector.running())
})

t.test('asked to stop, it says that it did not come to the end', async (t) => {
  const site = await withLog(t, requestLine(1, 0))
  const config = await site.config({ influxdb: { url: 'http://127.0.0.1:9' } })
  const backfill = await start(['backfill', site.log], { config })
  t.teardown(() => backfill.stop())
  await backfill.waitFor(/event=waiting/)
  backfill.signal('SIGTERM')
  t.same(await backfill.exited, { status: 1, signal: null })
  t.match(backfill.stderr(), /run it again, nothing is counted twice/)
})
