// Contract, section 3, last paragraph, and the end of section 4: where a workflow comes from.
import type { Revision } from '../galaxy_rows.ts'
import type { Settings } from '../settings.ts'

export type Origin = { identity: 'trs' | 'url'; canonicalId: string; trsServer?: string; trsVersionId?: string }

type Metadata = Partial<Record<'trs_server' | 'trs_tool_id' | 'trs_version_id' | 'trs_url' | 'url', unknown>>

/** The origin that one revision's `source_metadata` tells, if it tells one. */
export function originOf(sourceMetadata: Buffer | null, registries: Settings['registries']): Origin | undefined {
  const metadata = parsed(sourceMetadata)
  const toolId = text(metadata.trs_tool_id)
  const version = text(metadata.trs_version_id)
  if (toolId !== undefined) {
    const server = registryOf(text(metadata.trs_server), text(metadata.trs_url), registries)
    return trsOrigin(server, toolId, version)
  }
  const address = text(metadata.url)
  if (address === undefined || !URL.canParse(address)) return undefined
  const url = new URL(address)
  if (!['http:', 'https:', 'ftp:'].includes(url.protocol)) return undefined
  // Asked of the address as it is: Dockstore's tool ids begin with what would be the fragment.
  const disguised = /\/ga4gh\/trs\/v2\/tools\/(.+)\/versions\/([^/]+)\//.exec(address)
  if (disguised) return trsOrigin(registryOf(undefined, address, registries), disguised[1] as string, disguised[2])
  Object.assign(url, { username: '', password: '', search: '', hash: '' })
  return { identity: 'url', canonicalId: url.href }
}

/**
 * The origin of the revision that ran, else of the newest earlier one that tells any. Earlier is a smaller id.
 *
 * Contract open: whether `trs_version_id` comes along from an earlier revision. Taken as: the whole identity does.
 */
export function originOfRun(ran: Revision, siblings: readonly Revision[], registries: Settings['registries']) {
  const own = originOf(ran.sourceMetadata, registries)
  if (own) return { origin: own, derived: false }
  const earlier = siblings.filter(({ id }) => id < ran.id).sort((a, b) => b.id - a.id)
  for (const { sourceMetadata } of earlier) {
    const origin = originOf(sourceMetadata, registries)
    if (origin) return { origin, derived: true }
  }
  return { origin: undefined, derived: false }
}

function trsOrigin(trsServer: string, toolId: string, trsVersionId: string | undefined): Origin {
  // Contract open: what a broken percent sign in a tool id means. Not met in a generated world.
  const canonicalId = `${trsServer}:${decodeURIComponent(toolId)}`
  return { identity: 'trs', canonicalId, trsServer, ...(trsVersionId === undefined ? {} : { trsVersionId }) }
}

/**
 * A registry's name.
 *
 * Contract open: `trs_server` and `trs_url` that name two known registries. Taken as: `trs_server` wins where it is a
 * known name. Not met in a generated world.
 */
function registryOf(server: string | undefined, address: string | undefined, registries: Settings['registries']) {
  const names: Record<string, string> = {
    dockstore: 'dockstore',
    'dockstore.org': 'dockstore',
    workflowhub: 'workflowhub',
    'workflowhub.eu': 'workflowhub',
    ...registries,
  }
  const host = address !== undefined && URL.canParse(address) ? new URL(address).hostname || undefined : undefined
  return (server && names[server]) ?? (host && names[host]) ?? host ?? server ?? 'unknown'
}

/** JSON's texts and numbers as text; nothing for what is empty or neither. */
function text(value: unknown): string | undefined {
  if (typeof value === 'number') return String(value)
  return typeof value === 'string' && value !== '' ? value : undefined
}

function parsed(bytes: Buffer | null): Metadata {
  if (bytes === null) return {}
  try {
    const value: unknown = JSON.parse(bytes.toString('utf8'))
    return typeof value === 'object' && value !== null ? value : {}
  } catch {
    return {}
  }
}
