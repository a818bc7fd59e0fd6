// `probe` and `serve`, the built file twice: every result is in the hub once, though the hub is killed meanwhile.
import { DatabaseSync } from 'node:sqlite'
import t from 'tap'
import { findProgram, needs } from '../services/needed.ts'
import { startNginx } from '../services/nginx.ts'
import { run, start, writeConfig } from '../services/program.ts'
import { freePort, temporaryFolder } from '../services/temporary.ts'
import { until } from './live.ts'

/** What a database holds, or nothing while it is not there. */
function rowsOf(path: string, question: string): Record<string, unknown>[] {
  const database = new DatabaseSync(path, { readOnly: true, timeout: 5000 })
  try {
    return database.prepare(question).all()
  } finally {
    database.close()
  }
}

t.test('every result is in the hub once, though the hub is killed', needs('nginx'), async (t) => {
  await using folder = await temporaryFolder('probe-hub')
  const port = await freePort()
  const events = folder.file('events.sqlite')
  const hub = await writeConfig(
    folder.path,
    { events: { file: events }, serve: { listen: `127.0.0.1:${port}` }, state_dir: folder.file('state') },
    'hub.yml',
  )
  const made = await run(['key', 'create', '--source', 'north', '--scope', 'events:write:probe', '--json'], {
    config: hub,
  })
  const { key } = JSON.parse(made.stdout) as { key: string }
  const log = folder.file('access.log')
  await using nginx = await startNginx({ accessLog: log, server: 'location = /status { stub_status; }' })
  const often = { interval_seconds: 1, timeout_seconds: 2, retries: 0 }
  const ping =
    findProgram('ping') === undefined ? {} : { host: { ...often, kind: 'ping', target: '127.0.0.1', count: 1 } }
  const checks = {
    ...ping,
    port: { ...often, kind: 'tcp', target: `127.0.0.1:${nginx.port}` },
    page: { ...often, kind: 'http', target: `${nginx.url}/`, page: true },
    gone: { ...often, kind: 'http', target: `${nginx.url}/`, status: [418] },
    nginx: { ...often, kind: 'nginx', target: `${nginx.url}/status`, access_log: log },
  }
  const spool = folder.file('probe.sqlite')
  const probe = await writeConfig(
    folder.path,
    { probe: { region: 'north', spool, checks }, hub: { url: `http://127.0.0.1:${port}/`, key } },
    'probe.yml',
  )
  const kept = () => rowsOf(events, 'select id, source, type, known, payload from event')
  let serving = await start(['serve'], { config: hub })
  t.teardown(() => serving.stop())
  await serving.waitFor(/event=serving/)
  const child = await start(['probe'], { config: probe })
  await until('something came', () => kept().length > 0)
  serving.signal('SIGKILL')
  await serving.exited
  const before = kept().length
  await child.waitFor(/event=waiting for=hub/)
  serving = await start(['serve'], { config: hub })
  await serving.waitFor(/event=serving/)
  await until('it goes on', () => kept().length > before + 10)
  await child.stop()

  const [, results = 0, reported] = (/event=probed results=(\d+) reported=(\d+)/.exec(child.stderr()) ?? []).map(Number)
  const waiting = rowsOf(spool, 'select id from result').map(({ id }) => id)
  const ids = kept().map(({ id }) => id)
  t.ok(results > 10)
  t.equal(reported, results)
  t.equal(new Set([...ids, ...waiting]).size, results, 'each is at the hub or still waits')
  t.same(
    kept().filter(({ source, known }) => source !== 'north' || known !== 1),
    [],
    'the hub knows all of them',
  )
  const types = [...new Set(kept().map(({ type }) => type))].sort()
  t.same(types, ['http', 'nginx', ...(findProgram('ping') === undefined ? [] : ['ping']), 'tcp'])
  const payloads = kept().map(({ payload }) => JSON.parse(String(payload)) as Record<string, unknown>)
  const bad = payloads.filter(({ success }) => success !== true)
  t.same([...new Set(bad.map(({ probe, result }) => `${probe} ${result}`))], ['gone response_status_code_mismatch'])
  t.notMatch(child.stderr() + serving.stderr(), key)
})
