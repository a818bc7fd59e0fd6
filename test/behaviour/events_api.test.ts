// `serve` as a hub of events, the built file, over real HTTP: what it takes, what it refuses, and what it keeps.
import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { mkdir } from 'node:fs/promises'
import { join } from 'node:path'
import { gzipSync } from 'node:zlib'
import t from 'tap'
import { mountSmallDisk } from '../../faults/small_disk.ts'
import { newEventId } from '../../src/events/event_id.ts'
import { request } from '../services/http.ts'
import { run } from '../services/program.ts'
import { ask, HubSite, job, jsonType, send } from './hub_site.ts'
import { until } from './live.ts'
import { startStandIn } from './stand_in.ts'

const all = ['--scope', 'events:write:*', '--scope', 'events:read']

t.test('one event, a list, and one a line', async (t) => {
  const site = await HubSite.make(t)
  const { url } = await site.start()
  const key = await site.key(...all)
  const id = newEventId()
  const one = await send(url, key, { id, occurred_at: '2026-06-25T10:00:00+10:00', ...job({ job_id: 7 }, 'submitted') })
  t.match(one, { status: 202, json: { accepted: 1, duplicate: 0, refused: 0 } })
  t.same(one.json.results, [{ index: 0, id, status: 'accepted', known: true }])
  t.same((await send(url, key, { id, ...job() })).json.results, [{ index: 0, id, status: 'duplicate', known: false }])
  const kept = await ask(url, key, `events/${id.toUpperCase()}`)
  t.match(kept.json, {
    ...{
      id,
      occurred_at: '2026-06-25T00:00:00.000Z',
      source: 'galaxy',
      category: 'job',
      type: 'submitted',
      known: true,
    },
    ...{ schema_version: '1', payload: { job_id: 7 }, destinations: [] },
  })
  t.match(await ask(url, key, `events/${newEventId()}`), { status: 404, json: { error: /no event of this id/ } })

  const list = await send(url, key, [job(), job({}, 'finished'), 5, job()])
  t.equal(list.status, 202)
  t.match(list.json, { accepted: 2, refused: 2 })
  t.match(list.json.results, [
    { index: 0, status: 'accepted' },
    { index: 1, id: null, status: 'refused', field: 'payload.job_id', error: /^is missing/ },
    { index: 2, id: null, status: 'refused', error: /expected an object/ },
    { index: 3, status: 'accepted', known: false },
  ])
  const lines = `${JSON.stringify(job())}\r\n\n${JSON.stringify(job())}\n`
  t.match(await send(url, key, lines, { 'Content-Type': 'application/x-ndjson' }), {
    status: 202,
    json: { accepted: 2 },
  })
  const packed = gzipSync(JSON.stringify(job()))
  t.match(await send(url, key, packed, { ...jsonType, 'Content-Encoding': 'gzip' }), { status: 202 })
  t.equal(site.ids().length, 6)
})

