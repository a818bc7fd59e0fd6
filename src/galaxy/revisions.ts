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

/** Names and addresses are as long as their owners like. */
const cachedMaxCharacters = 16 * 1024 * 1024
/** About what a revision takes beside its texts. */
const revisionCharacters = 200
const toldMax = 1000

/** What is known of the revisions of stored workflows, kept between batches. */
export class Revisions {
  readonly #names: RegistryNames
  readonly #cached = new LRUCache<number, KnownRevision[]>({
    maxSize: cachedMaxCharacters,
    sizeCalculation: (revisions) => revisions.reduce((sum, revision) => sum + charactersOf(revision), 1),
  })
  /** All that the present batch asks for, however much that is: what the cache lets go must not change a point. */
  #ofStored = new Map<number, KnownRevision[]>()
  /** Revisions that belong to no stored workflow. */
  #alone = new Map<number, KnownRevision>()
  readonly #toldBroken = new LRUCache<number, true>({ max: toldMax })

  constructor(names: RegistryNames) {
    this.#names = names
  }

  /**
   * Reads what is not known yet: the revisions of these rows, all of the stored workflows whose newest revision will be
   * asked for, and revisions that belong to no stored workflow.
   */
  async load(tables: Tables, rows: InvocationRow[], newestOf: number[], named: number[]): Promise<void> {
    const stale = new Set(newestOf)
    const alone = new Set(named)
    const ofStored = new Map<number, KnownRevision[]>()
    for (const { revisionId, storedWorkflowId } of rows) {
      if (storedWorkflowId === null) {
        alone.add(revisionId)
        continue
      }
      const cached = this.#cached.get(storedWorkflowId)
      if (cached?.some(({ id }) => id === revisionId)) ofStored.set(storedWorkflowId, cached)
      else stale.add(storedWorkflowId)
    }
    const byStored = Map.groupBy(await tables.revisionsOfStored([...stale]), (revision) => revision.storedWorkflowId!)
    for (const id of stale) {
      const revisions = (byStored.get(id) ?? []).map((revision) => this.#know(revision))
      ofStored.set(id, revisions)
      this.#cached.set(id, revisions)
    }
    const found = await tables.revisions([...alone])
    this.#ofStored = ofStored
    this.#alone = new Map(found.map((revision) => [revision.id, this.#know(revision)]))
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

  /** Every revision of a stored workflow, oldest first. */
  allOf(storedWorkflowId: number): readonly KnownRevision[] {
    return this.#ofStored.get(storedWorkflowId) ?? []
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

function charactersOf({ name, origin }: KnownRevision): number {
  const texts =
    origin === null ? [] : origin.kind === 'url' ? [origin.address] : [origin.toolId, origin.versionId ?? '']
  return texts.reduce((sum, text) => sum + text.length, name.length + revisionCharacters)
}
