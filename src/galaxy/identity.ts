/** Where a workflow came from, as Galaxy kept it in `source_metadata`. */
export type Origin =
  | { kind: 'trs'; registry: string; toolId: string; versionId: string | null }
  | { kind: 'url'; address: string }

/** `broken`: the metadata is there and cannot be read; it counts as no origin. */
export type Metadata = { origin: Origin | null; broken: boolean }

const none: Metadata = { origin: null, broken: false }
const broken: Metadata = { origin: null, broken: true }

/** Names that registries go by, in the configurations and addresses that Galaxy servers use. */
const registries: [string, string][] = [
  ['dockstore', 'dockstore'],
  ['dockstore.org', 'dockstore'],
  ['workflowhub', 'workflowhub'],
  ['workflowhub.eu', 'workflowhub'],
]

export type RegistryNames = ReadonlyMap<string, string>

/** @param more further names of registries, `{host or name: registry}` */
export function registryNames(more: Record<string, string>): RegistryNames {
  return new Map([
    ...registries,
    ...Object.entries(more).map(([name, as]): [string, string] => [name.toLowerCase(), as]),
  ])
}

/**
 * Reads `workflow.source_metadata`: JSON text of the shapes that releases 22.05 to 26.x write (a TRS import by name or
 * by address, an import from a URL).
 */
export function readMetadata(json: Uint8Array | null, names: RegistryNames): Metadata {
  if (json === null || json.length === 0) return none
  let data: unknown
  try {
    data = JSON.parse(Buffer.from(json).toString('utf8'))
  } catch {
    return broken
  }
  if (data === null) return none
  if (typeof data !== 'object' || Array.isArray(data)) return broken
  const told = data as Record<string, unknown>
  const toolId = textOf(told['trs_tool_id'])
  if (toolId !== '') {
    const registry = registryOf(textOf(told['trs_server']), textOf(told['trs_url']), names)
    const versionId = textOf(told['trs_version_id'])
    return found({ kind: 'trs', registry, toolId: percentDecoded(toolId), versionId: versionId || null })
  }
  for (const address of [textOf(told['url']), textOf(told['trs_url'])]) {
    if (address === '') continue
    const origin = trsAddress(address, names) ?? plainAddress(address)
    return origin === null ? broken : found(origin)
  }
  return none
}

function found(origin: Origin): Metadata {
  return { origin, broken: false }
}

/** Galaxy's own `name` of a registry where it is a known one, else the host asked, else the name as it stands. */
function registryOf(server: string, address: string, names: RegistryNames): string {
  const host = hostOf(address)
  return names.get(server.toLowerCase()) ?? (host === null ? null : (names.get(host) ?? host)) ?? (server || 'unknown')
}

/**
 * An address that is itself a TRS one (`.../ga4gh/trs/v2/tools/{id}/versions/{v}/...`). Asked before anything is
 * stripped, since the `#` of a Dockstore id may stand in it unescaped and would pass for a fragment.
 */
function trsAddress(address: string, names: RegistryNames): Origin | null {
  const parts = /^https?:\/\/.*?\/ga4gh\/trs\/v2\/tools\/(.+?)\/versions\/([^/?#]+)(?:[/?#]|$)/i.exec(address)
  if (parts === null) return null
  const host = hostOf(address)
  if (host === null) return null
  const [, toolId = '', versionId = ''] = parts
  return {
    kind: 'trs',
    registry: names.get(host) ?? host,
    toolId: percentDecoded(toolId),
    versionId: percentDecoded(versionId),
  }
}

/** The address without user-info, query and fragment, which may hold credentials or signatures. */
function plainAddress(address: string): Origin | null {
  if (!URL.canParse(address)) return null
  const url = new URL(address)
  // Other schemes name a place inside this server, or carry the whole workflow in themselves.
  if (!/^(https?|ftp):$/.test(url.protocol) || url.hostname === '') return null
  url.username = ''
  url.password = ''
  url.search = ''
  url.hash = ''
  return { kind: 'url', address: url.href }
}

function hostOf(address: string): string | null {
  if (!URL.canParse(address)) return null
  const host = new URL(address).hostname.toLowerCase().replace(/^www\./, '')
  return host === '' ? null : host
}

function textOf(value: unknown): string {
  return typeof value === 'string' ? value.trim() : typeof value === 'number' ? String(value) : ''
}

function percentDecoded(text: string): string {
  try {
    return decodeURIComponent(text)
  } catch {
    return text
  }
}

/** What is written of a workflow's identity, before it is made fit for tags. */
export interface Identity {
  workflowName: string
  canonicalId: string
  registry: string | null
  kind: 'trs' | 'url' | 'local'
  versionId: string | null
  /** The origin is an earlier revision's: an edit, a rename or a shared import dropped it from the one that ran. */
  derived: boolean
}

export interface IdentitySettings {
  local: 'name' | 'stored_workflow'
  hideUnpublishedNames: boolean
}

/**
 * @param name the name of the revision that ran
 * @param origin that revision's, or the newest earlier one's where `derived`
 * @param storedWorkflow `null` where the revision belongs to none
 */
export function identify(
  name: string,
  origin: Origin | null,
  derived: boolean,
  storedWorkflow: { id: number; published: boolean } | null,
  settings: IdentitySettings,
): Identity {
  const workflowName = name === '' ? 'unnamed' : name
  if (origin?.kind === 'trs') {
    const canonicalId = `${origin.registry}:${origin.toolId}`
    return { workflowName, canonicalId, registry: origin.registry, kind: 'trs', versionId: origin.versionId, derived }
  }
  if (origin?.kind === 'url') {
    return { workflowName, canonicalId: origin.address, registry: null, kind: 'url', versionId: null, derived }
  }
  const byNumber = storedWorkflow === null ? workflowName : `stored_workflow:${storedWorkflow.id}`
  const shown = settings.hideUnpublishedNames && storedWorkflow?.published !== true ? byNumber : workflowName
  const canonicalId = settings.local === 'stored_workflow' ? byNumber : shown
  return { workflowName: shown, canonicalId, registry: null, kind: 'local', versionId: null, derived: false }
}