t.test("CloudEvents in each of their HTTP forms, and Clowder's", async (t) => {
  const site = await HubSite.make(t)
  const { url } = await site.start()
  const key = await site.key(...all)
  const event = { specversion: '1.0', id: 'a 7', source: '/galaxy', type: 'org.example.job.late', data: { n: 1 } }
  const structured = { 'Content-Type': 'application/cloudevents+json; charset=utf-8' }
  const first = await send(url, key, event, structured)
  t.match(first, { status: 202, json: { accepted: 1 } })
  const [{ id } = { id: null }] = first.json.results!
  const batch = await send(url, key, [event, { ...event, id: 'b' }], {
    'Content-Type': 'application/cloudevents-batch+json',
  })
  t.match(batch, { status: 202, json: { accepted: 1, duplicate: 1 } })
  const binary = {
    'ce-specversion': '1.0',
    'ce-id': 'a%207',
    'ce-source': '/galaxy',
    'ce-type': 'org.example.job.late',
  }
  t.match(await send(url, key, '{"n":1}', { ...binary, ...jsonType }), {
    json: { results: [{ id, status: 'duplicate' }] },
  })
  t.match(await send(url, key, event), { json: { duplicate: 1 } }, 'as JSON of any form, too')
  const kept = await ask(url, key, `events/${id}`)
  t.match(kept.json, {
    ...{ source: 'galaxy', category: 'job', type: 'late', payload: { n: 1 } },
    extensions: { source: '/galaxy', id: 'a 7', type: 'org.example.job.late' },
  })
  const back = await ask(url, key, `events/${id}`, { Accept: 'application/cloudevents+json' })
  t.match(back.headers, { 'content-type': 'application/cloudevents+json' })
  t.match(back.json, event)

  const created = Date.parse('2026-06-25T10:00:00.123Z')
  const anonymous = '000000000000000000000000'
  const clowder = {
    category: 'view_resource',
    type: 'dataset',
    resource_id: '5a',
    resource_name: 'Soil',
    author_id: '5b',
  }
  const flat = { ...clowder, author_name: 'Ada', user_id: anonymous, user_name: 'Anonymous', created }
  const answer = await send(url, key, flat)
  t.match(answer, { status: 202, json: { accepted: 1, results: [{ known: true }] } })
  t.match(await send(url, key, flat), { json: { duplicate: 1 } })
  t.match((await ask(url, key, `events/${answer.json.results![0]!.id}`)).json, {
    occurred_at: '2026-06-25T10:00:00.123Z',
    payload: { resource_id: '5a', resource_name: 'Soil', author_id: '5b', author_name: 'Ada', user_id: null },
  })
})

