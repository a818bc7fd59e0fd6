// `serve`, the built file, over real HTTP: what it shows, what it tells, and what it keeps to itself.
import { existsSync, rmSync } from 'node:fs'
import net from 'node:net'
import t, { type Test } from 'tap'
import type { Point } from '../../src/pipeline/entry.ts'
import { PointWriter } from '../../src/store/points.ts'
import type { View } from '../../src/store/view.ts'
import type { Child } from '../services/child.ts'
import { request } from '../services/http.ts'
import { run, start, writeConfig } from '../services/program.ts'
import { type TemporaryFolder, temporaryFolder } from '../services/temporary.ts'
import { Live, until } from './live.ts'

const plantedUser = 4_242_424_241n
const second = (text: string) => BigInt(Date.parse(text) / 1000) * 1_000_000_000n

let points = 0
function invocation(time: string, tags: Point['tags'] = {}, fields: Point['fields'] = {}): Point {
  points += 2
  return {
    measurement: 'workflow_invocation',
    tags: { domain: 'genome.example', workflow_name: 'RNA', canonical_id: 'RNA', identity: 'local', ...tags },
    fields: {
      count: 1,
      user_id: plantedUser,
      owner_id: plantedUser,
      workflow_id: 777_000_777n,
      derived: false,
      ...fields,
    },
    timeNs: second(time) + BigInt(points),
  }
}
const refused = (time: string, status: string, domain = 'genome.example'): Point => ({
  measurement: 'workflow_invocation_rejected',
  tags: { domain, status },
  fields: { count: 1 },
  timeNs: second(time) + BigInt(++points),
})
const hub = { canonical_id: 'workflowhub:109', workflow_name: 'Assembly', identity: 'trs', trs_server: 'workflowhub' }

interface Site {
  folder: TemporaryFolder
  store: string
  writer: PointWriter
  start(serve?: object): Promise<{ child: Child; url: string }>
}

async function site(t: Test): Promise<Site> {
  const folder = await temporaryFolder('serve')
  const store = folder.file('points.sqlite')
  let writer: PointWriter | null = null
  t.teardown(async () => {
    writer?.close()
    await folder.remove()
  })
  return {
    folder,
    store,
    get writer() {
      writer ??= PointWriter.open(store)
      return writer
    },
    async start(serve = {}) {
      const settings = { store, state_dir: 'state', serve: { listen: '127.0.0.1:0', ...serve } }
      const child = await start(['serve'], { config: await writeConfig(folder.path, settings) })
      t.teardown(() => child.stop())
      const [, url] = await child.waitFor(/event=serving url=(\S+)/)
      return { child, url: url! }
    },
  }
}

async function viewOf(url: string, query = ''): Promise<View> {
  const { status, body } = await request(`${url}api/view?${query}`)
  if (status !== 200) throw new Error(`${status} ${body}`)
  return JSON.parse(body) as View
}

