// A Galaxy whose users mean no good: what they call their workflows, where these claim to come from, and who really ran
// one when.
import { encodeId } from '../world/encoded_id.ts'
import type { GalaxyRows, Invocation, Revision, StoredWorkflow } from '../world/galaxy_rows.ts'
import { hostileNames } from '../world/names.ts'
import { cleaned } from '../world/oracle/points.ts'
import type { Random } from '../world/random.ts'
import { defaultSettings, type Settings } from '../world/settings.ts'

export const settings: Settings = {
  ...defaultSettings,
  idSecret: 'a secret of the hostile site',
  maxRequestSeconds: 10,
}
export const maxDomains = 20

/** The log's first instant, and how much of its time a line takes on the average. */
export const startMicros = Date.UTC(2026, 5, 25) * 1000
export const lineMicros = 10_000

/** Whoever runs one of these comes back to it only when its window is long over. */
export const invoked = numbers(1, 200)
/** There are no rows of these: a request that Galaxy answered makes one point without a row. */
export const rowless = numbers(301, 20)
/** Nobody ever ran these. */
export const idle = numbers(401, 50)
export const deleted = numbers(501, 400)
const revisionsFrom = 100_000
const revisionsOfEach = 4

function numbers(first: number, count: number): number[] {
  return Array.from({ length: count }, (_, index) => first + index)
}

export const encoded = (id: number) => encodeId(settings.idSecret, id)
/** Revisions' numbers that no stored workflow has. */
export const idleRevisions = idle.flatMap(revisionIdsOf)

function revisionIdsOf(stored: number): number[] {
  return numbers(revisionsFrom + stored * revisionsOfEach, revisionsOfEach)
}

/** Texts that have broken something somewhere, and others at random. PostgreSQL takes no NUL. */
function anyName(random: Random): string | null {
  if (random.chance(0.5)) return random.pick(hostileNames)
  const pieces = ['\\', ',', '=', ' ', '"', "'", '\n', '\r\n', '\t', '\u001b[31m', '🧬', 'é', 'x', '\\"', 'i', ' 1 ']
  return random.weighted<() => string>([
    [() => Array.from({ length: random.integer(1, 60) }, () => random.pick(pieces)).join(''), 8],
    [() => ' '.repeat(random.integer(1, 300)), 1],
    [() => '\\'.repeat(random.integer(1, 400)), 1],
    [() => `${'n'.repeat(10_000)}\n`, 1],
    [() => '🧪,= '.repeat(2500), 1],
    [() => 'workflow_invocation,domain=usegalaxy.org.au count=1 1782346014000000000', 1],
    [() => `x count=1 1\nworkflow_invocation,domain=forged count=1 ${random.integer(1, 9)}`, 1],
  ])()
}

const absurdMetadata: (string | Buffer | null)[] = [
  null,
  '',
  '{}',
  '[]',
  'null',
  '"a text"',
  '1e999',
  '{',
  '\u0000',
  Buffer.from([0xff, 0xfe, 0x00, 0xd8]),
  '['.repeat(50_000),
  '{"a":'.repeat(20_000),
  JSON.stringify({ more: 'x'.repeat(300_000) }),
  JSON.stringify({ trs_tool_id: {}, trs_version_id: [], trs_server: true }),
  JSON.stringify({ url: ['https://example.org/'] }),
  JSON.stringify({ url: 'javascript:alert(1)' }),
  JSON.stringify({ url: 'file:///etc/passwd' }),
  JSON.stringify({ url: 'data:text/plain,x' }),
  JSON.stringify({ url: 'https://user:pass@example.org/a b/w.ga?token=SECRET&x=1#fragment' }),
  JSON.stringify({ url: `https://example.org/${'long/'.repeat(2000)}` }),
  JSON.stringify({ url: 'https://trs.example.org/ga4gh/trs/v2/tools/%23a%2Fb/versions/1,2=3/GALAXY/descriptor?k=v' }),
  JSON.stringify({ url: 'https://u:p@dockstore.org/api/ga4gh/trs/v2/tools/#workflow/x/versions/v1/x' }),
  JSON.stringify({ trs_server: 'dockstore', trs_tool_id: '#workflow/github.com/a/b', trs_version_id: 'v"1\\' }),
  JSON.stringify({ trs_server: 'evil,x=y \\', trs_tool_id: 'a\nb,c=d\\', trs_version_id: '🧬, =' }),
  JSON.stringify({ trs_url: 'https://u:secret@TRS.Example.org:8443/x?y#z', trs_tool_id: 109, trs_version_id: 7 }),
  JSON.stringify({ trs_server: 'workflowhub', trs_tool_id: 'n'.repeat(20_000), trs_version_id: '' }),
  JSON.stringify({ __proto__: null, constructor: 'x', toString: 1 }),
  '{"__proto__": {"url": "https://example.org/"}, "trs_tool_id": "\\ud800"}',
]

/** Every workflow's rows of `workflow`, `stored_workflow` and what hangs on them; no invocations yet. */
export function makeGalaxy(random: Random): GalaxyRows {
  const stored = [...invoked, ...rowless, ...idle]
  const createdMicros = startMicros - 86_400_000_000
  const revisions = stored.flatMap((id) =>
    revisionIdsOf(id).map((revision): Revision => {
      const metadata = random.pick(absurdMetadata)
      return {
        id: revision,
        storedWorkflowId: id,
        name: anyName(random),
        uuid: random.hexadecimal(32),
        sourceMetadata: metadata === null ? null : Buffer.from(metadata as string),
        createdMicros,
      }
    }),
  )
  return {
    users: [{ id: 1, email: 'a@example.org', username: 'a' }],
    histories: [
      { id: 1, userId: 1 },
      { id: 2, userId: null },
    ],
    storedWorkflows: stored.map(
      (id): StoredWorkflow => ({
        id,
        userId: 1,
        latestWorkflowId: revisionIdsOf(id).at(-1)!,
        name: anyName(random),
        deleted: random.chance(0.2),
        published: random.chance(0.5),
      }),
    ),
    revisions,
    invocations: [],
    subworkflows: [],
  }
}

/** The row that somebody's run of a workflow made, a moment before its line. */
export function invocationOf(random: Random, id: number, stored: number, endMicros: number): Invocation {
  return {
    id,
    workflowId: random.pick(revisionIdsOf(stored)),
    historyId: random.integer(1, 2),
    state: 'new',
    uuid: random.hexadecimal(32),
    createdMicros: endMicros - random.integer(1, 900) * 1000,
  }
}

/** How the `domain` tag shows these hosts in this order: listed ones, a bounded number of subdomains, and no other. */
export function boundedDomains(): (host: string) => string {
  const kept = new Set<string>()
  return (host) => {
    if (settings.domains.includes(host) || host === 'other' || host === 'unknown' || kept.has(host)) return host
    if (kept.size >= maxDomains) return 'other'
    kept.add(host)
    return cleaned(host)
  }
}
