// `probe`, the built file: what it sees comes to the hub, whatever fails in between.
import { execFileSync } from 'node:child_process'
import { once } from 'node:events'
import net, { type AddressInfo } from 'node:net'
import t, { type Test } from 'tap'
import { knownPayloads } from '../../src/events/known_payloads.ts'
import { type Child, startChild } from '../services/child.ts'
import { findProgram } from '../services/needed.ts'
import { run, start, writeConfig } from '../services/program.ts'
import { freePort, type TemporaryFolder, temporaryFolder } from '../services/temporary.ts'
import { type SmallHub, startSmallHub } from './hub_stand_in.ts'
import { until } from './live.ts'

const key = 'MARKER-of-the-hub'

interface Site {
  folder: TemporaryFolder
  hub: SmallHub
  /** A port that takes connections, and one that does not. */
  open: string
  closed: string
  config(checks: object, probe?: object): Promise<string>
}

async function site(t: Test): Promise<Site> {
  const folder = await temporaryFolder('probe')
  const hub = await startSmallHub(t)
  const server = net.createServer((socket) => socket.end())
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  t.teardown(async () => {
    server.close()
    await folder.remove()
  })
  const config = (checks: object, probe: object = {}) =>
    writeConfig(folder.path, {
      probe: { region: 'north', checks, ...probe },
      hub: { url: hub.url, key },
    })
  const closed = `127.0.0.1:${await freePort()}`
  return { folder, hub, open: `127.0.0.1:${(server.address() as AddressInfo).port}`, closed, config }
}

const each = { kind: 'tcp', interval_seconds: 1, timeout_seconds: 2, retries: 0 }

async function begun(config: string): Promise<Child> {
  const child = await start(['probe'], { config })
  await child.waitFor(/event=probing/)
  return child
}

t.test('results come to the hub as events', async (t) => {
  const { hub, open, closed, config } = await site(t)
  await using child = await begun(await config({ good: { ...each, target: open }, bad: { ...each, target: closed } }))
  await until('the bad one is down', () => hub.events().some(({ payload }) => payload['state'] === 'down'))
  const [good] = hub.events().filter(({ payload }) => payload['probe'] === 'good')
  t.match(good, { category: 'probe', type: 'tcp', schema_version: '1', id: /^[\da-f]{8}-[\da-f]{4}-7/ })
  const named = { probe: 'good', region: 'north', target: open, kind: 'tcp', interval_seconds: 1 }
  t.match(good!.payload, { ...named, success: true, result: 'success', state: 'up', consecutive_failures: 0 })
  const bad = hub.events().filter(({ payload }) => payload['probe'] === 'bad')
  t.same(
    bad.slice(0, 2).map(({ payload }) => [payload['success'], payload['state'], payload['consecutive_failures']]),
    [
      [false, 'unknown', 1],
      [false, 'down', 2],
    ],
  )
  t.equal(hub.requests[0]?.headers.authorization, `Bearer ${key}`)
  t.match(child.stderr(), /event=probe_state probe=bad state=down/)
  t.notMatch(child.stderr(), key)
  t.equal((await child.stop()).status, 0)
})

t.test('each result comes once, though the hub is away, mute, and the probe is killed', async (t) => {
  const { hub, open, config } = await site(t)
  const path = await config({ a: { ...each, target: open } })
  const child = await begun(path)
  await until('something came', () => hub.events().length > 0)
  hub.failing = 503
  await until('it waits', () => hub.requests.filter(({ status }) => status === 503).length > 1)
  child.signal('SIGKILL')
  await child.exited
  const before = hub.events().length
  hub.failing = null
  hub.isMute = true
  await using again = await begun(path)
  await until('the hub has what it did not confirm', () => hub.events().length > before)
  hub.isMute = false
  await until('it was sent again', () => [...hub.sent.values()].some((times) => times > 1))
  const last = hub.events().length
  await until('and newer ones', () => hub.events().length > last)
  await again.stop()
  const instants = hub.events().map(({ occurred_at }) => occurred_at)
  t.same(instants, [...instants].sort(), 'in their order')
  t.equal(new Set(instants).size, instants.length)
})

