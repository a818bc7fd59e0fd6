// Where a workflow came from, in every shape that Galaxy's releases keep it, and what is shown of it.
import t from 'tap'
import { type IdentitySettings, identify, readMetadata, registryNames } from '../../../src/galaxy/identity.ts'

const names = registryNames({})
const read = (data: unknown, known = names) => readMetadata(Buffer.from(JSON.stringify(data)), known)
const readText = (text: string | Buffer) => readMetadata(Buffer.from(text as string), names)
const dockstoreId = '#workflow/github.com/iwc-workflows/rnaseq-pe/main'
const nothing = { origin: null, broken: false }
const broken = { origin: null, broken: true }

function trs(registry: string, toolId: string, versionId: string | null) {
  return { origin: { kind: 'trs', registry, toolId, versionId }, broken: false }
}

t.test('TRS imports of every release', async (t) => {
  const told = { trs_tool_id: dockstoreId, trs_version_id: 'v1' }
  t.same(read({ ...told, trs_server: 'dockstore' }), trs('dockstore', dockstoreId, 'v1'), '22.05: no trs_url')
  t.same(read({ ...told, trs_server: 'dockstore', trs_url: '' }), trs('dockstore', dockstoreId, 'v1'), '23.1: empty')
  const address = 'https://dockstore.org/api/ga4gh/trs/v2/tools/x/versions/v1'
  t.same(read({ ...told, trs_server: '', trs_url: address }), trs('dockstore', dockstoreId, 'v1'), 'by URL')
  t.same(read({ ...told, trs_server: null, trs_url: address }), trs('dockstore', dockstoreId, 'v1'), '25.x: null')
  t.same(read({ ...told, trs_server: 'workflowhub', trs_url: address }), trs('workflowhub', dockstoreId, 'v1'))
  t.same(read({ trs_server: 'dockstore', trs_tool_id: dockstoreId }), trs('dockstore', dockstoreId, null), 'no version')
  t.same(read({ ...told, trs_version_id: '', trs_server: 'dockstore' }), trs('dockstore', dockstoreId, null))
})

t.test('the name of a registry', async (t) => {
  const registry = (trs_server: unknown, trs_url?: unknown, known = names) => {
    const { origin } = read({ trs_tool_id: '109', trs_version_id: '1', trs_server, trs_url }, known)
    return origin?.kind === 'trs' ? origin.registry : null
  }
  for (const name of ['dockstore', 'dockstore.org', 'Dockstore.org', 'DOCKSTORE']) t.equal(registry(name), 'dockstore')
  for (const name of ['workflowhub', 'workflowhub.eu', 'WorkflowHub.eu']) t.equal(registry(name), 'workflowhub')
  t.equal(registry('', 'https://workflowhub.eu/ga4gh/trs/v2/tools/109/versions/1'), 'workflowhub')
  t.equal(registry('', 'https://dockstore.org/ga4gh/trs/v2/tools/109/versions/1'), 'dockstore')
  t.equal(registry('mine', 'https://trs.example.org/x'), 'trs.example.org', 'the host before an unknown name')
  t.equal(registry('', 'https://TRS.Example.org:8443/x'), 'trs.example.org')
  t.equal(registry('mine'), 'mine', 'an unknown name where there is no address')
  t.equal(registry('', ''), 'unknown')
  t.equal(registry(null), 'unknown')
  t.equal(registry('mine', undefined, registryNames({ mine: 'ours' })), 'ours')
  t.equal(registry('', 'https://trs.example.org/x', registryNames({ 'TRS.example.org': 'ours' })), 'ours')
})

t.test('tool ids are percent-decoded, and stay as they are where that fails', async (t) => {
  const toolId = (trs_tool_id: unknown) => {
    const { origin } = read({ trs_server: 'dockstore', trs_tool_id, trs_version_id: '1' })
    return origin?.kind === 'trs' ? origin.toolId : null
  }
  t.equal(toolId('%23workflow%2Fgithub.com%2Fiwc-workflows%2Frnaseq-pe%2Fmain'), dockstoreId)
  t.equal(toolId('109'), '109')
  t.equal(toolId(109), '109', 'a number')
  t.equal(toolId('50%'), '50%')
})

