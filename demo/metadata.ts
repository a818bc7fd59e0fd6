import type { Provenance } from './catalogue.ts'
import type { Random } from './random.ts'

const registries = {
  dockstore: { names: ['dockstore', 'dockstore.org'], address: 'https://dockstore.org' },
  workflowhub: { names: ['workflowhub', 'workflowhub.eu'], address: 'https://workflowhub.eu' },
}

/**
 * The text of `workflow.source_metadata`, in one of the shapes that Galaxy's releases have written over the years;
 * `null` for a workflow that was made or uploaded here.
 */
export function sourceMetadata(provenance: Provenance, random: Random): string | null {
  if (provenance.kind === 'local') return null
  if (provenance.kind === 'url') return JSON.stringify({ url: provenance.address })

  const { names, address } = registries[provenance.registry]
  const id = { trs_tool_id: provenance.toolId, trs_version_id: random.pick(provenance.versions) }
  const toolAddress = `${address}/api/ga4gh/trs/v2/tools/${encodeURIComponent(id.trs_tool_id)}/versions/${id.trs_version_id}`
  return JSON.stringify(
    random.pick([
      // Chosen from a list, before and since 23.1.
      { trs_server: random.pick(names), ...id },
      { trs_server: random.pick(names), ...id, trs_url: '' },
      // By a "run in Galaxy" link, in 23.1 to 24.2 and since 25.0.
      { trs_server: '', ...id, trs_url: toolAddress },
      { trs_server: null, ...id, trs_url: toolAddress },
    ]),
  )
}
