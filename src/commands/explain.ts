import { Postgres } from '../clients/postgres.ts'
import { loadConfiguration } from '../config/load.ts'
import { examineColumns } from '../galaxy/columns.ts'
import { type Copy, findCopies, newestIdentity } from '../galaxy/copies.ts'
import { type IdentitySettings, type Origin, registryNames } from '../galaxy/identity.ts'
import { type IdCodec, idCodec } from '../galaxy/ids.ts'
import { type Meaning, meaningOf } from '../galaxy/meaning.ts'
import { Revisions } from '../galaxy/revisions.ts'
import { idMax, type StoredWorkflow, Tables } from '../galaxy/tables.ts'
import { type ExplainedRevision, type Explanation, paragraph } from './explanation.ts'

/** So many revisions and copies are listed; the numbers of all of them are told. */
const listedMax = 20

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
  const configuration = await loadConfiguration(config, { database: true, idSecret: true })
  const codec = idCodec(configuration.galaxy.id_secret!)
  const database = new Postgres(configuration.galaxy.database_url!)
  const { local, hide_unpublished_names: hideUnpublishedNames, registries } = configuration.identity
  const explained: Explanation[] = []
  const unknown: string[] = []
  try {
    const { columns } = await examineColumns(database)
    for (const id of ids) {
      const found = await database.read(async (query) => {
        const tables = new Tables(query, columns)
        const revisions = new Revisions(registryNames(registries))
        const explanations: Explanation[] = []
        for (const workflow of await storedOf(meaning(id, codec), tables))
          explanations.push(await explanationOf(id, workflow, tables, revisions, { local, hideUnpublishedNames }))
        return explanations
      })
      if (found.length === 0) unknown.push(id)
      explained.push(...found)
    }
    await nameOwners(explained, database)
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
  return meant.kind === 'number' && meant.id <= idMax ? tables.storedWorkflows([meant.id]) : []
}

async function explanationOf(
  id: string,
  workflow: StoredWorkflow,
  tables: Tables,
  revisions: Revisions,
  settings: IdentitySettings,
): Promise<Explanation> {
  await revisions.load(tables, [], [workflow.id], [])
  const all = revisions.allOf(workflow.id).map(
    ({ id, name, createdMs, origin }): ExplainedRevision => ({
      revision: id,
      created: Number.isFinite(createdMs) ? new Date(createdMs).toISOString() : null,
      name,
      ...told(origin),
    }),
  )
  const newest = all.at(-1) ?? null
  const imported = all.findLast(({ from }) => from !== null) ?? null
  const identity = newestIdentity(workflow, revisions, settings)
  const { copies, complete } = await findCopies(workflow.id, identity, tables, revisions, settings)
  const invocations = await tables.invocationCounts([workflow.id])
  return {
    id,
    stored_workflow: workflow.id,
    name: newest?.name ?? workflow.name,
    owner: ownerOf(workflow),
    revision: newest?.revision ?? null,
    canonical_id: identity.canonicalId,
    identity: identity.kind,
    why: why(identity.kind, identity.derived),
    imported,
    invocations: invocations.get(workflow.id) ?? 0,
    revisions: all.slice(-listedMax),
    revisions_total: all.length,
    copies: copies.slice(0, listedMax).map(({ stored, name, invocations }: Copy) => ({
      stored_workflow: stored.id,
      name,
      owner: ownerOf(stored),
      invocations,
    })),
    copies_total: copies.length,
    copies_complete: complete,
  }
}

function told(origin: Origin | null): Pick<ExplainedRevision, 'from' | 'version'> {
  if (origin === null) return { from: null, version: null }
  if (origin.kind === 'url') return { from: origin.address, version: null }
  return { from: `${origin.registry}:${origin.toolId}`, version: origin.versionId }
}

const ownerOf = ({ ownerId }: StoredWorkflow) => `user ${ownerId ?? 'unknown'}`

/** A reader that may not see people's names sees their numbers. */
async function nameOwners(explained: Explanation[], database: Postgres): Promise<void> {
  const owned = explained.flatMap((explanation) => [explanation, ...explanation.copies])
  const ids = owned.flatMap(({ owner }) => Number(/^user (\d+)$/.exec(owner)?.[1] ?? []))
  let names: Map<number, string>
  try {
    names = await database.read((query) => new Tables(query, { sourceMetadata: false }).usernames([...new Set(ids)]))
  } catch {
    return
  }
  for (const it of owned) it.owner = names.get(Number(it.owner.slice(5))) || it.owner
}

function why(kind: string, derived: boolean): string {
  if (kind === 'local') return 'no revision of it tells where it was imported from'
  const what = kind === 'trs' ? 'a registry (TRS)' : 'an address'
  return derived
    ? `an earlier revision was imported from ${what}; the newest one has lost it, as edits and renames do`
    : `its newest revision was imported from ${what}`
}