t.test('an address that is itself a TRS one is a TRS import', async (t) => {
  const version = 'v0.1'
  const path = `/ga4gh/trs/v2/tools/${encodeURIComponent(dockstoreId)}/versions/${version}/GALAXY/descriptor`
  t.same(read({ url: `https://dockstore.org/api${path}` }), trs('dockstore', dockstoreId, version))
  const bare = `https://dockstore.org/api/ga4gh/trs/v2/tools/${dockstoreId}/versions/${version}/PLAIN-GALAXY/descriptor`
  t.same(read({ url: bare }), trs('dockstore', dockstoreId, version), 'its # is asked before anything is stripped')
  const hub = 'https://workflowhub.eu/ga4gh/trs/v2/tools/109/versions/5'
  t.same(read({ url: hub }), trs('workflowhub', '109', '5'), 'nothing behind the version')
  t.same(read({ url: `${hub}?token=s` }), trs('workflowhub', '109', '5'))
  t.same(read({ trs_url: hub }), trs('workflowhub', '109', '5'), 'no tool id beside trs_url')
  const secret = 'https://user:pass@trs.example.org/ga4gh/trs/v2/tools/a/versions/1/descriptor'
  t.same(read({ url: secret }), trs('trs.example.org', 'a', '1'))
})

t.test('an address loses user-info, query and fragment', async (t) => {
  const address = (url: string) => {
    const { origin } = read({ url })
    return origin?.kind === 'url' ? origin.address : null
  }
  t.equal(address('https://user:secret@example.org/w.ga?X-Amz-Signature=abc#frag'), 'https://example.org/w.ga')
  t.equal(address('https://token@example.org:8443/a/b.ga'), 'https://example.org:8443/a/b.ga')
  t.equal(address('http://example.org/w.ga#secret'), 'http://example.org/w.ga')
  t.equal(address('https://example.org/ga4gh/trs/v2/tools/'), 'https://example.org/ga4gh/trs/v2/tools/')
})

t.test('metadata without an origin is none, and broken metadata is told apart', async (t) => {
  t.same(readMetadata(null, names), nothing)
  t.same(readText(''), nothing)
  for (const data of [{}, null, { url: '' }, { url: null }, { trs_tool_id: '' }, { other: 1 }])
    t.same(read(data), nothing, JSON.stringify(data))
  const texts = [
    '{',
    'null?',
    '[1]',
    '"text"',
    '12',
    'true',
    '{"url": "https://example.org/',
    '\\x7b7d',
    '{"url": "no"}',
  ]
  for (const text of texts) t.same(readText(text), broken, text)
  t.same(readText(Buffer.from([0xff, 0xfe, 0x00])), broken)
  for (const url of ['javascript:alert(1)', 'file:///etc/passwd', 'data:text/plain,x', 'base64://abc'])
    t.equal(read({ url }).origin, null, url)
  t.same(read({ trs_tool_id: { a: 1 }, trs_server: ['dockstore'] }), nothing, 'values of other types')
})

t.test('what is shown of a workflow', async (t) => {
  const settings: IdentitySettings = { local: 'name', hideUnpublishedNames: false }
  const stored = { id: 7, published: false }
  const origin = { kind: 'trs', registry: 'dockstore', toolId: dockstoreId, versionId: 'v1' } as const
  t.match(identify('RNA', origin, false, stored, settings), {
    workflowName: 'RNA',
    canonicalId: `dockstore:${dockstoreId}`,
    registry: 'dockstore',
    kind: 'trs',
    versionId: 'v1',
    derived: false,
  })
  t.match(identify('RNA', origin, true, stored, settings), { derived: true, kind: 'trs' })
  const url = { kind: 'url', address: 'https://example.org/w.ga' } as const
  t.match(identify('RNA', url, true, stored, settings), {
    canonicalId: url.address,
    registry: null,
    kind: 'url',
    derived: true,
  })
  t.match(identify('RNA', null, false, stored, settings), { canonicalId: 'RNA', kind: 'local', registry: null })
  t.match(identify('', null, false, stored, settings), { workflowName: 'unnamed', canonicalId: 'unnamed' })
  const byNumber: IdentitySettings = { local: 'stored_workflow', hideUnpublishedNames: false }
  t.match(identify('RNA', null, false, stored, byNumber), { workflowName: 'RNA', canonicalId: 'stored_workflow:7' })
})

t.test('names of local workflows that are not published can be hidden', async (t) => {
  const settings: IdentitySettings = { local: 'name', hideUnpublishedNames: true }
  const hidden = { workflowName: 'stored_workflow:7', canonicalId: 'stored_workflow:7', kind: 'local' }
  t.match(identify('Secret plan', null, false, { id: 7, published: false }, settings), hidden)
  t.match(identify('RNA', null, false, { id: 7, published: true }, settings), {
    workflowName: 'RNA',
    canonicalId: 'RNA',
  })
  const url = { kind: 'url', address: 'https://example.org/w.ga' } as const
  t.match(identify('RNA', url, false, { id: 7, published: false }, settings), { workflowName: 'RNA' })
})