t.test('what was counted, filtered, and nobody by number', async (t) => {
  const { writer, start } = await site(t)
  writer.write([
    invocation('2026-06-20T10:00:00Z'),
    invocation('2026-06-21T10:00:00Z', { domain: 'other' }, { user_id: 2n }),
    invocation('2026-06-21T11:00:00Z', hub, { trs_version_id: '3' }),
    invocation('2026-06-22T11:00:00Z', { ...hub, workflow_name: 'Assembly, new' }, { trs_version_id: '4' }),
    invocation('2026-05-21T11:00:00Z', hub),
    refused('2026-06-21T11:00:00Z', '403'),
    refused('2026-06-21T11:00:00Z', '404', 'other'),
  ])
  const { url } = await start()
  const june = 'from=2026-06-01&until=2026-07-01'
  const view = await viewOf(url, june)
  t.match(view, {
    asked: { range: null, from: '2026-06-01T00:00:00Z', until: '2026-07-01T00:00:00Z' },
    bucket: 'day',
    totals: { invocations: 4, people: 2, withoutPerson: 0, workflows: 2, labs: 2, rejected: 2 },
    people: [
      { domain: 'genome.example', people: 1, invocations: 3 },
      { domain: 'other', people: 1, invocations: 1 },
    ],
    counted: { first: '2026-05-21T11:00:00Z', last: '2026-06-22T11:00:00Z', invocations: 5 },
    collector: { running: false },
    versions: null,
  })
  t.equal(view.buckets.length, 30)
  t.match(
    view.workflows.find(({ identity }) => identity === 'trs'),
    { name: 'Assembly, new', link: 'https://workflowhub.eu/workflows/109', invocations: 2, people: 1 },
  )
  t.match(await viewOf(url, `${june}&domain=other`), { totals: { invocations: 1, rejected: 1, labs: 1 } })
  t.match(await viewOf(url, `${june}&registry=workflowhub`), { totals: { invocations: 2, rejected: 2 } })
  t.match(await viewOf(url, `${june}&identity=local&identity=url`), { totals: { invocations: 2 } })
  t.match(await viewOf(url, `${june}&workflow=workflowhub:109`), {
    totals: { invocations: 2 },
    versions: [
      { version: '3', invocations: 1 },
      { version: '4', invocations: 1 },
    ],
  })
  t.match(await viewOf(url, 'range=all'), { totals: { invocations: 5 } })

  const csv = await request(`${url}api/data/workflows.csv?${june}`)
  t.match(csv.headers['content-type'], /^text\/csv/)
  t.equal(
    csv.headers['content-disposition'],
    'attachment; filename="workflow-invocations_workflows_2026-06-01_2026-06-30.csv"',
  )
  t.match(csv.body, /^canonical_id,name,.*\r\n.*workflowhub:109,"Assembly, new",trs,workflowhub,/s)
  const names = ['over_time', 'workflows', 'people', 'origins', 'versions', 'rejected']
  const answers = [view, csv.body, await request(`${url}metrics`), await request(url)].map((it) => JSON.stringify(it))
  for (const name of names)
    for (const ending of ['csv', 'json']) {
      const { status, body } = await request(`${url}api/data/${name}.${ending}?${june}&workflow=workflowhub:109`)
      t.equal(status, 200)
      t.not(body, '')
      answers.push(body)
    }
  t.match(answers.at(-1), /^\[\{"status":\d{3},"requests":\d+\}/)
  for (const answer of answers) t.notMatch(answer, /4242424241|777000777/, 'no id of a person or of a stored workflow')

  for (const [path, status, error] of [
    ['api/view?range=2d', 400, /^range: "2d" is none/],
    ['api/view?user=1', 400, /^"user": unknown/],
    ['api/data/people.csv?from=x', 400, /^from: /],
    ['api/data/versions.csv', 400, /^workflow: is missing/],
    ['api/data/people.xls', 404, /^no such data/],
    ['api/data/toString.csv', 404, /^no such data/],
    ['nowhere', 404, /nothing/],
  ] as const) {
    const answer = await request(`${url}${path}`)
    t.equal(answer.status, status, path)
    t.match(JSON.parse(answer.body), { error })
  }
})

t.test('a store that is not there yet, comes, grows, changes and is replaced', async (t) => {
  const it = await site(t)
  const { url } = await it.start()
  t.match(await viewOf(url), { totals: { invocations: 0, before: null }, counted: null, workflows: [] })
  const totals = async () => (await viewOf(url, 'range=all')).totals
  const events = await listen(t, url)
  it.writer.write([invocation('2026-06-20T10:00:00Z')])
  t.same(await events.next('changed'), { points: 1, last: '2026-06-20T10:00:00Z' })
  t.match(await totals(), { invocations: 1, people: 1 })
  const again = invocation('2026-06-20T11:00:00Z', hub)
  const { user_id, ...withoutUser } = again.fields
  it.writer.write([{ ...again, fields: withoutUser }])
  t.match(await events.next('changed'), { points: 2 })
  t.match(await totals(), { invocations: 2, people: 1, withoutPerson: 1 })
  it.writer.write([{ ...again, fields: { ...again.fields, user_id: 5n } }])
  await until('the older row is read anew', async () => (await totals()).people === 2)
  t.match(await totals(), { invocations: 2, people: 2, withoutPerson: 0 })

  it.writer.close()
  for (const ending of ['', '-wal', '-shm']) rmSync(`${it.store}${ending}`, { force: true })
  const other = PointWriter.open(it.store)
  other.write([1, 2, 3].map(() => invocation('2026-06-20T10:00:00Z')))
  other.close()
  await until('the other file is read', async () => (await totals()).invocations === 3)
})

t.test('what a running collector writes is told at once', async (t) => {
  const live = await Live.start(t)
  const site = await live.site(t)
  const changes = { store: site.folder.file('points.sqlite'), serve: { listen: '127.0.0.1:0' } }
  const child = await start(['serve'], { config: await site.config(changes) })
  t.teardown(() => child.stop())
  const [, url] = await child.waitFor(/event=serving url=(\S+)/)
  const events = await listen(t, url!)
  await site.collect(changes)
  t.match(await events.next('collector'), { running: true, counters: { lines: 0 } })
  await site.site.invoke()
  t.match(await events.next('changed'), { points: 1 })
  await until('the collector has said so', async () => (await viewOf(url!)).collector.running)
  t.match(await viewOf(url!, 'range=24h'), { totals: { invocations: 1 }, collector: { running: true } })
  await until('its counters are seen', async () =>
    /^workflow_reporting_written_total 1$/m.test((await request(`${url}metrics`)).body),
  )
  const { body } = await request(`${url}metrics`)
  for (const line of ['up 1', 'lines_total \\d+', 'lag_seconds \\d+', 'uptime_seconds \\d+', 'refused_total 0'])
    t.match(body, new RegExp(`^workflow_reporting_${line}$`, 'm'))
  t.match(body, /^workflow_reporting_store_points\{measurement="workflow_invocation"\} 1$/m)
})

t.test('headers, methods, compression and the page', async (t) => {
  const { writer, start } = await site(t)
  writer.write([invocation('2026-06-20T10:00:00Z')])
  const { url } = await start()
  for (const path of ['', 'page.js', 'page.css', 'api/view', 'metrics', 'nowhere', 'api/view?x=1']) {
    const { headers } = await request(`${url}${path}`)
    t.match(headers, {
      'content-security-policy': /^default-src 'none'; script-src 'self'; style-src 'self';.*frame-ancestors 'none'$/,
      'x-content-type-options': 'nosniff',
      'referrer-policy': 'no-referrer',
      'cross-origin-opener-policy': 'same-origin',
      'cross-origin-resource-policy': 'same-origin',
    })
  }
  for (const method of ['POST', 'PUT', 'DELETE', 'OPTIONS', 'PATCH']) {
    const { status, headers } = await request(`${url}api/view`, { method })
    t.match({ status, allow: headers.allow }, { status: 405, allow: 'GET, HEAD' })
  }
  for (const path of ['', 'api/view', 'api/events', 'healthz'])
    t.match(await request(`${url}${path}`, { method: 'HEAD' }), { status: 200, body: '' })
  const page = await request(url)
  t.match(page.headers['content-type'], /^text\/html/)
  t.notMatch(page.body, /(?:src|href)="(?:\/|https?:)/, 'addresses are relative, so that a proxy may put it anywhere')
  const script = await request(`${url}page.js`)
  t.ok(script.headers.etag)
  const headers = { 'If-None-Match': String(script.headers.etag) }
  t.match(await request(`${url}page.js`, { headers }), { status: 304, body: '' })
  const gzip = { headers: { 'Accept-Encoding': 'gzip' } }
  t.equal((await request(`${url}api/view`, gzip)).headers['content-encoding'], 'gzip')
  t.equal((await request(`${url}healthz`, gzip)).headers['content-encoding'], undefined)
})

t.test('only names of this machine, unless public_url names another', async (t) => {
  const it = await site(t)
  const { url } = await it.start()
  const asked = (to: string, host: string) => request(`${to}api/view`, { headers: { Host: host } })
  for (const host of [
    'evil.example',
    'evil.example:8090',
    '127.0.0.1.evil.example',
    'localhost.evil.example',
    '192.0.2.1',
  ])
    t.match(await asked(url, host), { status: 421, body: /serve\.public_url/ }, host)
  for (const host of ['localhost', 'LOCALHOST:1', '127.0.0.1:8090', '[::1]:8090', 'a.localhost'])
    t.equal((await asked(url, host)).status, 200, host)
  const behind = await it.start({ public_url: 'https://stats.example.org/workflows/' })
  t.equal((await asked(behind.url, 'stats.example.org')).status, 200)
  t.equal((await asked(behind.url, 'evil.example')).status, 421)
  const open = await it.start({ listen: '0.0.0.0:0' })
  t.equal((await asked(open.url.replace('0.0.0.0', '127.0.0.1'), 'stats.example.org')).status, 200)
})

t.test('it stops at once, listeners or not, and says why it cannot start', async (t) => {
  const it = await site(t)
  const { child, url } = await it.start()
  const events = await listen(t, url)
  child.signal('SIGTERM')
  t.match(await child.exited, { status: 0 })
  await events.closed
  t.notOk(existsSync(it.store), 'a reader makes no store')

  const taken = await it.start()
  const config = { store: it.store, serve: { listen: new URL(taken.url).host } }
  const second = await run(['serve'], { config })
  t.equal(second.status, 1)
  t.match(second.stderr, /serve\.listen \(127\.0\.0\.1:\d+\): another program listens there\. Stop it/)
  const without = await run(['serve'], { config: {} })
  t.equal(without.status, 2)
  t.match(without.stderr, /store: is missing\. Name a file/)
})

t.test('listeners are bounded', async (t) => {
  const { start } = await site(t)
  const { url } = await start()
  const all = await Promise.all(Array.from({ length: 100 }, () => listen(t, url)))
  const { status, headers } = await request(`${url}api/events`)
  t.match({ status, after: headers['retry-after'] }, { status: 503, after: '30' })
  all[0]!.close()
  await until('there is room again', async () => {
    const answer = await fetch(`${url}api/events`)
    await answer.body?.cancel()
    return answer.status === 200
  })
})

/** Listens to the server's events on a socket of its own. */
async function listen(t: Test, url: string) {
  const { hostname, port } = new URL(url)
  const socket = net.connect(Number(port), hostname)
  t.teardown(() => socket.destroy())
  let text = ''
  socket.setEncoding('utf8').on('data', (more) => {
    text += more
  })
  const closed = new Promise<void>((resolve) => socket.once('close', () => resolve()))
  socket.on('error', () => {})
  socket.write(`GET /api/events HTTP/1.1\r\nHost: ${hostname}\r\n\r\n`)
  await until('the stream begins', () => text.includes('retry:'))
  let read = 0
  return {
    closed,
    close: () => socket.destroy(),
    /** The data of the next event of that name. */
    async next(name: string): Promise<unknown> {
      const pattern = new RegExp(`event: ${name}\ndata: (.*)\n\n`, 'g')
      await until(`an event ${name}`, () => {
        pattern.lastIndex = read
        return pattern.test(text)
      })
      read = pattern.lastIndex
      pattern.lastIndex = 0
      const events = [...text.slice(0, read).matchAll(pattern)]
      return JSON.parse(events.at(-1)![1]!)
    },
  }
}
