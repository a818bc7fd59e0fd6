// Galaxy's tables, arranged for questions.
import { decodeId } from '../encoded_id.ts'
import type { GalaxyRows, Invocation, Revision, StoredWorkflow } from '../galaxy_rows.ts'

/** What the id in a path stands for. */
export type Meant =
  | { kind: 'undecodable' }
  | { kind: 'workflows'; workflows: StoredWorkflow[]; number: number | undefined; uuid: string | undefined }

const uuidShape = /^[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}$/i

export class Galaxy {
  readonly rows: GalaxyRows
  readonly #stored: Map<number, StoredWorkflow>
  readonly #revisions: Map<number, Revision>
  readonly #revisionsOfStored: Map<number | null, Revision[]>
  readonly #topLevelOfRevision: Map<number, Invocation[]>
  readonly #userOfHistory: Map<number, number | null>

  constructor(rows: GalaxyRows) {
    const children = new Set(rows.subworkflows.map(({ subworkflowInvocationId }) => subworkflowInvocationId))
    const topLevel = rows.invocations.filter(({ id }) => !children.has(id))
    this.rows = rows
    this.#stored = new Map(rows.storedWorkflows.map((stored) => [stored.id, stored]))
    this.#revisions = new Map(rows.revisions.map((revision) => [revision.id, revision]))
    this.#revisionsOfStored = Map.groupBy(rows.revisions, ({ storedWorkflowId }) => storedWorkflowId)
    this.#topLevelOfRevision = Map.groupBy(topLevel, ({ workflowId }) => workflowId)
    this.#userOfHistory = new Map(rows.histories.map(({ id, userId }) => [id, userId]))
  }

  stored(id: number): StoredWorkflow | undefined {
    return this.#stored.get(id)
  }

  revision(id: number): Revision | undefined {
    return this.#revisions.get(id)
  }

  revisionsOf(stored: StoredWorkflow): Revision[] {
    return this.#revisionsOfStored.get(stored.id) ?? []
  }

  userOf({ historyId }: Invocation): number | null {
    return historyId === null ? null : (this.#userOfHistory.get(historyId) ?? null)
  }

  topLevelOfRevision(revision: Revision | undefined): Invocation[] {
    return revision === undefined ? [] : (this.#topLevelOfRevision.get(revision.id) ?? [])
  }

  topLevelOf(workflows: StoredWorkflow[]): Invocation[] {
    return workflows.flatMap((stored) => this.revisionsOf(stored).flatMap((one) => this.topLevelOfRevision(one)))
  }

  /**
   * Contract open: whether a UUID that nobody has is `undecodable` or `unresolved`. Taken as the second: it is an id of
   * a form that this server gives out. And a UUID written without dashes; not met in a generated world.
   */
  meantBy(segment: string, idSecret: string): Meant {
    if (uuidShape.test(segment)) {
      const uuid = segment.replaceAll('-', '').toLowerCase()
      const owners = this.rows.revisions.filter((one) => one.uuid === uuid).map((one) => one.storedWorkflowId)
      const workflows = [...new Set(owners)].flatMap((id) => (id === null ? [] : (this.stored(id) ?? [])))
      return { kind: 'workflows', workflows, number: undefined, uuid }
    }
    const decoded = decodeId(idSecret, segment)
    if (decoded === undefined) return { kind: 'undecodable' }
    const stored = this.stored(Number(decoded))
    return { kind: 'workflows', workflows: stored ? [stored] : [], number: Number(decoded), uuid: undefined }
  }
}
