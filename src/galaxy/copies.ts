import { type Identity, type IdentitySettings, identify } from './identity.ts'
import type { Revisions } from './revisions.ts'
import type { StoredWorkflow, Tables } from './tables.ts'

/** Another stored workflow that counts under the same canonical id. */
export interface Copy {
  stored: StoredWorkflow
  name: string
  invocations: number
}

/** Stored workflows looked at, at most; a workflow imported more often than that has copies that are not found. */
const candidatesMax = 2000

/**
 * The other stored workflows whose newest revision has this canonical id: everybody who imports a workflow gets a row
 * of their own. Most invoked first. `complete` is false where there were more candidates than are looked at.
 *
 * It asks `revisions` anew, so that what was loaded before is to be asked for again.
 */
export async function findCopies(
  ofId: number,
  { canonicalId, kind }: Identity,
  tables: Tables,
  revisions: Revisions,
  settings: IdentitySettings,
): Promise<{ copies: Copy[]; complete: boolean }> {
  const candidates =
    kind === 'local'
      ? await tables.storedWorkflowsNamed(canonicalId, candidatesMax)
      : await tables.storedWorkflowsMentioning(needleOf(canonicalId), candidatesMax)
  const others = candidates.filter((id) => id !== ofId)
  await revisions.load(tables, [], others, [])
  const stored = (await tables.storedWorkflows(others)).filter((workflow) => {
    const identity = newestIdentity(workflow, revisions, settings)
    return identity.canonicalId === canonicalId && identity.kind === kind
  })
  const invocations = await tables.invocationCounts(stored.map(({ id }) => id))
  const copies = stored.map((workflow) => ({
    stored: workflow,
    name: newestIdentity(workflow, revisions, settings).workflowName,
    invocations: invocations.get(workflow.id) ?? 0,
  }))
  copies.sort((a, b) => b.invocations - a.invocations || a.stored.id - b.stored.id)
  return { copies, complete: candidates.length < candidatesMax }
}

/** What a stored workflow would count as if it ran now; its revisions must be loaded. */
export function newestIdentity(workflow: StoredWorkflow, revisions: Revisions, settings: IdentitySettings): Identity {
  const newest = revisions.newestAt([workflow.id], Number.POSITIVE_INFINITY)
  const provenance = newest === null ? null : revisions.provenance(workflow.id, newest.revisionId)
  const { name, origin, derived } = provenance ?? { name: workflow.name, origin: null, derived: false }
  return identify(name, origin, derived, workflow, settings)
}

/** The longest part of an id that neither JSON nor an address would write in another way. */
function needleOf(canonicalId: string): string {
  const [, toolId = canonicalId] = /^[^:]*:(.*)$/s.exec(canonicalId) ?? []
  const parts = toolId.match(/[A-Za-z0-9_.-]+/g) ?? ['']
  return parts.reduce((longest, part) => (part.length > longest.length ? part : longest))
}
