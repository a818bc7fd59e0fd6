// Whatever is wrong with a configuration, it is refused in words that show no secret.
import { writeFileSync } from 'node:fs'
import fc from 'fast-check'
import t from 'tap'
import { stringify } from 'yaml'
import { Misconfigured } from '../../src/base/errors.ts'
import { loadConfiguration } from '../../src/config/load.ts'
import { temporaryFolder } from '../services/temporary.ts'
import { holdsLater, hostileText } from './property.ts'

const everything = { database: true, idSecret: true, accessLog: true, influxdb: true }
const marker = /MAR[KE]{2}R/

const folder = await temporaryFolder('configuration')
t.teardown(() => folder.remove())
const path = folder.file('config.yml')
const secretsPath = folder.file('secret.yml')

/** True where it is taken, or refused in words; and neither says a secret. */
async function isTakenOrRefused(text: string, secrets: string): Promise<boolean> {
  writeFileSync(path, text)
  writeFileSync(secretsPath, secrets, { mode: 0o600 })
  let said = ''
  const write = process.stderr.write
  process.stderr.write = ((words: string) => {
    said += words
    return true
  }) as typeof write
  try {
    await loadConfiguration(path, everything)
  } catch (error) {
    if (!(error instanceof Misconfigured)) throw error
    said += error.message
    if (error.mistakes.length === 0 || error.mistakes.some((mistake) => mistake === '')) return false
  } finally {
    process.stderr.write = write
  }
  return !marker.test(said)
}

const secret = fc.constantFrom(
  'MARKER',
  'postgres://reader:MARKER@db/galaxy',
  'postgres://reader:MAR/MARKER@db',
  'http://u:MARKER@x',
  4711,
)
const value: fc.Arbitrary<unknown> = fc.oneof(
  secret,
  fc.constantFrom(null, true, 0, -1, 1.5, '', 'x', '/x', 'http://x', [], {}),
  fc.array(secret, { maxLength: 2 }),
  fc.dictionary(fc.constantFrom('main', 'text', 'escape', 'username', 'password', 'x'), secret, { maxKeys: 2 }),
)
const sections: Record<string, string[]> = {
  galaxy: ['database_url', 'id_secret', 'url_prefix', 'match_invocations', 'max_request_seconds', 'secret'],
  nginx: ['access_log', 'rotated', 'start'],
  influxdb: [
    'url',
    'host',
    'port',
    'ssl',
    'database',
    'username',
    'password',
    'org',
    'bucket',
    'token',
    'read',
    'passwort',
  ],
  identity: ['local', 'registries', 'hide_unpublished_names'],
  ledger: ['keep_days'],
  pgconn: ['main', 'other'],
}
const data = fc.record(
  Object.fromEntries([
    ...Object.entries(sections).map(([name, keys]) => [
      name,
      fc.oneof({ weight: 4, arbitrary: fc.dictionary(fc.constantFrom(...keys), value, { maxKeys: 4 }) }, value),
    ]),
    ['max_domains', value],
    ['domains', value],
  ]) as Record<string, fc.Arbitrary<unknown>>,
  { requiredKeys: [] },
)

t.test('values of any type at any key', async () => {
  await holdsLater([data, data], (config, secrets) => isTakenOrRefused(stringify(config), stringify(secrets)), 150)
})

const whole = `# a comment
galaxy:
  database_url: "postgres://reader:MARKER@db:5432/galaxy"
  id_secret: MARKER of the ids
  max_request_seconds: 30
nginx: {access_log: access.log, log_format: '$remote_addr [$time_local] "$request" $status'}
influxdb:
  url: http://127.0.0.1:8086
  database: points
  username: writer
  password: 'MARKER'
domains: [usegalaxy.org.au]
`

t.test('a file that a hand slipped in', async () => {
  const slip = fc.record({
    at: fc.nat({ max: whole.length }),
    gone: fc.nat({ max: 3 }),
    text: hostileText(
      [':', ' ', '\n', '\t', '"', "'", '{', '}', '[', ']', '&a ', '*a', '!', '|', '>', '%', '#', '- ', '? ', '<<: '],
      3,
    ),
  })
  await holdsLater(
    [slip],
    async ({ at, gone, text: more }) => {
      const text = whole.slice(0, at) + more + whole.slice(at + gone)
      return (await isTakenOrRefused(text, '')) && (await isTakenOrRefused('{}', text))
    },
    300,
  )
})

t.test('no YAML at all', async () => {
  await holdsLater(
    [
      fc.oneof(
        fc.string({ unit: 'binary' }),
        hostileText(['{', '[', '- ', 'a: ', '\n', '*a', '&a ', '%', '---\n'], 40),
      ),
    ],
    (text) => isTakenOrRefused(text, ''),
    500,
  )
  for (const deep of ['[', '{a: ', '- ', '? '])
    t.ok(await isTakenOrRefused(deep.repeat(20_000), ''), `${deep} very deep`)
})
