import { type IdentitySettings, identify } from '../galaxy/identity.ts'
import type { Revisions } from '../galaxy/revisions.ts'
import type { InvocationRow, StoredWorkflow } from '../galaxy/tables.ts'
import { fieldText, type Point, tagValue } from '../pipeline/entry.ts'

/** When and where an invocation counts: once given, the same for ever. */
export interface Placed {
  /** Seconds since 1970. */
  second: number
  domain: string
}

/** What is known of the workflows that points name. */
export interface Known {
  stored: ReadonlyMap<number, StoredWorkflow>
  revisions: Revisions
  identity: IdentitySettings
}

/** Half of a second's nanoseconds are for points with a row (even), half for those without (odd): they never meet. */
const slotsPerSecond = 500_000_000

/** The point of a row: whoever makes it, from a line or to repair, makes the same. */
export function pointOfRow(row: InvocationRow, placed: Placed, known: Known): Point {
  const timeNs = timeOf(placed.second, 2n * BigInt(row.id % slotsPerSecond))
  const point = pointOf(row.storedWorkflowId, row.revisionId, placed.domain, timeNs, known)
  point.fields['invocation_id'] = BigInt(row.id)
  point.fields['revision_id'] = BigInt(row.revisionId)
  if (row.userId !== null) point.fields['user_id'] = BigInt(row.userId)
  return point
}

/** The point of a line that no row was matched to. */
export function pointOfLine(
  storedWorkflowId: number | null,
  revisionId: number | null,
  { line, second, domain }: Placed & { line: string },
  known: Known,
): Point {
  const timeNs = timeOf(second, 2n * (digestOf(line) % BigInt(slotsPerSecond)) + 1n)
  return pointOf(storedWorkflowId, revisionId, domain, timeNs, known)
}

/** The point of a request that was refused. */
export function pointOfRefused(
  { line, second, domain }: Placed & { line: string },
  status: number,
  stored: StoredWorkflow | null,
): Point {
  return {
    measurement: 'workflow_invocation_rejected',
    tags: { domain: tagValue(domain), status: String(status) },
    fields: { count: 1, ...(stored !== null && { workflow_id: BigInt(stored.id) }) },
    timeNs: timeOf(second, digestOf(line) % 1_000_000_000n),
  }
}

function pointOf(
  storedWorkflowId: number | null,
  revisionId: number | null,
  domain: string,
  timeNs: bigint,
  known: Known,
): Point {
  const stored = storedWorkflowId === null ? null : (known.stored.get(storedWorkflowId) ?? null)
  const provenance = revisionId === null ? null : known.revisions.provenance(storedWorkflowId, revisionId)
  const { name, origin, derived } = provenance ?? { name: stored?.name ?? '', origin: null, derived: false }
  const identity = identify(name, origin, derived, stored, known.identity)
  const tags: Point['tags'] = {
    domain: tagValue(domain),
    workflow_name: tagValue(identity.workflowName) || 'unnamed',
    canonical_id: tagValue(identity.canonicalId) || 'unnamed',
    identity: identity.kind,
  }
  const registry = tagValue(identity.registry ?? '')
  if (registry !== '') tags['trs_server'] = registry
  const fields: Point['fields'] = { count: 1, derived: identity.derived }
  if (stored !== null) fields['workflow_id'] = BigInt(stored.id)
  if (stored?.ownerId != null) fields['owner_id'] = BigInt(stored.ownerId)
  if (identity.versionId !== null) fields['trs_version_id'] = fieldText(identity.versionId)
  return { measurement: 'workflow_invocation', tags, fields, timeNs }
}

function timeOf(second: number, nanoseconds: bigint): bigint {
  return BigInt(second) * 1_000_000_000n + nanoseconds
}

function digestOf(line: string): bigint {
  return BigInt(`0x${line.slice(0, 16)}`)
}
