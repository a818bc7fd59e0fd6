// The configuration and the secrets file beside it: what comes from where, and what is said about it.
import { chmodSync, writeFileSync } from 'node:fs'
import t, { type Test } from 'tap'
import { Misconfigured } from '../../../src/base/errors.ts'
import { type Configuration, loadConfiguration } from '../../../src/config/load.ts'
import { type TemporaryFolder, temporaryFolder } from '../../services/temporary.ts'

const everything = { database: true, idSecret: true, accessLog: true, influxdb: true }
const minimal =
  'galaxy: {database_url: "postgres://r:p@db/galaxy", id_secret: secret}\nnginx: {access_log: access.log}\n'
const influxdb = 'influxdb: {url: "http://127.0.0.1:8086", database: points}\n'

async function folderWith(t: Test, files: Record<string, string>, mode = 0o600): Promise<TemporaryFolder> {
  const folder = await temporaryFolder('config')
  t.teardown(() => folder.remove())
  for (const [name, text] of Object.entries(files)) writeFileSync(folder.file(name), text, { mode })
  return folder
}

/** Loads it and returns what it wrote to standard error, too. */
async function load(
  folder: TemporaryFolder,
  needs = everything,
): Promise<{ configuration: Configuration; said: string }> {
  let said = ''
  const write = process.stderr.write
  process.stderr.write = ((text: string) => {
    said += text
    return true
  }) as typeof write
  try {
    return { configuration: await loadConfiguration(folder.file('config.yml'), needs), said }
  } finally {
    process.stderr.write = write
  }
}

t.test('what is not said has its default, and paths are relative to the file', async (t) => {
  const folder = await folderWith(t, { 'config.yml': minimal + influxdb })
  const { configuration, said } = await load(folder)
  t.match(configuration, {
    galaxy: { url_prefix: '', match_invocations: true, max_request_seconds: 120 },
    domains: [],
    max_domains: 100,
    nginx: { access_log: [folder.file('access.log')], rotated: [], log_format: { text: 'combined' }, start: 'end' },
    influxdb: { verify_ssl: true, ca_file: null, port: 8086 },
    identity: { local: 'name', registries: {}, hide_unpublished_names: false },
    state_dir: folder.file('state'),
    path: folder.file('config.yml'),
  })
  t.equal(said, '')
})

t.test('paths of every kind', async (t) => {
  const text = `galaxy: {database_url: "postgres://r:p@db/galaxy", id_secret: secret, url_prefix: /galaxy/}
nginx: {access_log: [a.log, /b.log], rotated: ['old/a-*', '/old/b-*']}
influxdb: {url: "http://127.0.0.1:8086", database: points, ca_file: ca.pem}
domains: [WWW.UseGalaxy.org.au, genome.usegalaxy.org.au]
state_dir: ../elsewhere
events:
  rabbitmq: {url: "amqp://mq", ca_file: mq.pem}
  destinations:
    points: {kind: influxdb, url: "https://stats:8086", database: events, ca_file: ca/stats.pem}
    archive: {kind: mongodb, url: "mongodb://mongo", ca_file: /ca/mongo.pem}
probe:
  region: here
  checks: {page: {kind: http, target: "https://there", ca_file: there.pem}}
hub: {url: "https://hub", key: key, ca_file: hub.pem}
`
  const folder = await folderWith(t, { 'config.yml': text })
  const { configuration } = await load(folder)
  const { events, probe, hub } = configuration
  t.match(events, {
    file: folder.file('events.sqlite'),
    rabbitmq: { ca_file: folder.file('mq.pem') },
    destinations: { points: { ca_file: folder.file('ca/stats.pem') }, archive: { ca_file: '/ca/mongo.pem' } },
  })
  t.match(probe?.checks, { page: { ca_file: folder.file('there.pem') } })
  t.match(hub, { ca_file: folder.file('hub.pem') })
  t.same(configuration.nginx.access_log, [folder.file('a.log'), '/b.log'])
  t.same(configuration.nginx.rotated, [folder.file('old/a-*'), '/old/b-*'])
  t.equal(configuration.influxdb.ca_file, folder.file('ca.pem'))
  t.equal(configuration.state_dir, folder.file('../elsewhere'))
  t.equal(configuration.galaxy.url_prefix, '/galaxy')
  t.same(configuration.domains, ['usegalaxy.org.au', 'genome.usegalaxy.org.au'])
})

t.test('a secrets file gives what the configuration leaves out; what stands in the configuration wins', async (t) => {
  const folder = await folderWith(t, {
    'config.yml': `galaxy: {id_secret: from config}\nnginx: {access_log: a}\n${influxdb}`,
    'secret.yml': `galaxy: {database_url: "postgres://r:p@secret/galaxy", id_secret: from secrets, max_request_seconds: 7}
influxdb: {database: other, username: writer, password: password}
`,
  })
  const { configuration, said } = await load(folder)
  t.match(configuration.galaxy, {
    database_url: 'postgres://r:p@secret/galaxy',
    id_secret: 'from config',
    max_request_seconds: 7,
  })
  t.match(configuration.influxdb, { database: 'points', username: 'writer', password: 'password' })
  t.equal(said, '')
})

