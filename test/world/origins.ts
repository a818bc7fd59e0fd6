// Every shape of `workflow.source_metadata`, each with the origin that the contract makes of it, in so many words: the
// oracle has to come to the same by its rules.

export type Origin = { identity: 'trs' | 'url'; canonicalId: string; trsServer?: string; trsVersionId?: string }

export type OriginCase = { metadata: Buffer; origin: Origin | null }

const trs = (metadata: unknown, trsServer: string, toolId: string, trsVersionId?: string): OriginCase => ({
  metadata: Buffer.from(JSON.stringify(metadata)),
  origin: {
    identity: 'trs',
    canonicalId: `${trsServer}:${toolId}`,
    trsServer,
    ...(trsVersionId === undefined ? {} : { trsVersionId }),
  },
})

const url = (address: string, canonicalId: string): OriginCase => ({
  metadata: Buffer.from(JSON.stringify({ url: address })),
  origin: { identity: 'url', canonicalId },
})

const none = (bytes: string | Buffer): OriginCase => ({ metadata: Buffer.from(bytes as string), origin: null })

const iwc = '#workflow/github.com/iwc-workflows/sars-cov-2-variant-calling/main'
const iwcEncoded = '%23workflow%2Fgithub.com%2Fiwc-workflows%2Fsars-cov-2-variant-calling%2Fmain'
const dockstore = 'https://dockstore.org/api/ga4gh/trs/v2/tools'
const workflowhub = 'https://workflowhub.eu/ga4gh/trs/v2/tools'

const chosenInGalaxy: OriginCase[] = [
  trs({ trs_server: 'dockstore', trs_tool_id: iwc, trs_version_id: 'v0.4' }, 'dockstore', iwc, 'v0.4'),
  trs({ trs_server: 'dockstore', trs_tool_id: iwc, trs_version_id: 'v0.5', trs_url: '' }, 'dockstore', iwc, 'v0.5'),
  trs({ trs_server: 'dockstore.org', trs_tool_id: iwc, trs_version_id: 'v0.6' }, 'dockstore', iwc, 'v0.6'),
  trs({ trs_server: 'dockstore', trs_tool_id: iwcEncoded, trs_version_id: 'main' }, 'dockstore', iwc, 'main'),
  trs({ trs_server: 'workflowhub', trs_tool_id: '109', trs_version_id: '5' }, 'workflowhub', '109', '5'),
  trs({ trs_server: 'workflowhub.eu', trs_tool_id: 109, trs_version_id: 5 }, 'workflowhub', '109', '5'),
  trs({ trs_server: 'workflowhub.eu', trs_tool_id: '110', trs_version_id: '' }, 'workflowhub', '110'),
  trs({ trs_server: 'workflowhub', trs_tool_id: '111', trs_version_id: null }, 'workflowhub', '111'),
  trs({ trs_server: 'workflowhub', trs_tool_id: '112' }, 'workflowhub', '112'),
  trs({ trs_server: 'house registry, b=1', trs_tool_id: '7', trs_version_id: '1' }, 'house registry, b=1', '7', '1'),
]

