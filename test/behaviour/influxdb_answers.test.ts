// Answers that InfluxDB or a proxy before it may give: what is waited for, what is refused, and what is sent.
import { writeFile } from 'node:fs/promises'
import t, { type Test } from 'tap'
import { start } from '../services/program.ts'
import { Live, type LiveSite, requestLine } from './live.ts'
import { type Said, startStandIn } from './stand_in.ts'

const live = await Live.start(t)
const workflows = 8
const lines = Array.from({ length: 40 }, (_, index) => requestLine(1 + (index % workflows), 60 * index))
const ok: Said = { status: 204 }

async function withLog(t: Test): Promise<LiveSite & { log: string }> {
  const site = await live.site(t)
  const log = site.folder.file('old.log')
  await writeFile(log, lines.join(''))
  return Object.assign(site, { log })
}

const passing: Record<string, Said> = {
  'HTTP 429': { status: 429, body: '{"error":"too many requests"}', type: 'application/json' },
  'HTTP 500': { status: 500, body: '{"error":"timeout"}', type: 'application/json' },
  'HTTP 503': { status: 503, body: 'Service Unavailable' },
  'HTTP 502 from a proxy': { status: 502, body: '<html>Bad Gateway</html>', type: 'text/html' },
  'HTTP 400 from a proxy': { status: 400, body: '<html><h1>400 Bad Request</h1></html>', type: 'text/html' },
}

for (const [name, said] of Object.entries(passing))
  t.test(`${name} is waited for`, async (t) => {
    const site = await withLog(t)
    const server = await startStandIn(t, (_, number) => (number < 2 ? said : ok))
    const { status, stdout } = await site.run(['backfill', '--json', site.log], { influxdb: { url: server.url } })
    t.equal(status, 0)
    t.match(JSON.parse(stdout), { points: lines.length, written: lines.length, refused: 0 })
    t.equal(new Set(server.accepted()).size, lines.length)
    t.same(server.asked[1]?.lines, server.asked[0]?.lines, 'the same points again')
  })

t.test('HTTP 413: sent again in smaller parts', async (t) => {
  const site = await withLog(t)
  const html = { status: 413, body: '<html>413 Request Entity Too Large</html>', type: 'text/html' }
  const server = await startStandIn(t, ({ lines }) => (lines.length > 7 ? html : ok))
  const { status, stdout } = await site.run(['backfill', '--json', site.log], { influxdb: { url: server.url } })
  t.equal(status, 0)
  t.match(JSON.parse(stdout), { written: lines.length, refused: 0 })
  t.equal(new Set(server.accepted()).size, lines.length)
})

t.test('HTTP 400 of InfluxDB: the points that are refused are found, and the rest written', async (t) => {
  const site = await withLog(t)
  const bad = (line: string) => line.includes('workflow_name=workflow\\ 3')
  const error = JSON.stringify({ error: 'partial write: field type conflict: input field "x" dropped=1' })
  const server = await startStandIn(t, ({ lines }) => (lines.some(bad) ? { status: 400, body: error } : ok))
  const { status, stdout, stderr } = await site.run(['backfill', '--json', site.log], { influxdb: { url: server.url } })
  const refused = lines.length / workflows
  t.equal(status, 1, 'something was refused')
  t.match(JSON.parse(stdout), { points: lines.length, written: lines.length - refused, refused })
  t.equal(new Set(server.accepted()).size, lines.length - refused)
  t.match(stderr, /event=point_refused .*field type conflict/)
  t.match(stderr, /InfluxDB refused 5 points for good/)
})

t.test('a connection that breaks off before the answer is waited for', async (t) => {
  const site = await withLog(t)
  const server = await startStandIn(t, (_, number) => (number < 2 ? 'breaks off' : ok))
  const { status } = await site.run(['backfill', site.log], { influxdb: { url: server.url } })
  t.equal(status, 0)
  t.equal(new Set(server.accepted()).size, lines.length)
})

t.test('an answer that never comes is waited for no longer than was asked', async (t) => {
  const site = await withLog(t)
  const server = await startStandIn(t, () => 'nothing')
  const config = await site.config({ influxdb: { url: server.url } })
  await using backfill = await start(['backfill', '--patience', '1', site.log], { config })
  await backfill.waitFor(/run it again when it is back, nothing is counted twice/, { timeoutMs: 12_000 })
  t.same(await backfill.exited, { status: 1, signal: null })
})

t.test('what 1.x is sent', async (t) => {
  const site = await withLog(t)
  const server = await startStandIn(t, () => ok)
  const changes = { influxdb: { url: server.url, username: 'wr:iter', password: 'pä ss' } }
  t.equal((await site.run(['backfill', site.log], changes)).status, 0)
  const [asked] = server.asked
  t.match(asked, { method: 'POST', path: '/write', query: { db: site.name, precision: 'ns' } })
  t.equal(asked?.headers.authorization, `Basic ${Buffer.from('wr:iter:pä ss').toString('base64')}`)
  t.ok(asked?.lines.every((line) => /^workflow_invocation,[^ ].* \d{19}$/.test(line)))
  t.notMatch(JSON.stringify(asked?.query), /ss/, 'no password in an address, which is logged')
})

t.test('what 2.x is sent', async (t) => {
  const site = await withLog(t)
  const server = await startStandIn(t, () => ok)
  const { influxdb: _, ...rest } = site.configuration()
  const influxdb = { url: server.url, org: 'an org', bucket: 'a bucket', token: 'a-token' }
  const finished = await site.run(['backfill', site.log], { ...(rest as object), influxdb: null })
  t.equal(finished.status, 2, 'nothing without an address')
  const changes = { influxdb: { ...influxdb, database: undefined, username: undefined, password: undefined } }
  const { status, stderr } = await site.run(['backfill', site.log], changes)
  t.equal(status, 0, stderr)
  const [asked] = server.asked
  t.match(asked, {
    method: 'POST',
    path: '/api/v2/write',
    query: { org: 'an org', bucket: 'a bucket', precision: 'ns' },
  })
  t.equal(asked?.headers.authorization, 'Token a-token')
  t.equal(new Set(server.accepted()).size, lines.length)
})

t.test('2.x behind a path, and without the right to write', async (t) => {
  const site = await withLog(t)
  const said = {
    status: 401,
    body: '{"code":"unauthorized","message":"unauthorized access"}',
    type: 'application/json',
  }
  const server = await startStandIn(t, (_, number) => (number === 0 ? said : ok))
  const influxdb = { url: `${server.url}/influx/`, org: 'o', bucket: 'b', token: 'a-secret-token', database: undefined }
  const { status, stderr } = await site.run(['backfill', site.log], {
    influxdb: { ...influxdb, username: undefined, password: undefined },
  })
  t.equal(status, 0)
  t.match(stderr, /HTTP 401: unauthorized access.*influxdb\.token/)
  t.notMatch(stderr, /a-secret-token/)
  t.equal(server.asked[0]?.path, '/influx/api/v2/write')
})