t.test('what the hub refuses is dropped and told, and holds up nothing', async (t) => {
  const { hub, open, closed, config } = await site(t)
  hub.refuses = ({ payload }) => payload['probe'] === 'bad'
  await using child = await begun(await config({ good: { ...each, target: open }, bad: { ...each, target: closed } }))
  await child.waitFor(/event=result_refused id=\S+ cause="not this one"/)
  await until('the others come', () => hub.events().length >= 2)
  await until('it was refused again and again', () => hub.sent.size > hub.events().length + 1)
  const refused = [...hub.sent].filter(([id]) => !hub.events().some((event) => event.id === id))
  t.same([...new Set(refused.map(([, times]) => times))], [1])
})

t.test('a key that is not taken loses nothing', async (t) => {
  const { hub, open, config } = await site(t)
  hub.failing = 403
  await using child = await begun(await config({ a: { ...each, target: open } }))
  await child.waitFor(/event=waiting for=hub .*scope/)
  hub.failing = null
  await until('everything comes', () => hub.events().length > 1)
})

t.test('a spool that is full drops the oldest, and says how many', async (t) => {
  const { hub, open, config } = await site(t)
  hub.failing = 503
  await using child = await begun(await config({ a: { ...each, target: open } }, { spool_results: 2 }))
  await child.waitFor(/event=results_dropped/)
  hub.failing = null
  await until('it is told', () => hub.events().some(({ type }) => type === 'dropped'))
  const told = hub.events().find(({ type }) => type === 'dropped')
  t.match(told?.payload, { region: 'north' })
  t.ok(Number(told?.payload['dropped']) > 0)
  t.ok(knownPayloads['probe.dropped']!.safeParse(told?.payload).success, 'as its schema says')
})

t.test('checks of the hub are made, changed, and known while it is away', async (t) => {
  const { hub, open, closed, config } = await site(t)
  hub.checks = {
    far: { ...each, target: open },
    own: { ...each, target: closed },
    file: { kind: 'http', target: 'http://x/', ca_file: '/etc/shadow' },
  }
  const path = await config({ own: { ...each, target: open } }, { from_hub: true })
  const child = await begun(path)
  await child.waitFor(/event=check_left_out check=file/)
  await until('both are made', () => new Set(hub.events().map(({ payload }) => payload['probe'])).size === 2)
  t.ok(hub.requests.some(({ path }) => path === '/v1/probes?region=north'))
  t.ok(
    hub.events().every(({ payload }) => payload['success'] === true),
    'what the configuration says wins',
  )
  await child.stop()
  hub.failing = 503
  await using again = await begun(path)
  await again.waitFor(/event=probe_state probe=far state=up/)
})

t.test('--once: a table, and the exit status', async (t) => {
  const { open, closed, config } = await site(t)
  const always = { name: 'always', start: '2020-01-01T00:00', duration_minutes: 1440, repeat: 'daily' }
  const good = { ...each, target: open }
  const excused = { ...each, target: closed, maintenance: [always] }
  const well = await run(['probe', '--once'], { config: await config({ good, excused }) })
  t.equal(well.status, 0)
  t.match(
    well.stdout,
    new RegExp(`^ok +good +tcp +${open} .*\nmaintenance +excused +tcp +${closed} .*ECONNREFUSED.*\n$`),
  )
  const secret = { kind: 'http', target: `http://user:MARKER@${closed}/x?token=MARKER`, retries: 0 }
  const ill = await run(['probe', '--once', '--json'], { config: await config({ good, secret }) })
  t.equal(ill.status, 1)
  t.notMatch(ill.stdout + ill.stderr, 'MARKER')
  t.match(JSON.parse(ill.stdout), {
    ok: false,
    results: [
      { success: true },
      { success: false, target: `http://${closed}/x`, result: 'connection_failed', result_code: 3 },
    ],
  })
})

