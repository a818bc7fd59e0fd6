// Contract, section 4: which rows a line stands for. Greedy, in the order of the log: a line takes every row of its
// window that no earlier line has.
import type { Invocation, Revision, StoredWorkflow } from '../galaxy_rows.ts'
import type { Settings } from '../settings.ts'
import type { Galaxy, Meant } from './galaxy.ts'
import type { Reading } from './reading.ts'

export type Request = Extract<Reading, { kind: 'request' }>

export type Verdict =
  | { outcome: 'points'; invocations: Invocation[] }
  | { outcome: 'rowless'; stored: StoredWorkflow; revision: Revision }
  | { outcome: 'nothing' | 'refused' | 'undecodable' | 'unresolved' }

const secondMicros = 1_000_000

export class Claims {
  readonly #galaxy: Galaxy
  readonly #settings: Settings
  readonly #claimed = new Set<number>()

  constructor(galaxy: Galaxy, settings: Settings) {
    this.#galaxy = galaxy
    this.#settings = settings
  }

  /** What becomes of a request; it keeps the rows that it gets. */
  judge(request: Request, meant: Meant): Verdict {
    const isSuccess = request.status >= 200 && request.status < 300
    const mayHaveRows = this.#settings.matchInvocations && (isSuccess || isCutOff(request.status))
    const first = mayHaveRows ? this.#look(request, this.ownRows(request, meant)) : { free: [], taken: false }
    if (first.free.length > 0) return this.#take(first.free)
    if (!isSuccess) return { outcome: 'refused' }
    if (meant.kind === 'undecodable') return { outcome: 'undecodable' }
    if (first.taken) return { outcome: 'nothing' }

    const second = mayHaveRows ? this.#look(request, this.fallbackRows(request, meant)) : first
    if (second.free.length > 0) return this.#take(second.free)
    // Contract open: a revision's rows that are all other lines'. Fixed: no point, as with a workflow's own.
    if (second.taken) return { outcome: 'nothing' }
    return this.#withoutRow(request, meant)
  }

  isClaimed({ id }: Invocation): boolean {
    return this.#claimed.has(id)
  }

  inWindow({ second, durationMicros }: Request, { createdMicros }: Invocation): boolean {
    const longest = durationMicros ?? this.#settings.maxRequestSeconds * secondMicros
    const from = (second - 1) * secondMicros - longest
    return createdMicros >= from && createdMicros < (second + 1) * secondMicros
  }

  /**
   * The rows that an id means in the first place.
   *
   * Contract open: with `?instance=true`, whether only that revision's rows or those of its whole stored workflow.
   * Taken as the first; the generated world has no other revision's row in such a window.
   */
  ownRows({ isRevision }: Request, meant: Meant): Invocation[] {
    if (meant.kind === 'undecodable') return []
    if (!isRevision) return this.#galaxy.topLevelOf(meant.workflows)
    return meant.number === undefined ? [] : this.#galaxy.topLevelOfRevision(this.#galaxy.revision(meant.number))
  }

  /** The rows of the revision with that number, in case the request's body calls it one. */
  fallbackRows({ isRevision }: Request, meant: Meant): Invocation[] {
    if (isRevision || meant.kind === 'undecodable' || meant.number === undefined) return []
    return this.#galaxy.topLevelOfRevision(this.#galaxy.revision(meant.number))
  }

  #look(request: Request, rows: Invocation[]) {
    const inWindow = rows.filter((row) => this.inWindow(request, row))
    return { free: inWindow.filter((row) => !this.isClaimed(row)), taken: inWindow.length > 0 }
  }

  #take(invocations: Invocation[]): Verdict {
    for (const { id } of invocations) this.#claimed.add(id)
    return { outcome: 'points', invocations }
  }

  #withoutRow(request: Request, meant: Exclude<Meant, { kind: 'undecodable' }>): Verdict {
    if (request.isRevision) {
      const revision = meant.number === undefined ? undefined : this.#galaxy.revision(meant.number)
      const stored = this.#galaxy.stored(revision?.storedWorkflowId ?? 0)
      return revision && stored ? { outcome: 'rowless', stored, revision } : { outcome: 'unresolved' }
    }
    const revisions = meant.workflows.flatMap((stored) => this.#galaxy.revisionsOf(stored))
    const revision = newestAt(revisions, request.second)
    const stored = this.#galaxy.stored(revision?.storedWorkflowId ?? 0)
    return revision && stored ? { outcome: 'rowless', stored, revision } : { outcome: 'unresolved' }
  }
}

export function isCutOff(status: number): boolean {
  return status === 499 || (status >= 500 && status < 600)
}

/** Fixed: the greatest id among the revisions made by the end of the line's second, else the oldest there is. */
export function newestAt(revisions: Revision[], second: number): Revision | undefined {
  const byId = [...revisions].sort((a, b) => a.id - b.id)
  const made = byId.filter(({ createdMicros }) => createdMicros <= (second + 1) * secondMicros)
  return made[made.length - 1] ?? byId[0]
}
