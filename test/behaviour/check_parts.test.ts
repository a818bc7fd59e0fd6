// `check` where there is no collector: a hub of events, or a probe, is asked for what it needs and nothing else.
import { once } from 'node:events'
import { existsSync } from 'node:fs'
import { mkdir, writeFile } from 'node:fs/promises'
import net, { type AddressInfo } from 'node:net'
import t, { type Test } from 'tap'
import { run } from '../services/program.ts'
import { HubSite } from './hub_site.ts'

interface Finding {
  name: string
  ok: boolean
  detail: string
  remedy?: string
}

async function check(config: object | string, ...args: string[]) {
  const { status, stdout, stderr } = await run(['check', '--json', ...args], { config })
  const checks = stdout === '' ? [] : (JSON.parse(stdout) as { checks: Finding[] }).checks
  return { status, stderr, checks, of: (name: string) => checks.find((finding) => finding.name === name) }
}

const names = (checks: Finding[]) => checks.map(({ name }) => name)
const probe = { region: 'north', spool: 'spool/probe.sqlite' }
const elsewhere = { url: 'http://127.0.0.1:9/', key: 'MARKER' }

/** A port that something else listens on. */
async function takenPort(t: Test): Promise<number> {
  const server = net.createServer((socket) => socket.destroy()).listen(0, '127.0.0.1')
  await once(server, 'listening')
  t.teardown(() => server.close())
  return (server.address() as AddressInfo).port
}

t.test('offline, no part is asked for the keys of another', async (t) => {
  for (const [config, part] of [
    [{ events: {} }, 'hub'],
    [{ events: {}, store: 'points.sqlite' }, 'hub'],
    [{ probe, hub: elsewhere }, 'probe'],
    [{ events: {}, probe, hub: elsewhere }, 'hub, a probe'],
  ] as const) {
    const found = await check(config, '--offline')
    t.match(found, { status: 0, checks: [{ name: 'configuration', detail: `makes this host a ${part}` }] }, part)
    t.equal(found.checks.length, 1)
  }
})

t.test('offline, what a part lacks is told', async (t) => {
  for (const [config, lacks] of [
    [{}, ['galaxy.database_url', 'galaxy.id_secret', 'nginx.access_log', 'influxdb.url']],
    [{ probe }, ['hub']],
    [{ events: {}, influxdb: { url: 'http://127.0.0.1:9' } }, ['influxdb.database']],
    [{ events: {}, nginx: { access_log: 'x' } }, ['galaxy.database_url', 'galaxy.id_secret', 'influxdb.url']],
    [{ probe, hub: elsewhere, galaxy: { id_secret: 'a secret' } }, ['galaxy.database_url', 'nginx.access_log']],
  ] as const) {
    const { status, stderr } = await check(config, '--offline')
    t.equal(status, 2)
    for (const key of lacks) t.match(stderr, `${key}: is missing`)
  }
})

t.test('a hub is looked at part by part, and nothing is made', async (t) => {
  const site = await HubSite.make(t)
  const config = await site.config()
  const { status, checks, of } = await check(config)
  t.equal(status, 0)
  t.same(new Set(names(checks)), new Set(['configuration', 'state folder', 'events file', 'serve']))
  t.match(of('events file'), { detail: 'can be made' })
  t.match(of('serve'), { detail: '127.0.0.1:0 can be listened on' })
  t.notOk(existsSync(site.file))
  await mkdir(site.folder.file('events'))
  await writeFile(site.file, 'no database at all, but long enough to be taken for one, as SQLite reads a hundred bytes')
  const port = await takenPort(t)
  const wrong = await check(await site.config({}, { serve: { listen: `127.0.0.1:${port}` } }))
  t.equal(wrong.status, 1)
  t.match(wrong.of('events file'), { ok: false, detail: 'events.sqlite' })
  t.match(wrong.of('serve'), { ok: false, detail: /another program listens there/ })
})

t.test('a hub that runs is well', async (t) => {
  const site = await HubSite.make(t)
  const { url } = await site.start()
  const found = await check(await site.config({}, { serve: { listen: new URL(url).host } }))
  t.match(found.of('serve'), { ok: true, detail: /answers: ok/ })
  t.match(found.of('events file'), { ok: true, detail: 'would take events' })
})

t.test('a probe asks its hub whether the key may do what it does, and sends nothing', async (t) => {
  const site = await HubSite.make(t)
  const { url } = await site.start()
  const of = async (settings: object, key: string, at = url) => {
    const found = await check({ probe: { ...probe, ...settings }, hub: { url: at, key } })
    t.same(new Set(names(found.checks)), new Set(['configuration', 'probe.spool', 'hub']))
    t.notMatch(JSON.stringify(found.checks), key)
    return found
  }
  const writes = await site.key('--scope', 'events:write:probe')
  const reads = await site.key('--scope', 'events:write:probe', '--scope', 'probes:read')
  t.match((await of({}, writes)).of('hub'), { ok: true, detail: 'answers, and the key may send results' })
  t.match((await of({}, await site.key('--scope', 'events:write:*'))).of('hub'), { ok: true })
  for (const scope of ['events:write:job', 'events:read', 'probes:read']) {
    const lacks = await of({}, await site.key('--scope', scope))
    t.equal(lacks.status, 1, scope)
    t.match(lacks.of('hub'), {
      ok: false,
      detail: /no scope events:write:probe/,
      remedy: /hub\.key.*events:write:probe/,
    })
  }
  t.match((await of({ from_hub: true }, reads)).of('hub'), { ok: true })
  t.match((await of({ from_hub: true }, writes)).of('hub'), {
    ok: false,
    detail: /no scope probes:read/,
    remedy: /from_hub/,
  })
  const unknown = await of({}, `wr_0123456789ab_${'A'.repeat(43)}`)
  t.match(unknown.of('hub'), { ok: false, detail: /HTTP 401/, remedy: /hub\.key/ })
  t.equal(unknown.status, 1)
  t.match((await of({}, writes, 'http://127.0.0.1:9/')).of('hub'), { ok: false, detail: /ECONNREFUSED/ })
  t.same(site.ids(), [])
})