t.test('the secret.yml of the stats scripts can be used as it is', async (t) => {
  const secret = `salt: abc
pgconn: {main: "postgres://r:p@main/galaxy"}
influxdb: {host: stats.example.org, database: stats, ssl: true, verify_ssl: false, username: node, password: password}
`
  const text = 'galaxy: {id_secret: secret}\nnginx: {access_log: a}\ninfluxdb: {database: points}\n'
  const folder = await folderWith(t, { 'config.yml': text, 'secret.yml': secret })
  const { configuration } = await load(folder)
  t.equal(configuration.galaxy.database_url, 'postgres://r:p@main/galaxy')
  t.match(configuration.influxdb, { host: 'stats.example.org', port: 8086, ssl: true, verify_ssl: false })
  t.equal(configuration.influxdb.database, 'points')

  const url = `${text.replace('{database: points}', '{url: "http://127.0.0.1:1", database: points}')}`
  const over = await folderWith(t, { 'config.yml': url, 'secret.yml': secret })
  t.match((await load(over)).configuration.influxdb, { url: 'http://127.0.0.1:1', host: undefined, username: 'node' })

  const own = await folderWith(t, {
    'config.yml': minimal + influxdb,
    'own.yml': 'pgconn: {main: "postgres://r:p@main/galaxy"}',
  })
  writeFileSync(own.file('config.yml'), `${minimal}${influxdb}secrets_file: own.yml\n`)
  t.equal(
    (await load(own)).configuration.galaxy.database_url,
    'postgres://r:p@db/galaxy',
    'the configuration before pgconn',
  )
  writeFileSync(
    own.file('own.yml'),
    'pgconn: {main: "postgres://r:p@main/galaxy"}\ngalaxy: {database_url: "postgres://r:p@x/galaxy"}\n',
  )
  writeFileSync(
    own.file('config.yml'),
    `galaxy: {id_secret: secret}\nnginx: {access_log: a}\n${influxdb}secrets_file: own.yml\n`,
  )
  t.equal(
    (await load(own)).configuration.galaxy.database_url,
    'postgres://r:p@x/galaxy',
    'the proper key before pgconn',
  )
})

t.test('a mistake in the secrets file is told with that file and line, without the value', async (t) => {
  const folder = await folderWith(t, {
    'config.yml': `nginx: {access_log: a}\n${influxdb}`,
    'secret.yml': 'galaxy:\n  database_url: MARKER\n  id_secret: abc\n  id_secrett: MARKER\n',
  })
  const mistakes = [
    `${folder.file('secret.yml')}:2: galaxy.database_url: expected an address that begins with postgres://`,
    `${folder.file('secret.yml')}:3: galaxy.id_secret: must be 4 to 56 bytes long, as Galaxy itself asks`,
    `${folder.file('secret.yml')}:4: galaxy.id_secrett: unknown key. Did you mean id_secret?`,
  ]
  await t.rejects(load(folder), { message: mistakes.join('\n') })
  for (const text of [
    'pgconn: MARKER',
    'pgconn: {main: 5}',
    '- MARKER',
    'galaxy: {',
    'galaxy: MARKER',
    'influxdb: MARKER',
  ]) {
    writeFileSync(folder.file('secret.yml'), text)
    await t.rejects(load(folder), Misconfigured, text)
    try {
      await load(folder)
    } catch (error) {
      t.notMatch((error as Error).message, /MARKER/, text)
    }
  }
})

t.test('a warning names a secrets file that others can read', async (t) => {
  const secret = 'influxdb: {password: MARKER}\n'
  for (const [mode, readable] of [
    [0o600, false],
    [0o400, false],
    [0o640, true],
    [0o604, true],
    [0o644, true],
  ] as const) {
    const folder = await folderWith(t, { 'config.yml': minimal + influxdb, 'secret.yml': secret })
    chmodSync(folder.file('secret.yml'), mode)
    const { said } = await load(folder)
    t.equal(/level=warn event=secrets_readable_by_others/.test(said), readable, mode.toString(8))
    if (readable) t.match(said, `chmod 600 ${folder.file('secret.yml')}`)
    t.notMatch(said, /MARKER/)
  }
})

t.test('each command needs what it uses, and no more', async (t) => {
  const folder = await folderWith(t, { 'config.yml': 'galaxy: {id_secret: secret}\n' })
  const nothing = { database: false, idSecret: false, accessLog: false, influxdb: false }
  t.equal((await load(folder, { ...nothing, idSecret: true })).configuration.galaxy.id_secret, 'secret')
  for (const need of ['database', 'accessLog', 'influxdb'])
    await t.rejects(load(folder, { ...nothing, [need]: true }), Misconfigured, need)
  await t.rejects(loadConfiguration(folder.file('none.yml'), nothing), { message: /no such file.*--config/ })
})

t.test(
  'a hub is asked for where results are sent, and its key may stand in a secrets file that others share',
  async (t) => {
    const region = 'probe: {region: here}\n'
    const [config, secret] = ['config.yml', 'secret.yml'] as const
    const key = 'galaxy: {id_secret: secret}\nhub:\n  key: KEY\n'
    const sends = { probe: true, hub: true }
    const hub = await folderWith(t, { [config]: 'events: {}\n', [secret]: key })
    t.match(await loadConfiguration(hub.file(config), { events: true }), { hub: { key: 'KEY' } })
    await t.rejects(loadConfiguration(hub.file(config), { hub: true }), {
      message: `${hub.file(secret)}:2: hub.url: is missing. Give the address of the hub's \`serve\``,
    })
    const probe = await folderWith(t, { [config]: `${region}hub: {url: 'http://hub/'}\n`, [secret]: key })
    t.match(await loadConfiguration(probe.file(config), sends), { hub: { url: 'http://hub/', key: 'KEY' } })
    const keyless = await folderWith(t, { [config]: `${region}hub: {url: 'http://hub/'}\n` })
    t.match(await loadConfiguration(keyless.file(config), { probe: true, hub: false }), { hub: { url: 'http://hub/' } })
    await t.rejects(loadConfiguration(keyless.file(config), sends), {
      message: `${keyless.file(config)}:2: hub.key: is missing. \`key create --source NAME --scope events:write:probe\` on the hub makes one`,
    })
  },
)
