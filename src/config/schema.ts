import * as z from 'zod'
import { secretBytes } from '../galaxy/ids.ts'
import { normalizeHost } from '../galaxy/site.ts'
import { influxdbKeys } from './influxdb.ts'
import { address, count, expected, file, section, text, webAddress, yesOrNo } from './values.ts'

const idSecret = text('').refine(
  (value) => Buffer.byteLength(value) >= secretBytes.least && Buffer.byteLength(value) <= secretBytes.most,
  `must be ${secretBytes.least} to ${secretBytes.most} bytes long, as Galaxy itself asks`,
)
const host = text(': a host').transform((value, context) => {
  const normal = normalizeHost(value)
  if (normal === null || value.includes(':')) {
    context.addIssue({ code: 'custom', message: 'expected a host alone, such as usegalaxy.org.au' })
    return z.NEVER
  }
  return normal
})
/** Characters with a meaning in an address must be escaped in a password, or it ends where nobody expects. */
function isUnambiguous(url: string): boolean {
  if (!url.startsWith('postgres') || !URL.canParse(url)) return true
  const { username, password, pathname, search, hash } = new URL(url)
  try {
    decodeURIComponent(username + password)
  } catch {
    return false
  }
  return !`${pathname}${search}${hash}`.includes('@')
}

