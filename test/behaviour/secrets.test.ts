// Secrets show nowhere: not in messages, results, process arguments or what is kept on disk, whatever goes wrong.
import { readdirSync, readFileSync } from 'node:fs'
import { chmod, mkdir, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import t from 'tap'
import { stringify } from 'yaml'
import { startInfluxdb } from '../services/influxdb.ts'
import { descendants } from '../services/process_tree.ts'
import { run, start } from '../services/program.ts'
import { encodeId } from '../world/encoded_id.ts'
import { type Changes, Live, type LiveSite, requestLine, until } from './live.ts'
import { startStandIn } from './stand_in.ts'

const marker = /MARKER|mark%45R|TUFSS/i
const idSecret = 'MARKER-of-the-ids'
const databaseUrl = 'postgres://reader:MARKER-of-the-database@127.0.0.1:9/galaxy'
const live = await Live.start(t)

/** The environment of a service: its standard error goes to the journal. */
const environments = [{ PATH: process.env.PATH }, { PATH: process.env.PATH, JOURNAL_STREAM: '8:1' }]

async function withMarkers(site: LiveSite, changes: Changes = {}): Promise<string> {
  return await site.config({
    ...changes,
    galaxy: { id_secret: idSecret, ...(changes['galaxy'] as object | undefined) },
    influxdb: { username: 'writer', password: 'MARKER-of-influxdb', ...(changes['influxdb'] as object | undefined) },
  })
}

t.test('with everything out of reach', async (t) => {
  const site = await live.site(t)
  const log = site.folder.file('old.log')
  await writeFile(log, requestLine(encodeId(idSecret, 1), 0) + requestLine('f'.repeat(16), 1))
  const nowhere = { galaxy: { database_url: databaseUrl }, influxdb: { url: 'http://u:MARKER@127.0.0.1:9' } }
  const unresolvable = {
    galaxy: { database_url: 'postgres://reader:MARKER@no-such-host.invalid/galaxy' },
    influxdb: { url: 'https://no-such-host.invalid:8086' },
  }
  const reachable = { galaxy: { database_url: site.site.readerUrl } }
  const oddly = {
    galaxy: { database_url: 'postgres://reader:MARKER%40%2F@127.0.0.1:9/galaxy?sslmode=require&x=MARKER' },
  }
  for (const env of environments)
    for (const changes of [nowhere, unresolvable, reachable, oddly]) {
      const config = await withMarkers(site, changes)
      const commands = [
        ['backfill', '--patience', '0.3', log],
        ['backfill', '--dry-run', '--patience', '0.3', log],
        ['check', '--json'],
        ['audit', '--since', '2024-01-01', '--until', '2024-01-02', '--patience', '0.3'],
        ['decode', 'f'.repeat(16), encodeId(idSecret, 1)],
        ['explain', 'f'.repeat(16), encodeId(idSecret, 1)],
      ]
      const runs = commands.map(async (args) => {
        const { stdout, stderr } = await run(args, { config, env })
        t.notMatch(stdout + stderr, marker, args.slice(0, 2).join(' '))
        t.not(stdout + stderr, '')
      })
      await Promise.all(runs)
    }
})

t.test('in a configuration that is wrong in every way', async (t) => {
  const site = await live.site(t)
  const files: [config: string, secrets: string][] = [
    ['galaxy: {id_secret: "MARKER', ''],
    ['galaxy:\n\tid_secret: MARKER', ''],
    ['galaxy: {id_secret: MARKER, id_secret: MARKER2}', ''],
    ['galaxy: MARKER', ''],
    ['galaxy: {database_url: MARKER, id_secret: [MARKER]}', ''],
    ['galaxy: {database_url: "postgres://reader:MAR/MARKER@host/galaxy"}', ''],
    ['galaxy: {id_secret: &MARKER x, database_url: *MARKERS}', ''],
    ['galaxy: {id_secret: !MARKER x}', ''],
    ['influxdb: {token: {MARKER: 1}, password: [MARKER], url: "MARKER://x"}', ''],
    ['galaxy: {database_url: x, id_secret:MARKER}', ''],
    ['galaxy: {id_secret MARKER}', ''],
    ['galaxy: {id_secret: {{ MARKER }} }', ''],
    ['galaxy: {? [MARKER] : x}', ''],
    ['{}', 'influxdb: {username: x, password:MARKER}'],
    ['{}', 'MARKER'],
    ['{}', 'pgconn: MARKER'],
    ['{}', 'pgconn: {main: MARKER}'],
    ['{}', 'galaxy: {id_secret: "MARKER'],
    ['{}', 'galaxy: {id_secret: MARKER: x}'],
    ['{}', '%MARKER\n---\n"MARKER'],
  ]
  for (const [config, secrets] of files) {
    await writeFile(site.folder.file('bad.yml'), config)
    await writeFile(site.folder.file('secret.yml'), secrets, { mode: 0o600 })
    const { status, stdout, stderr } = await run(['collect'], { config: site.folder.file('bad.yml') })
    t.equal(status, 2, config)
    t.not(stderr, '')
    t.notMatch(stdout + stderr, marker, `${config} ${secrets}`)
  }
})

t.test('in points that are refused, and in answers of servers', async (t) => {
  const site = await live.site(t)
  const log = site.folder.file('old.log')
  await writeFile(log, requestLine(encodeId(idSecret, 1), 0))
  const galaxy = { database_url: site.site.readerUrl }
  const answers = [400, 401, 403, 404, 500].map((status) => ({
    status,
    body: JSON.stringify({ error: 'partial write: something' }),
    type: 'application/json',
  }))
  for (const answer of answers) {
    const server = await startStandIn(t, () => answer)
    const own = { galaxy, influxdb: { url: server.url.replace('//', '//u:MARKER@') } }
    const { status, stderr } = await run(['backfill', '--patience', '0.3', log], {
      config: await withMarkers(site, own),
    })
    t.equal(status, 1)
    t.match(stderr, `HTTP ${answer.status}`)
    t.notMatch(stderr, marker)
    t.ok(
      server.asked.every(({ query }) => !marker.test(JSON.stringify(query))),
      'nor in an address',
    )
  }
})

t.test('in a running collector: its arguments, its state, its messages', async (t) => {
  const site = await live.site(t)
  await live.influxdb.addUser('marked', 'MARKER-of-influxdb', { [site.name]: 'WRITE' })
  await live.postgres
    .sql('postgres')
    .unsafe(`create role marked login password 'MARKER-of-the-database' in role reader`)
  const database = new URL(site.site.readerUrl)
  database.username = 'marked'
  database.password = 'MARKER-of-the-database'
  const secrets = {
    pgconn: { main: database.href },
    galaxy: { id_secret: idSecret },
    influxdb: { username: 'marked', password: 'MARKER-of-influxdb' },
  }
  await writeFile(site.folder.file('marked.yml'), stringify(secrets), { mode: 0o644 })
  const own = site.configuration() as Record<string, Record<string, unknown>>
  const { database_url: _1, id_secret: _2, ...galaxy } = own['galaxy']!
  const { username: _3, password: _4, ...influxdb } = own['influxdb']!
  const config = site.folder.file('open.yml')
  await writeFile(config, stringify({ ...own, galaxy, influxdb, secrets_file: 'marked.yml' }))
  for (const status of [200, 403, 502]) await site.write(requestLine(encodeId(idSecret, 1), status, { status }))
  await site.write(requestLine('f'.repeat(16), 1))

  const collector = await start(['collect'], { config })
  t.teardown(() => collector.stop())
  await until('points', async () => (await site.found()).refused === 2)
  t.match(collector.stderr(), /event=secrets_readable_by_others/)
  for (const part of ['cmdline', 'environ', 'comm'])
    t.notMatch(readFileSync(`/proc/${collector.pid}/${part}`, 'latin1'), marker, part)
  await live.influxdb.restart()
  await live.postgres.restart()
  await site.write(requestLine(encodeId(idSecret, 2), 500))
  await until('points again', async () => (await site.found()).withoutRow === 2)
  await collector.stop()
  t.notMatch(collector.stderr() + collector.stdout(), marker)
  for (const name of readdirSync(site.folder.file('state')))
    t.notMatch(readFileSync(site.folder.file('state', name), 'latin1'), marker, name)
  t.notMatch(live.postgres.log(), marker)
})

t.test('of servers that know neither user nor password, and of a certificate that nobody knows', async (t) => {
  await using secure = await startInfluxdb({ tls: true })
  const site = await live.site(t)
  const log = site.folder.file('old.log')
  await writeFile(log, requestLine(encodeId(idSecret, 1), 0))
  const stranger = new URL(site.site.readerUrl)
  stranger.password = 'MARKER-of-the-database'
  const galaxies = { known: { database_url: site.site.readerUrl }, stranger: { database_url: stranger.href } }
  const cases: [galaxy: object, influxdb: object, said: RegExp][] = [
    [galaxies.stranger, {}, /password authentication failed/],
    [galaxies.known, { url: live.influxdb.url }, /HTTP 401/],
    [galaxies.known, { url: secure.url }, /ca_file/],
    [galaxies.known, { url: secure.url.replace('https', 'http') }, /InfluxDB/],
    [galaxies.known, { url: live.influxdb.url.replace('http', 'https') }, /InfluxDB/],
  ]
  for (const [galaxy, influxdb, said] of cases) {
    const config = await withMarkers(site, { galaxy: { ...galaxy }, influxdb: { ...influxdb } })
    for (const args of [
      ['backfill', '--patience', '0.3', log],
      ['check'],
      ['check', '--json'],
      ['explain', '--json', '1'],
    ]) {
      const { stdout, stderr } = await run(args, { config })
      t.notMatch(stdout + stderr, marker, args.join(' '))
      if (args[0] === 'check') t.match(stdout + stderr, said)
    }
  }
})

t.test('in what an uncaught error leaves behind', async (t) => {
  const site = await live.site(t)
  const config = await withMarkers(site, { galaxy: { database_url: site.site.readerUrl } })
  // As Node.js and drivers do it: the address, the statement and the cause hang on the error.
  const thrown = `
    const error = new TypeError('Invalid URL', { cause: new Error('MARKER') })
    Object.assign(error, { input: 'postgres://reader:MARKER@db/galaxy', options: { password: 'MARKER' } })`
  for (const way of ['throw error', 'Promise.reject(error)', 'setImmediate(() => { throw error })']) {
    const source = `process.stderr.write = new Proxy(process.stderr.write, {
      apply(write, to, [text]) {
        if (String(text).includes('event=collecting')) setTimeout(() => { ${thrown}; ${way} })
        return Reflect.apply(write, to, [text])
      } })`
    // Not a data: address, which the stack would show.
    await writeFile(site.folder.file('fault.mjs'), source)
    const env = { ...environments[0], NODE_OPTIONS: `--import ${site.folder.file('fault.mjs')}` }
    const { status, stderr } = await run(['collect'], { config, env })
    t.equal(status, 1, way)
    t.match(stderr, /^TypeError: Invalid URL\n {4}at /m, 'the stack, to find the fault')
    t.notMatch(stderr, marker, way)
  }
})

t.test('in arguments and environments of its children', async (t) => {
  const site = await live.site(t)
  const programs = site.folder.file('programs')
  await mkdir(programs)
  // What systemd-notify is given stands in a file, and the program stays a while to be looked at.
  const told = site.folder.file('told')
  const notify = `#!/bin/sh\nenv >> ${told}\ntr '\\0' ' ' < /proc/$$/cmdline >> ${told}\necho >> ${told}\n`
  await writeFile(join(programs, 'systemd-notify'), notify)
  await chmod(join(programs, 'systemd-notify'), 0o755)
  const config = await withMarkers(site, {
    galaxy: { database_url: databaseUrl },
    influxdb: { url: 'http://u:MARKER@127.0.0.1:9' },
  })
  const env = {
    PATH: `${programs}:${process.env.PATH}`,
    NOTIFY_SOCKET: site.folder.file('notify'),
    WATCHDOG_USEC: '1000000',
  }
  await site.write(requestLine(encodeId(idSecret, 1), 0))
  const collector = await start(['collect'], { config, env })
  t.teardown(() => collector.stop())
  await collector.waitFor(/event=waiting/)
  await until('systemd is told of it', () => /STATUS=/.test(readIfThere(told)))
  for (const pid of [collector.pid, ...(await descendants(collector.pid))])
    for (const part of ['cmdline', 'environ']) t.notMatch(readIfThere(`/proc/${pid}/${part}`), marker, part)
  await collector.stop()
  t.notMatch(readIfThere(told), marker)
  t.notMatch(collector.stderr() + collector.stdout(), marker)
})

function readIfThere(path: string): string {
  try {
    return readFileSync(path, 'latin1')
  } catch {
    return ''
  }
}