t.test('what bad input gets', async (t) => {
  const site = await HubSite.make(t)
  const { url, child } = await site.start({ limits: { body_bytes: 2000, batch: 3 } })
  const key = await site.key('--scope', 'events:write:job')
  const reader = await site.key('--scope', 'events:read')
  const soon = new Date(Date.now() + 1500).toISOString()
  const expiring = await site.key('--scope', 'events:write:*', '--expires', soon)
  const large = job({ text: 'x'.repeat(2100) })
  const bomb = gzipSync(JSON.stringify(job({ text: 'x'.repeat(1_000_000) })))
  t.ok(bomb.length < 2000)
  const other = key.replace(/.$/, (last) => (last === 'A' ? 'B' : 'A'))
  const probe = { category: 'job', type: 'finished', payload: { job_id: 1, state: 'ok', runtime_seconds: -1 } }
  for (const [name, status, expected, sent] of [
    ['no key', 401, /^Authorization: is missing/, send(url, null, job())],
    ['an unknown key', 401, /is no key of this hub/, send(url, other, job())],
    ['something else', 401, /is no key of this hub/, send(url, 'x', job())],
    [
      'another scheme',
      401,
      /^Authorization: the key is not shown\. Send it as Bearer KEY$/,
      send(url, null, job(), { ...jsonType, Authorization: 'Basic eDp5' }),
    ],
    ['a key that may only read', 403, /no scope events:write/, send(url, reader, job())],
    [
      'another category',
      403,
      /^the key has no scope events:write:user$/,
      send(url, key, { category: 'user', type: 'x' }),
    ],
    ['broken JSON', 400, /^the body is no JSON from line 2, column 3 on$/, send(url, key, '{\n  x')],
    ['a broken line', 400, /line 2, column 1/, send(url, key, '{}\nx\n', { 'Content-Type': 'application/x-ndjson' })],
    ['no UTF-8', 400, /not UTF-8/, send(url, key, Buffer.from([0x22, 0xff, 0x22]))],
    ['nothing', 400, /^the body is empty$/, send(url, key, '')],
    ['an empty list', 400, /holds no event/, send(url, key, [])],
    ['no gzip', 400, /no gzip/, send(url, key, '{}', { ...jsonType, 'Content-Encoding': 'gzip' })],
    [
      'a list as one',
      400,
      /expected one event/,
      send(url, key, '[]', { 'Content-Type': 'application/cloudevents+json' }),
    ],
    ['a bad name', 400, /^Idempotency-Key/, send(url, key, job(), { ...jsonType, 'Idempotency-Key': 'a b' })],
    ['a large body', 413, /larger than 2000 bytes/, send(url, key, large)],
    [
      'a large body of no known length',
      413,
      /larger/,
      send(url, key, large, { ...jsonType, 'Transfer-Encoding': 'chunked' }),
    ],
    ['one that unpacks to it', 413, /larger/, send(url, key, bomb, { ...jsonType, 'Content-Encoding': 'gzip' })],
    ['a large batch', 413, /4 events, and 3 may be sent/, send(url, key, [1, 2, 3, 4])],
    ['another type', 415, /^Content-Type: is not known/, send(url, key, job(), { 'Content-Type': 'text/plain' })],
    ['no type', 415, /^Content-Type: is missing/, send(url, key, job(), {})],
    ['another packing', 415, /^Content-Encoding/, send(url, key, job(), { ...jsonType, 'Content-Encoding': 'br' })],
    ['a broken known type', 422, /^payload\.runtime_seconds: expected 0 or more$/, send(url, key, probe)],
    ['no event', 422, /expected an object/, send(url, key, '7')],
  ] as const) {
    const answer = await sent
    t.match(answer, { status, json: { error: expected } }, name)
    if (status === 401) t.match(answer.headers['www-authenticate'], /^Bearer realm=/)
  }
  t.match(await send(url, key, '{\n  x'), { json: { line: 2, column: 3 } })
  t.match(await send(url, key, probe), { json: { results: [{ field: 'payload.runtime_seconds', status: 'refused' }] } })
  const mixed = await send(url, key, [job(), { category: 'user', type: 'x' }])
  t.match(mixed, { status: 202, json: { accepted: 1, refused: 1 } })
  t.match(mixed.json.results![1], { status: 'refused', error: /no scope events:write:user/ })
  t.match(await ask(url, key, 'destinations'), { status: 403, json: { error: /events:read/ } })
  t.match(await ask(url, reader, 'key'), { json: { source: 'galaxy', scopes: ['events:read'], expires: null } })
  t.match(await ask(url, 'wr_0', 'key'), { status: 401 })
  t.match(await ask(url, reader, 'destinations'), { status: 200, json: { destinations: [] } })
  for (const method of ['GET', 'PUT', 'DELETE', 'OPTIONS', 'PATCH']) {
    const { status, headers } = await request(`${url}v1/events`, {
      method,
      headers: { Origin: 'https://evil.example' },
    })
    t.match({ status, allow: headers.allow }, { status: 405, allow: 'POST' })
    t.equal(headers['access-control-allow-origin'], undefined)
  }
  await until('the key has expired', async () => (await send(url, expiring, job())).status === 401)
  t.match(await send(url, expiring, job()), { json: { error: 'Authorization: the key has expired' } })
  for (const host of ['evil.example', '127.0.0.1.evil.example'])
    t.match(await send(url, key, job(), { ...jsonType, Host: host }), { status: 421 })
  t.notMatch(child.stderr(), /request_failed/)
})

t.test('a hub that listens for others, too', async (t) => {
  const site = await HubSite.make(t)
  const { url } = await site.start({}, { serve: { listen: '0.0.0.0:0' } })
  const key = await site.key(...all)
  const answer = await send(url.replace('0.0.0.0', '127.0.0.1'), key, job(), { ...jsonType, Host: 'hub.example.org' })
  t.equal(answer.status, 202)
})

t.test('a key that sends too fast waits, and holds up no other', async (t) => {
  const site = await HubSite.make(t)
  const { url } = await site.start({ limits: { rate_per_second: 2, burst: 4 } })
  const [key, other] = [await site.key(...all), await site.key(...all)]
  t.equal((await send(url, key, [job(), job(), job(), job()])).status, 202)
  const tooFast = await send(url, key, [job(), job()])
  t.match(tooFast, { status: 429, headers: { 'retry-after': /^[12]$/ }, json: { error: /2 events a second/ } })
  t.equal((await send(url, other, job())).status, 202)
  await until('it may send again', async () => (await send(url, key, job())).status === 202)
})