const byTrsUrl: OriginCase[] = [
  trs(
    { trs_server: '', trs_tool_id: iwc, trs_version_id: 'v0.4', trs_url: `${dockstore}/${iwcEncoded}/versions/v0.4` },
    'dockstore',
    iwc,
    'v0.4',
  ),
  trs(
    { trs_server: null, trs_tool_id: '109', trs_version_id: '5', trs_url: `${workflowhub}/109/versions/5` },
    'workflowhub',
    '109',
    '5',
  ),
  trs(
    { trs_server: 'workflowhub.eu', trs_tool_id: '113', trs_version_id: '1', trs_url: `${workflowhub}/113/versions/1` },
    'workflowhub',
    '113',
    '1',
  ),
  trs(
    { trs_server: 'ours', trs_tool_id: '8', trs_version_id: '2', trs_url: 'https://trs.example.org/v2/tools/8' },
    'trs.example.org',
    '8',
    '2',
  ),
  trs(
    { trs_server: '', trs_tool_id: '9', trs_version_id: 'x', trs_url: 'https://DOCKSTORE.org/' },
    'dockstore',
    '9',
    'x',
  ),
  trs({ trs_server: null, trs_tool_id: '10', trs_version_id: 'main' }, 'unknown', '10', 'main'),
  trs({ trs_server: '', trs_tool_id: '11', trs_url: 'no address' }, 'unknown', '11'),
  trs({ trs_server: 'ours', trs_tool_id: '12', trs_url: '' }, 'ours', '12'),
  trs(
    { trs_server: 'dockstore', trs_tool_id: 'a"b\\c d', trs_version_id: 'q"u\\o,t=e \\' },
    'dockstore',
    'a"b\\c d',
    'q"u\\o,t=e \\',
  ),
  trs(
    { trs_server: 'dockstore', trs_tool_id: 'naïve 🧬', trs_version_id: 'größe 🧪' },
    'dockstore',
    'naïve 🧬',
    'größe 🧪',
  ),
]

const trsInDisguise: OriginCase[] = [
  [`${dockstore}/${iwc}/versions/v0.4/PLAIN-GALAXY/descriptor`, 'dockstore', iwc, 'v0.4'],
  [`${dockstore}/${iwcEncoded}/versions/v0.5/GALAXY/descriptor`, 'dockstore', iwc, 'v0.5'],
  [`${workflowhub}/109/versions/5/GALAXY/descriptor?token=secret`, 'workflowhub', '109', '5'],
  ['https://me:pw@trs.example.org/ga4gh/trs/v2/tools/3/versions/2/GALAXY/descriptor#top', 'trs.example.org', '3', '2'],
  ['https://hub.example.org/a/b/ga4gh/trs/v2/tools/4/versions/1/PLAIN-GALAXY/descriptor', 'hub.example.org', '4', '1'],
].map(([address, server, tool, version]) => trs({ url: address }, server as string, tool as string, version))

const byAddress: OriginCase[] = [
  url('https://example.org/workflows/a.ga', 'https://example.org/workflows/a.ga'),
  url('https://example.org', 'https://example.org/'),
  url('http://Example.ORG:80/A.ga', 'http://example.org/A.ga'),
  url('https://example.org:8443/a.ga', 'https://example.org:8443/a.ga'),
  url('ftp://files.example.org/a.ga', 'ftp://files.example.org/a.ga'),
  url('https://user:password@example.org/b.ga?signature=abc&expires=1#step-2', 'https://example.org/b.ga'),
  url('https://token@example.org/c.ga', 'https://example.org/c.ga'),
  url('https://example.org/with space,comma=equals.ga', 'https://example.org/with%20space,comma=equals.ga'),
  url(`https://example.org/${'long/'.repeat(80)}`, `https://example.org/${'long/'.repeat(80)}`),
  url('https://example.org/ga4gh/trs/v2/tools/3', 'https://example.org/ga4gh/trs/v2/tools/3'),
]

const withoutOrigin: OriginCase[] = [
  '{}',
  'null',
  '[]',
  '["https://example.org/a.ga"]',
  '"https://example.org/a.ga"',
  '42',
  'true',
  '{"url": "https://example.org/',
  'not JSON at all',
  '',
  '{"url": null}',
  '{"url": ""}',
  '{"url": 7}',
  '{"url": "not an address"}',
  '{"url": "file:///home/somebody/a.ga"}',
  '{"url": "gxfiles://shared/a.ga"}',
  '{"trs_server": "", "trs_tool_id": "", "trs_version_id": "", "trs_url": ""}',
  '{"comment": "nothing of use"}',
  Buffer.from([0xff, 0xfe, 0x00, 0x7b]),
].map(none)

/** Shapes that tell an origin. */
export const originCases: readonly OriginCase[] = [...chosenInGalaxy, ...byTrsUrl, ...trsInDisguise, ...byAddress]

/** Shapes that tell none, and count as none. */
export const originlessCases: readonly OriginCase[] = withoutOrigin
