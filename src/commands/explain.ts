import { Postgres } from '../clients/postgres.ts'
import { loadConfiguration } from '../config/load.ts'
import { examineColumns } from '../galaxy/columns.ts'
import { identify, registryNames } from '../galaxy/identity.ts'
import { type IdCodec, idCodec } from '../galaxy/ids.ts'
import { type Meaning, meaningOf } from '../galaxy/meaning.ts'
import { Revisions } from '../galaxy/revisions.ts'
import { type StoredWorkflow, Tables } from '../galaxy/tables.ts'

interface Explanation {
  id: string
  stored_workflow: number
  name: string
  owner: string
  revision: number | null
  canonical_id: string
  identity: string
  why: string
}

/** Tells what each id stands for: an encoded id, a UUID or the number of a stored workflow. */
export async function explain({
  config,
  ids,
  json,
}: {
  config: string
  ids: string[]
  json: boolean
}): Promise<number> {
  const configuration = loadConfiguration(config, { database: true, idSecret: true })
  const codec = idCodec(configuration.galaxy.id_secret!)
  const database = new Postgres(configuration.galaxy.database_url!)
  const revisions = new Revisions(registryNames(configuration.identity.registries))
  const settings = {
    local: configuration.identity.local,
    hideUnpublishedNames: configuration.identity.hide_unpublished_names,
  }
  const explained: Explanation[] = []
  const unknown: string[] = []
  try {
    const { columns } = await examineColumns(database)
    for (const id of ids) {
      const found = await database.read(async (query) => {
        const tables = new Tables(query, columns)
        const stored = await storedOf(meaning(id, codec), tables)
        await revisions.load(
          tables,
          [],
          stored.map((workflow) => workflow.id),
          [],
        )
        return stored
      })
      if (found.length === 0) unknown.push(id)
      const owners = await usernames(database, found)
      for (const workflow of found) {
        const newest = revisions.newestAt([workflow.id], Number.POSITIVE_INFINITY)
        const revision = newest?.revisionId ?? null
        const provenance = revision === null ? null : revisions.provenance(workflow.id, revision)
        const { name, origin, derived } = provenance ?? { name: workflow.name, origin: null, derived: false }
        const identity = identify(name, origin, derived, workflow, settings)
        explained.push({
          id,
          stored_workflow: workflow.id,
          name,
          owner: owners.get(workflow.ownerId ?? 0) ?? `user ${workflow.ownerId}`,
          revision,
          canonical_id: identity.canonicalId,
          identity: identity.kind,
          why: why(identity.kind, derived),
        })
      }
    }
  } finally {
    await database.close()
  }
  for (const id of unknown) process.stderr.write(`${id}: no workflow has this id\n`)
  process.stdout.write(json ? `${JSON.stringify({ explained, unknown })}\n` : explained.map(paragraph).join('\n'))
  return unknown.length === 0 ? 0 : 1
}

function meaning(id: string, codec: IdCodec): Meaning {
  const meant = meaningOf({ id, instance: false }, codec)
  return meant.kind === 'none' && /^[0-9]{1,10}$/.test(id) ? { kind: 'number', id: Number(id) } : meant
}

async function storedOf(meant: Meaning, tables: Tables): Promise<StoredWorkflow[]> {
  if (meant.kind === 'uuid') {
    const found = await tables.storedWorkflowsByUuid([meant.uuid])
    return tables.storedWorkflows(found.map(({ storedWorkflowId }) => storedWorkflowId))
  }
  return meant.kind === 'number' && meant.id <= 2_147_483_647 ? tables.storedWorkflows([meant.id]) : []
}

/** A reader that may not see people's names sees their numbers. */
async function usernames(database: Postgres, stored: StoredWorkflow[]): Promise<Map<number, string>> {
  const ids = stored.flatMap(({ ownerId }) => ownerId ?? [])
  try {
    return await database.read((query) => new Tables(query, { sourceMetadata: false }).usernames(ids))
  } catch {
    return new Map()
  }
}

function why(kind: string, derived: boolean): string {
  if (kind === 'local') return 'no revision of it tells where it was imported from'
  const what = kind === 'trs' ? 'a registry (TRS)' : 'an address'
  return derived
    ? `an earlier revision was imported from ${what}; the newest one has lost it, as edits and renames do`
    : `its newest revision was imported from ${what}`
}

function paragraph(it: Explanation): string {
  const rows: [string, string][] = [
    ['workflow', `${it.name} (stored_workflow ${it.stored_workflow}, owner ${it.owner})`],
    ['revision', it.revision === null ? 'none' : String(it.revision)],
    ['canonical id', `${it.canonical_id} (${it.identity})`],
    ['why', it.why],
  ]
  return `${it.id}\n${rows.map(([name, value]) => `  ${name.padEnd(14)}${value.replace(/\p{Cc}/gu, ' ')}\n`).join('')}`
}