const galaxy = section({
  database_url: address(/^postgres(ql)?:\/\//, 'an address that begins with postgres://')
    .refine(
      isUnambiguous,
      'its password has a character that must be escaped: write % as %25, / as %2F, ? as %3F, # as %23, @ as %40',
    )
    .optional()
    .describe(
      "Galaxy's PostgreSQL database. A user that may only read is enough; the README has the grants. Best kept in `secrets_file`.",
    )
    .meta({ examples: ['postgres://reader:PASSWORD@galaxy-db:5432/galaxy'] }),
  id_secret: idSecret
    .optional()
    .describe("Galaxy's own `id_secret`, from its galaxy.yml. Best kept in `secrets_file`.")
    .meta({ examples: ['SECRET'] }),
  url_prefix: text(': a path')
    .refine((value) => value === '' || value.startsWith('/'), 'expected a path that begins with /, or nothing')
    .transform((value) => value.replace(/\/+$/, ''))
    .prefault('')
    .describe('The path that Galaxy is served under, as in its `galaxy_url_prefix`.')
    .meta({ examples: ['/galaxy'] }),
  match_invocations: yesOrNo
    .default(true)
    .describe(
      'Whether the database decides how many invocations a request made. `false`: one point for each accepted request, from the log alone.',
    ),
  max_request_seconds: count(1)
    .default(120)
    .describe("How long before a line's time its rows may have been made, where the log has no `$request_time`."),
})

const logFormat = z
  .union([z.string(), section({ text: z.string(), escape: z.enum(['default', 'json', 'none']).default('default') })], {
    error: 'expected a text, or {text: TEXT, escape: default | json | none}',
  })
  .transform((value) => (typeof value === 'string' ? { text: value, escape: 'default' as const } : value))

const nginx = section({
  access_log: z
    .union([z.string(), z.array(z.string()).min(1, 'expected a file, or a list of files')], {
      error: 'expected a file, or a list of files',
    })
    .transform((value) => [value].flat())
    .optional()
    .describe('The access log, or a list of them.')
    .meta({ examples: ['/var/log/nginx/access.log'] }),
  rotated: z
    .array(file, { error: (issue) => expected(issue.input, 'a list of patterns') })
    .default([])
    .describe(
      'Patterns under which rotated files are found again, plain or .gz. With several logs, a rotated file belongs to the one whose file name its own begins with.',
    )
    .meta({ examples: [['/var/log/nginx/olddir/access.log-*']] }),
  log_format: logFormat
    .prefault('combined')
    .describe(
      '`combined`, or the text of an nginx `log_format`, or `{text: TEXT, escape: default | json | none}`. Put quotes around what a client chooses (`$remote_user`, `$http_…`), or it cannot always be told from what follows it.',
    ),
  start: z
    .enum(['end', 'beginning'], { error: 'expected end or beginning' })
    .default('end')
    .describe('Where a first start of `collect` begins in the log.'),
})

const influxdb = section(influxdbKeys)

const identity = section({
  local: z
    .enum(['name', 'stored_workflow'], { error: 'expected name or stored_workflow' })
    .default('name')
    .describe(
      'The canonical id of a workflow without an origin: its `name`, or `stored_workflow` for `stored_workflow:<id>`.',
    ),
  registries: z
    .record(z.string(), text('').min(1, 'expected a name'), {
      error: (issue) => expected(issue.input, 'a section of names'),
    })
    .default({})
    .describe('More names for registries, by their configured name or host.')
    .meta({ examples: [{ 'workflowhub.eu': 'workflowhub' }] }),
  hide_unpublished_names: yesOrNo
    .default(false)
    .describe(
      '`true`: a local workflow that is not published shows as `stored_workflow:<id>`. For where dashboards are public. A log read again after a workflow was published, or hidden, counts its invocations under the other name, too; `audit` shows them as extra.',
    ),
})

const serve = section({
  listen: text(': an address')
    .refine((value) => listenAddress(value) !== null, 'expected an address and a port, such as 127.0.0.1:8090')
    .default('127.0.0.1:8090')
    .describe(
      'Address and port. On an address of this machine alone, requests that name another host are refused; `public_url` names one more.',
    ),
  public_url: webAddress
    .optional()
    .describe('Where a proxy in front of it shows the page.')
    .meta({ examples: ['https://stats.usegalaxy.org.au/workflows/'] }),
})

/** `HOST:PORT` in its parts; an IPv6 address stands in brackets. `null` where it is none. */
export function listenAddress(text: string): { host: string; port: number } | null {
  const [, bracketed, plain, port = ''] = /^(?:\[([\da-f:.]+)\]|([^:/\s]+)):(\d{1,5})$/i.exec(text) ?? []
  const host = bracketed ?? plain
  return host === undefined || Number(port) > 65_535 ? null : { host, port: Number(port) }
}

/** What every configuration has; each key with what it means, its default and an example. */
export const everyday = section({
  galaxy: galaxy.prefault({}).describe('The Galaxy server.'),
  domains: z
    .array(host, { error: (issue) => expected(issue.input, 'a list of hosts') })
    .prefault([])
    .describe('Hosts that keep their names in the `domain` tag, and whose subdomains do. Any other becomes `other`.')
    .meta({ examples: [['usegalaxy.org.au', 'genome.usegalaxy.org.au']] }),
  max_domains: count(0)
    .default(100)
    .describe('How many subdomains that are not listed themselves are ever kept; later ones become `other`.'),
  nginx: nginx.prefault({}).describe("nginx's access log."),
  influxdb: influxdb.prefault({}).describe('The database of points, 1.x or 2.x.'),
  identity: identity
    .prefault({})
    .describe(
      "What is shown of a workflow's identity. A point is known by what it shows: logs that are read again after a change of these keys make other points beside those that are there.",
    ),
  secrets_file: file
    .default('secret.yml')
    .describe(
      'A YAML file that may hold any of these keys, and `pgconn: {main: URL}` for `galaxy.database_url`. What stands here wins. The default file may be missing.',
    ),
  state_dir: file
    .default('state')
    .describe(
      'The folder of the saved place and the ledger. It must outlive restarts, and belongs to this program alone.',
    ),
  ledger: z
    .strictObject({
      keep_days: count(2)
        .default(400)
        .describe(
          "How long after it was last read a line's invocations are remembered: longer than any log that may be read again.",
        ),
    })
    .prefault({})
    .describe('The memory of which line each invocation belongs to.'),
  store: file
    .nullable()
    .default(null)
    .describe(
      'A SQLite file in which points are kept, beside InfluxDB, or instead of it where `influxdb` is left out. `serve` shows it.',
    )
    .meta({ examples: ['/var/lib/workflow-reporting/points.sqlite'] }),
  collect: section({
    through: z
      .enum(['influxdb', 'exchange'], { error: 'expected influxdb or exchange' })
      .default('influxdb')
      .describe(
        'Where `collect` and `backfill` send points: `influxdb`, straight; or `exchange`, as events over the RabbitMQ of `events.rabbitmq` to whichever destinations take `workflow.#`. A destination that is to get the very same points needs `personal: true`.',
      ),
  })
    .prefault({})
    .describe('How points leave the collector.'),
  serve: serve.prefault({}).describe('The web page, and the API for events.'),
})

/** Sections that few configurations have. What checks one takes as long to make as all the rest, and as much memory. */
const seldom = {
  events: async () => (await import('./events.ts')).events,
  probe: async () => (await import('./probe.ts')).probe,
  hub: async () => (await import('./probe.ts')).hub,
}

type Seldom = { [Name in keyof typeof seldom]: Awaited<ReturnType<(typeof seldom)[Name]>> }

/** What checks a configuration whose sections are those; a section may be left out, so that one left out here is, too. */
export async function schemaOf(has: (section: string) => boolean) {
  const loaded = Object.entries(seldom)
    .filter(([name]) => has(name))
    .map(async ([name, load]) => [name, await load()])
  return everyday.extend(Object.fromEntries(await Promise.all(loaded)) as Seldom)
}

/** What checks a configuration that has everything. */
export const wholeSchema = () => schemaOf(() => true)

export type Settings = z.output<Awaited<ReturnType<typeof wholeSchema>>>