t.test('a configuration that is none', async (t) => {
  const { config } = await site(t)
  const { status, stderr } = await run(['probe'], {
    config: await config({ a: { kind: 'ping', target: 'a b' }, b: { kind: 'smtp' }, 'c d': each }),
  })
  t.equal(status, 2)
  t.match(stderr, /probe\.checks\.a\.target: expected a host name or an address/)
  t.match(stderr, /probe\.checks\.b\.kind: expected ping, tcp, http or nginx/)
  t.match(stderr, /a name is up to 100 letters/)
})

/** A network of its own, behind one cable; or why there can't be one here. */
function ownNetwork(): { skip: false | string } {
  const ip = findProgram('ip')
  if (ip === undefined || findProgram('ping') === undefined) return { skip: 'needs ip, ping' }
  try {
    for (const verb of ['add', 'del']) execFileSync(ip, ['netns', verb, `wr-try-${process.pid}`], { stdio: 'pipe' })
    return { skip: false }
  } catch {
    return { skip: 'needs leave to make network namespaces (root)' }
  }
}

t.test('a probe whose own network is down does not blame the target', ownNetwork(), async (t) => {
  const ip = (...args: string[]) => execFileSync(findProgram('ip')!, args, { stdio: 'pipe' })
  const [name, here, there] = [`wr-${process.pid}`, `wr${process.pid}a`, `wr${process.pid}b`]
  const prefix = `198.18.${process.pid % 250}`
  ip('netns', 'add', name)
  t.teardown(() => ip('netns', 'del', name))
  ip('link', 'add', here, 'type', 'veth', 'peer', 'name', there, 'netns', name)
  ip('addr', 'add', `${prefix}.1/24`, 'dev', here)
  ip('link', 'set', here, 'up')
  const inside = (...args: string[]) => ip('-n', name, ...args)
  inside('addr', 'add', `${prefix}.2/24`, 'dev', there)
  const hub = await startSmallHub(t, `${prefix}.1`)
  await using folder = await temporaryFolder('probe')
  const ping = { kind: 'ping', count: 1, interval_seconds: 1, timeout_seconds: 1, retries: 0 }
  const config = await writeConfig(folder.path, {
    probe: {
      region: 'south',
      connectivity: ['gateway', `${prefix}.1`],
      checks: { site: { ...ping, target: `${prefix}.1` }, swallowed: { ...ping, target: `${prefix}.77` } },
    },
    hub: { url: hub.url, key },
  })
  const program = `${import.meta.dirname}/../../dist/workflow-reporting.mjs`
  const args = ['netns', 'exec', name, process.execPath, program, 'probe', '--config', config]
  await using child = await startChild(findProgram('ip')!, args)
  await child.waitFor(/event=probing/)
  await child.waitFor(/event=waiting for=hub/)
  inside('link', 'set', there, 'up')
  // Nobody has that address, but the kernel need not ask: what is sent there is heard of no more.
  inside('neigh', 'replace', `${prefix}.77`, 'lladdr', '02:00:00:00:00:77', 'dev', there)
  const resultsOf = (probe: string) => hub.events().filter(({ payload }) => payload['probe'] === probe)
  await until('the site is up', () => resultsOf('site').some(({ payload }) => payload['state'] === 'up'))
  const [first] = resultsOf('site')
  t.match(first?.payload, {
    ...{ success: false, state: 'unknown', result: 'own_network_down', consecutive_failures: 0 },
    message: "this probe's own network is down",
  })
  await until('the other is down', () => resultsOf('swallowed').some(({ payload }) => payload['state'] === 'down'))
  const down = resultsOf('swallowed').find(({ payload }) => payload['state'] === 'down')
  t.match(down?.payload, { result: 'packet_loss', percent_packet_loss: 100, packets_received: 0 })
})
