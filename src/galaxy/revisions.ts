import { LRUCache } from 'lru-cache'
import { log } from '../base/log.ts'
import { type Origin, type RegistryNames, readMetadata } from './identity.ts'
import type { InvocationRow, Revision, Tables } from './tables.ts'

/** A revision with where it came from; revisions are never changed, every edit makes another one. */
export interface KnownRevision {
  id: number
  name: string
  createdMs: number
  origin: Origin | null
}

export interface Provenance {
  name: string
  origin: Origin | null
  /** The origin is that of an earlier revision of the same stored workflow. */
  derived: boolean
}

const cachedRevisionsMax = 50_000
const toldMax = 1000

/** What is known of the revisions of stored workflows, kept between batches. */
export class Revisions {
  readonly #names: RegistryNames
  readonly #ofStored = new LRUCache<number, KnownRevision[]>({
    maxSize: cachedRevisionsMax,
    sizeCalculation: (revisions) => revisions.length + 1,
  })
  /** Revisions that belong to no stored workflow. */
  readonly #alone = new LRUCache<number, KnownRevision>({ max: 1000 })
  readonly #toldBroken = new LRUCache<number, true>({ max: toldMax })

  constructor(names: RegistryNames) {
    this.#names = names
  }

  /**
   * Reads what is not known yet: the revisions of these rows, all of the stored workflows whose newest revision will be
   * asked for, and revisions that belong to no stored workflow.
   */
  async load(tables: Tables, rows: InvocationRow[], newestOf: number[], named: number[]): Promise<void> {
    const stored = new Set(newestOf)
    const alone = new Set(named)
    for (const { revisionId, storedWorkflowId } of rows) {
      if (storedWorkflowId === null) alone.add(revisionId)
      else if (!this.#ofStored.get(storedWorkflowId)?.some(({ id }) => id === revisionId)) stored.add(storedWorkflowId)
    }
    const byStored = Map.groupBy(await tables.revisionsOfStored([...stored]), (revision) => revision.storedWorkflowId!)
    for (const id of stored)
      this.#ofStored.set(
        id,
        (byStored.get(id) ?? []).map((revision) => this.#know(revision)),
      )
    for (const revision of await tables.revisions([...alone])) this.#alone.set(revision.id, this.#know(revision))
  }

  /** Where a revision came from: its own origin, else that of the newest earlier one that has any. */
  provenance(storedWorkflowId: number | null, revisionId: number): Provenance | null {
    const list = storedWorkflowId === null ? [] : (this.#ofStored.get(storedWorkflowId) ?? [])
    const own = list.find(({ id }) => id === revisionId) ?? this.#alone.get(revisionId)
    if (own === undefined) return null
    if (own.origin !== null) return { name: own.name, origin: own.origin, derived: false }
    const origin = list.findLast(({ id, origin }) => id < revisionId && origin !== null)?.origin ?? null
    return { name: own.name, origin, derived: origin !== null }
  }

  /** The newest revision of any of these stored workflows that was there at an instant, else the first of all. */
  newestAt(storedWorkflowIds: number[], atMs: number): { storedWorkflowId: number; revisionId: number } | null {
    const all = storedWorkflowIds
      .flatMap((storedWorkflowId) =>
        (this.#ofStored.get(storedWorkflowId) ?? []).map((it) => ({ storedWorkflowId, ...it })),
      )
      .sort((a, b) => a.id - b.id)
    const found = all.findLast(({ createdMs }) => createdMs <= atMs) ?? all[0]
    return found === undefined ? null : { storedWorkflowId: found.storedWorkflowId, revisionId: found.id }
  }

  #know({ id, name, createdMs, metadata, storedWorkflowId }: Revision): KnownRevision {
    const { origin, broken } = readMetadata(metadata, this.#names)
    const workflow = storedWorkflowId ?? -id
    if (broken && !this.#toldBroken.has(workflow)) {
      this.#toldBroken.set(workflow, true)
      log.warn('source_metadata_broken', { stored_workflow: storedWorkflowId, revision: id, taken_as: 'no origin' })
    }
    return { id, name, createdMs, origin }
  }
}
