// Everything that this program itself sends as an event is of a known type, and as its schema says.
import { once } from 'node:events'
import { readFile } from 'node:fs/promises'
import https from 'node:https'
import type { AddressInfo } from 'node:net'
import t from 'tap'
import type { Payload } from '../../src/events/event.ts'
import { newEventId } from '../../src/events/event_id.ts'
import { knownPayloads } from '../../src/events/known_payloads.ts'
import { isKnown } from '../../src/events/known_types.ts'
import { eventOfPoint } from '../../src/events/point_event.ts'
import { makeCertificates } from '../services/certificates.ts'
import { needs } from '../services/needed.ts'
import { startNginx } from '../services/nginx.ts'
import { run } from '../services/program.ts'
import { temporaryFolder } from '../services/temporary.ts'
import { probed, testHub } from '../unit/availability/hub.ts'

const start = Date.parse('2026-06-25T10:00:00Z')

function known(category: string, type: string, payload: Payload): boolean {
  const named = { id: newEventId(), occurredMs: start, source: 's', category, type, schemaVersion: '1' }
  return isKnown({ ...named, payload, extensions: {} }, 'payload')
}

t.test("a probe's results, and every field that their schemas name is sent", needs('nginx', 'ping'), async (t) => {
  await using folder = await temporaryFolder('own-types')
  const accessLog = folder.file('access.log')
  await using nginx = await startNginx({ accessLog, server: 'location = /status { stub_status; }' })
  const { caFile, certificateFile, keyFile } = await makeCertificates(folder.path)
  const [cert, key] = await Promise.all([readFile(certificateFile), readFile(keyFile)])
  const server = https.createServer({ cert, key }, (_, response) => response.end('<p>Galaxy</p>'))
  await once(server.listen(0, '127.0.0.1'), 'listening')
  t.teardown(() => server.close())
  const { port } = server.address() as AddressInfo
  const page = { kind: 'http', target: `https://127.0.0.1:${port}/`, ca_file: caFile, page: true, certificate_days: 1 }
  const window = { name: 'always', start: '2020-01-01T00:00', duration_minutes: 1440, repeat: 'daily' }
  const checks = {
    host: { kind: 'ping', target: '127.0.0.1', count: 1 },
    port: { kind: 'tcp', target: `127.0.0.1:${nginx.port}` },
    page,
    other: { ...page, status: [418], retries: 0, maintenance: [window] },
    nginx: { kind: 'nginx', target: `${nginx.url}/status`, access_log: accessLog },
    nobody: { kind: 'tcp', target: '127.0.0.1:9', retries: 0, maintenance: [window] },
    nowhere: { kind: 'nginx', target: 'http://127.0.0.1:9/', retries: 0, maintenance: [window] },
  }
  const { stdout } = await run(['probe', '--once', '--json'], { config: { probe: { region: 'north', checks } } })
  const { results } = JSON.parse(stdout) as { results: (Payload & { kind: string; probe: string })[] }
  t.same(
    results.map(({ success }) => success),
    [true, true, true, false, true, false, false],
  )
  for (const result of results) t.ok(known('probe', result.kind, result), result.probe)
  for (const kind of ['ping', 'tcp', 'http', 'nginx']) {
    const sent = new Set(results.filter((result) => result.kind === kind).flatMap((result) => Object.keys(result)))
    const named = Object.keys(knownPayloads[`probe.${kind}`]!.shape)
    // Only a whole minute of the log has clients; only in a window there is one.
    const missing = named.filter((name) => !sent.has(name) && !['unique_clients', 'maintenance'].includes(name))
    t.same(missing, [], kind)
  }
})

t.test("the hub's own", async (t) => {
  const hub = await testHub(t)
  const pushed = { service_name: 'disk', interval_seconds: 60 }
  await hub.acceptAt(start, probed(start), { ...probed(start, pushed), category: 'service_status', type: 'up' })
  const watch = hub.watch(start)
  for (let now = start; now <= start + 600_000; now += 5000) await watch.look(now)
  const later = start + 660_000
  await hub.acceptAt(later, probed(later))
  await watch.look(later)
  const own = hub.database.prepare("select type, payload, known from event where source = 'hub' order by seq").all()
  t.same(
    own.map(({ type }) => type),
    ['silent', 'silent', 'heard'],
  )
  for (const { type, payload, known: isToldKnown } of own) {
    t.ok(known('probe', String(type), JSON.parse(String(payload)) as Payload))
    t.equal(isToldKnown, 1)
  }
})

t.test("the collector's", async (t) => {
  for (const measurement of ['workflow_invocation', 'workflow_invocation_rejected', 'workflow_reporting']) {
    const fields = { user_id: 7n, seconds: 0.5, name: 'x', ok: true }
    const point = { measurement, tags: { domain: 'x' }, fields, timeNs: BigInt(start) * 1_000_000n }
    const event = eventOfPoint(point, 'host', start)
    t.ok(event.known)
    t.ok(known(event.category, event.type, event.payload))
  }
})
