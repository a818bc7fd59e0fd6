// Invocations and refused requests that are known one by one, so that what a panel shows can be counted by hand.
import { Point } from '@influxdata/influxdb-client'
import type { Range } from './viewer/query.ts'

export type Invocation = {
  timeMs: number
  domain: string
  name: string
  canonicalId: string
  registry: string | null
  identity: 'trs' | 'url' | 'local'
  user: number | null
  version: string | null
}
export type Refused = { timeMs: number; domain: string; status: string }

type Workflow = Pick<Invocation, 'canonicalId' | 'registry' | 'identity'> & {
  names: string[]
  versions?: (string | null)[]
  page: string
}

const hour = 3_600_000
export const range: Range = { fromMs: Date.UTC(2026, 5, 1), toMs: Date.UTC(2026, 5, 8) }

const trs = (registry: string, tool: string, names: string[], page: string, versions: (string | null)[]): Workflow => ({
  canonicalId: `${registry}:${tool}`,
  registry,
  identity: 'trs',
  names,
  versions,
  page,
})
const local = (name: string): Workflow => ({
  canonicalId: name,
  registry: null,
  identity: 'local',
  names: [name],
  page: '',
})

/** With what regular expressions, InfluxQL, line protocol and addresses take for something else. */
export const workflows: Workflow[] = [
  trs(
    'dockstore',
    '#workflow/github.com/iwc-workflows/rnaseq-pe/main',
    ['RNA-Seq', 'RNA-Seq, renamed'],
    'https://dockstore.org/workflows/github.com/iwc-workflows/rnaseq-pe/main',
    ['v1.0', 'v1.1', null],
  ),
  trs(
    'dockstore',
    '#workflow/github.com/iwc-workflows/rnaseq-pe',
    ['RNA-Seq'],
    'https://dockstore.org/workflows/github.com/iwc-workflows/rnaseq-pe',
    ['v1.0'],
  ),
  trs('dockstore', 'quay.io/a/tool', ['A tool'], '', [null]),
  trs('workflowhub', '109', ['Assembly'], 'https://workflowhub.eu/workflows/109', ['3', '4']),
  trs('workflowhub', '10', ['Assembly'], 'https://workflowhub.eu/workflows/10', ['1']),
  trs('trs.example.org', '12', ['Elsewhere'], '', ['1']),
  {
    canonicalId: 'https://example.org/w/a%20flow.ga',
    registry: null,
    identity: 'url',
    names: ['From an address'],
    page: 'https://example.org/w/a%20flow.ga',
  },
  { canonicalId: 'ftp://example.org/flow.ga', registry: null, identity: 'url', names: ['By FTP'], page: '' },
  local('RNA (v1.0) [x] + y/z | $5 ^ {2}?'),
  local('2024 *counts*'),
  local('a|b'),
  local('a'),
  local('say "it\'s", a=b'),
  local('https://example.org/only-looks-like-one'),
  local('C:\\flows\\new'),
  local('stored_workflow:17'),
]

const domains = ['galaxy.example.org', 'genome.galaxy.example.org', 'other', 'unknown']
const edges = [range.fromMs - 1, range.fromMs, range.toMs - 1, range.toMs + 1, range.toMs + 30 * hour]

/** Some hundreds, spread over a week and its edges, so that every workflow runs a different number of times. */
export const invocations: Invocation[] = workflows.flatMap((workflow, kind) =>
  Array.from({ length: 5 + 7 * kind }, (_, index) => ({
    timeMs: index < edges.length ? edges[index]! : range.fromMs + ((index * 13 + kind * 5) % 167) * hour + index,
    domain: domains[(index + kind) % domains.length]!,
    name: workflow.names[index % workflow.names.length]!,
    canonicalId: workflow.canonicalId,
    registry: workflow.registry,
    identity: workflow.identity,
    user: index % 5 === 4 ? null : 1 + ((index * index + kind) % 23),
    version: workflow.versions?.[index % workflow.versions.length] ?? null,
  })),
)

export const refused: Refused[] = Array.from({ length: 60 }, (_, index) => ({
  timeMs: index < edges.length ? edges[index]! : range.fromMs + ((index * 29) % 167) * hour,
  domain: domains[index % 3]!,
  status: ['400', '403', '499', '500'][index % 4]!,
}))

/** Line protocol by the vendor's client. Points of one millisecond are told apart by their nanoseconds. */
export function lineProtocol(): string {
  const nanoseconds = (timeMs: number, index: number) => `${BigInt(timeMs) * 1_000_000n + BigInt(index)}`
  const counted = invocations.map((it, index) => {
    const point = new Point('workflow_invocation')
      .tag('domain', it.domain)
      .tag('workflow_name', it.name)
      .tag('canonical_id', it.canonicalId)
      .tag('identity', it.identity)
      .floatField('count', 1)
      .intField('workflow_id', 1)
      .intField('invocation_id', index)
      .timestamp(nanoseconds(it.timeMs, index))
    if (it.registry !== null) point.tag('trs_server', it.registry)
    if (it.user !== null) point.intField('user_id', it.user)
    if (it.version !== null) point.stringField('trs_version_id', it.version)
    return point
  })
  const rejected = refused.map(({ timeMs, domain, status }, index) =>
    new Point('workflow_invocation_rejected')
      .tag('domain', domain)
      .tag('status', status)
      .floatField('count', 1)
      .timestamp(nanoseconds(timeMs, index)),
  )
  return [...counted, ...rejected].map((point) => point.toLineProtocol()).join('\n')
}