t.test('a request of the same name is done once', async (t) => {
  const site = await HubSite.make(t)
  const { url } = await site.start()
  const [key, other] = [await site.key(...all), await site.key(...all)]
  const named = (name: string) => ({ ...jsonType, 'Idempotency-Key': name })
  const first = await send(url, key, [job(), {}], named('a'))
  t.match(first, { status: 202, json: { accepted: 1, refused: 1 } })
  t.same((await send(url, key, [job(), {}], named('a'))).json, first.json)
  t.match(await send(url, key, job(), named('a')), {
    status: 422,
    json: { error: /^Idempotency-Key: was sent with another/ },
  })
  t.match(await send(url, other, job(), named('a')), { status: 202 }, 'of another key it is another')
  // Whether they truly meet in flight is for test/unit/web/accept.test.ts.
  const twice = await Promise.all(Array.from({ length: 20 }, () => send(url, key, [job(), job()], named('b'))))
  t.equal(new Set(twice.map(({ body }) => body)).size, 1)
  t.equal(site.ids().length, 4)
})

t.test('what got 202 outlives kill -9, and sent again under its name is there once', async (t) => {
  const site = await HubSite.make(t)
  let hub = await site.start()
  const key = await site.key(...all)
  const accepted = new Set<string>()
  const waitingNames = Array.from({ length: 400 }, (_, number) => `request-${number}`)
  const sendSome = async () => {
    for (let name = waitingNames.shift(); name !== undefined; name = waitingNames.shift()) {
      const sent = await send(hub.url, key, [job({ name }), job({ name })], {
        ...jsonType,
        'Idempotency-Key': name,
      }).catch(() => null)
      if (sent === null) {
        waitingNames.push(name)
        return
      }
      t.equal(sent.status, 202)
      for (const { id } of sent.json.results!) accepted.add(id!)
    }
  }
  let kills = 0
  while (waitingNames.length > 0) {
    const killAt = accepted.size + 150
    const senders = Promise.all(Array.from({ length: 8 }, sendSome))
    if (kills < 3) {
      await until('some are accepted', () => accepted.size >= killAt)
      hub.child.signal('SIGKILL')
      await hub.child.exited
      kills++
    }
    await senders
    if (!hub.child.running()) hub = await site.start()
  }
  t.equal(kills, 3)
  t.same(site.ids().toSorted(), [...accepted].toSorted())
  t.equal(accepted.size, 800)
})

t.test(
  'a full disk: 503, and what was accepted is safe',
  { skip: process.getuid?.() !== 0 && 'needs root' },
  async (t) => {
    const site = await HubSite.make(t)
    const folder = site.folder.file('events')
    await mkdir(folder)
    await using disk = await mountSmallDisk(folder)
    site.through = disk.through
    const { url, child } = await site.start()
    t.ok(existsSync(join(disk.folder, 'events.sqlite')), 'its file is on the small disk')
    t.match(await request(`${url}healthz`), { status: 200, body: 'ok\n' })
    const key = await site.key(...all)
    const accepted: string[] = []
    const event = () => job({ text: 'x'.repeat(50_000) })
    const sendOne = async () => {
      const answer = await send(url, key, event())
      if (answer.status === 202) accepted.push(answer.json.results![0]!.id!)
      return answer
    }
    for (let sent = 0; sent < 5; sent++) await sendOne()
    disk.fill()
    let refused = await sendOne()
    for (let sent = 0; refused.status === 202 && sent < 400; sent++) refused = await sendOne()
    t.match(refused, { status: 503, headers: { 'retry-after': /^\d+$/ }, json: { error: /full/ } })
    t.match(await request(`${url}healthz`), { status: 503, body: /^no events are accepted: .*full/ })
    for (const id of accepted.slice(0, 3)) t.match(await ask(url, key, `events/${id}`), { status: 200 })
    disk.free()
    await until('it accepts again', async () => (await sendOne()).status === 202)
    t.match(await request(`${url}healthz`), { status: 200 })
    for (const id of accepted) t.equal((await ask(url, key, `events/${id}`)).status, 200)
    t.ok(child.running())
    await child.stop()
  },
)

