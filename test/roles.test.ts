// What each role says of its variables in three places is the same: defaults, what Ansible checks, and the README.
import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { test } from 'tap'
import { parse } from 'yaml'

type Specification = { type?: string; default?: unknown; description?: string; no_log?: boolean }

const roles = join(import.meta.dirname, '../roles')
/** Each role with what the names of its variables begin with. */
const beginnings = {
  'galaxy-workflows-reporting': /^(workflow_invocations_|workflows_reporting_enabled$)/,
  'galaxy-workflows-stats': /^workflow_invocations_/,
  'galaxy-workflows-program': /^workflow_program_/,
  'galaxy-workflows-events': /^workflow_events_/,
  'galaxy-workflows-probes': /^workflow_probes_/,
  'galaxy-workflows-rabbitmq': /^workflow_rabbitmq_/,
}
const read = (...path: string[]) => readFileSync(join(roles, ...path), 'utf8')

/** As a README shows it: texts bare, but for the empty one, and everything else as YAML on one line. */
function shown(value: unknown): string {
  if (typeof value === 'string') return value === '' ? '""' : value
  return Array.isArray(value) ? `[${value.join(', ')}]` : JSON.stringify(value)
}

test('every role is looked at', async (t) => {
  t.same(readdirSync(roles).sort(), Object.keys(beginnings).sort())
})

for (const [name, beginning] of Object.entries(beginnings)) {
  const defaults = parse(read(name, 'defaults/main.yml')) as Record<string, unknown>
  const specifications = (
    parse(read(name, 'meta/argument_specs.yml')) as {
      argument_specs: { main: { options: Record<string, Specification> } }
    }
  ).argument_specs.main.options

  test(`${name}: what Ansible checks is what the defaults are`, async (t) => {
    t.same(Object.keys(specifications), Object.keys(defaults))
    t.same(Object.fromEntries(Object.entries(specifications).map(([key, it]) => [key, it.default])), defaults)
    for (const [key, { type, description }] of Object.entries(specifications)) {
      t.ok(type && description?.endsWith('.'), `${key} has a type and a sentence`)
    }
  })

  test(`${name}: the README has every variable with its default`, async (t) => {
    const listed = [...read(name, 'README.md').matchAll(/^- `(\w+): (.*)` {2}$/gm)].map(([, key, value]) => [
      key,
      value,
    ])
    t.same(
      listed,
      Object.entries(defaults).map(([key, value]) => [key, shown(value)]),
    )
  })

  test(`${name}: names begin as they should, and what is secret is kept out of Ansible's output`, async (t) => {
    t.same(
      Object.keys(defaults).filter((key) => !beginning.test(key)),
      [],
    )
    const secret = Object.entries(specifications).filter(([, { description }]) =>
      /A secret\.$|Secrets\.$/.test(description!),
    )
    t.same(
      secret.filter(([, { no_log }]) => no_log !== true),
      [],
    )
    const mayBeSecret = Object.keys(defaults).filter((key) =>
      /(password|id_secret|database_url|rabbitmq_url|hub_key|_secrets)$/.test(key),
    )
    t.same(
      secret.map(([key]) => key),
      mayBeSecret,
    )
  })
}

test('the two roles mean the same by the same name', async (t) => {
  const names = ['galaxy-workflows-reporting', 'galaxy-workflows-stats']
  const [galaxy, stats] = names.map((name) => parse(read(name, 'defaults/main.yml')) as Record<string, unknown>)
  t.equal(galaxy?.['workflow_invocations_influxdb_database'], stats?.['workflow_invocations_influxdb_database'])
})