t.test('no more than may wait for a destination that is down', async (t) => {
  const site = await HubSite.make(t)
  const influxdb = await startStandIn(t, () => ({ status: 503 }))
  const there = { kind: 'influxdb', url: influxdb.url, database: 'events' }
  const { url } = await site.start({ limits: { waiting: 5 }, destinations: { there } })
  const key = await site.key(...all)
  t.equal((await send(url, key, [job(), job(), job(), job(), job()])).status, 202)
  const answer = await send(url, key, job())
  t.match(answer, {
    status: 503,
    headers: { 'retry-after': /^\d+$/ },
    json: { error: /5 events wait for a destination/ },
  })
  t.match(await request(`${url}healthz`), { status: 503, body: /events\.limits\.waiting/ })
  t.match((await ask(url, key, 'destinations')).json, {
    destinations: [{ destination: 'there', waiting: 5, delivered: 0 }],
  })
})

t.test('the way of an event to each destination', async (t) => {
  const site = await HubSite.make(t)
  let poisonFails = true
  const influxdb = await startStandIn(t, ({ path, lines }) => {
    if (path !== '/write') return { status: 200 }
    const text = lines.join()
    if (text.includes('bad=')) return { status: 400, body: '{"error":"partial write: no"}', type: 'application/json' }
    return { status: text.includes('poison=') && poisonFails ? 500 : 204 }
  })
  const common = { kind: 'influxdb', url: influxdb.url, database: 'events' }
  const retry = { attempts: 3, first_seconds: 3600, longest_seconds: 3600 }
  const jobs = { ...common, filter: ['job.*'], retry }
  const paused = { ...common, url: 'http://127.0.0.1:9' }
  const { url } = await site.start({ destinations: { jobs, paused } })
  const key = await site.key(...all)
  const sent = await send(url, key, [
    job({ good: 1 }),
    job({ bad: 1 }),
    { category: 'user', type: 'x' },
    job({ poison: 1 }),
  ])
  const ids = sent.json.results!.map(({ id }) => id!)
  const wayOf = async (id: string) => (await ask(url, key, `events/${id}`)).json['destinations'] as { state: string }[]
  await until('the first is delivered', async () => (await wayOf(ids[0]!))[0]!.state === 'delivered')
  t.match(await wayOf(ids[0]!), [
    { destination: 'jobs', state: 'delivered', attempts: 1, at: /Z$/, cause: null },
    { destination: 'paused', state: 'waiting', attempts: 0, at: null, cause: null },
  ])
  t.match(await wayOf(ids[1]!), [{ state: 'dead', attempts: 1, cause: /partial write/ }, {}])
  t.match(await wayOf(ids[2]!), [{ state: 'skipped', attempts: 0 }, { state: 'waiting' }])
  await until('the last is tried again later', async () => {
    await send(url, key, job({ good: 2 }))
    return (await wayOf(ids[3]!))[0]!.state === 'retrying'
  })
  poisonFails = false
  await until('the other is known to be down', async () => {
    const { json } = await ask(url, key, 'destinations')
    return (json['destinations'] as { circuit: string }[])[1]!.circuit === 'open'
  })
  const { json } = await ask(url, key, 'destinations')
  t.match(json, {
    destinations: [
      { destination: 'jobs', paused: false, retrying: 1, dead_letters: 1 },
      { destination: 'paused', circuit: 'open', cause: /./, delivered: 0 },
    ],
  })
})

t.test('keys: shown once, changed while it runs, and in no log or file', async (t) => {
  const site = await HubSite.make(t)
  const { url, child } = await site.start()
  const made = await site.keyCommand('create', '--source', 'lab.1', '--scope', 'events:write:job', '--json')
  const { id, key, scopes } = JSON.parse(made.stdout) as { id: string; key: string; scopes: string[] }
  t.same(scopes, ['events:write:job'])
  t.match((await site.keyCommand('list')).stdout, new RegExp(`^${id} +lab\\.1 +valid +never +events:write:job$`, 'm'))
  t.equal((await send(url, key, job())).status, 202)
  t.equal((await send(url, key, '{')).status, 400)
  const today = new Date().toISOString().slice(0, 10)
  t.match(JSON.parse((await site.keyCommand('list', '--json')).stdout), [{ id, last_used: today, revoked: null }])
  t.match(await site.keyCommand('revoke', id), { status: 0 })
  t.match(await send(url, key, job()), { status: 401, json: { error: 'Authorization: the key is revoked' } })
  t.match(await site.keyCommand('revoke', 'x'), { status: 1, stderr: /no key has this id/ })
  for (const [args, mistake] of [
    [['create', '--scope', 'events:read'], /--source NAME/],
    [['create', '--source', 'a b', '--scope', 'events:read'], /--source a b: expected/],
    [['create', '--source', 'a'], /needs --scope/],
    [['create', '--source', 'a', '--scope', 'events:write'], /--scope events:write: is none/],
    [['create', '--source', 'a', '--scope', 'events:read', '--expires', '2020-01-01'], /is past/],
    [['revoke'], /needs one ID/],
    [['list', '--source', 'a'], /takes no --source/],
    [['make'], /needs create, list or revoke/],
  ] as const)
    t.match(await site.keyCommand(...args), { status: 2, stderr: mistake, stdout: '' }, args.join(' '))
  await child.stop()
  const secret = key.split('_').slice(2).join('_')
  t.equal(child.stderr().includes(secret), false)
  const files = readdirSync(site.folder.path, { recursive: true, withFileTypes: true }).filter((it) => it.isFile())
  for (const { parentPath, name } of files) {
    const bytes = readFileSync(join(parentPath, name))
    t.equal(bytes.includes(secret) || bytes.includes(Buffer.from(secret, 'base64url')), false, name)
  }
  const without = await run(['key', 'list'], { config: { store: 'x' } })
  t.match(without, { status: 2, stderr: /events: is missing/ })
  for (const words of [
    ['dead', 'list'],
    ['pause', '--destination', 'there'],
  ])
    t.match((await run(words, { config: { store: 'x' } })).stderr, /config\.yml: events: is missing\. Name its `file`/)
  const help = (await run(['key', '--help'])).stdout
  t.match(help, /^ {2}key +create .*events:write:CATEGORY.*probes:write\n\nFILE is config\.yml/s, 'its own part alone')
  t.notMatch(help, /dead|pause/)
  t.match((await run(['--help'])).stdout, /^workflow-reporting counts.*dead +list \[--destination NAME\].*FILE is/s)
  t.match(await run(['serve', '--frob']), { status: 2, stderr: '--frob: no such option. --help lists them\n' })
})

t.test('what it tells of itself', async (t) => {
  const site = await HubSite.make(t)
  const { url } = await site.start()
  const page = await request(`${url}v1/`)
  t.match(page.headers, { 'content-type': /^text\/html/, 'content-security-policy': /default-src 'none'/ })
  t.notMatch(page.body, /<script|style=|(?:src|href)="(?:\/|https?:)/)
  t.equal((await request(`${url}v1/reference.css`)).status, 200)
  t.match(await request(`${url}v1`), { status: 302, headers: { location: 'v1/' } })
  t.match(JSON.parse((await request(`${url}v1/schemas/job.finished`)).body), { required: ['job_id', 'state'] })
  t.equal((await request(`${url}v1/schemas/toString`)).status, 404)
  const { schemas } = JSON.parse((await request(`${url}v1/schemas`)).body) as { schemas: string[] }
  for (const name of schemas) t.equal((await request(`${url}v1/schemas/${name}`)).status, 200, name)
  t.match(await request(`${url}api/view`), { status: 404, body: /no store of invocations/ })
  t.match(await request(`${url}metrics`), { status: 200, body: /workflow_reporting_up 0/ })
  t.equal((await request(url)).status, 200)
})
