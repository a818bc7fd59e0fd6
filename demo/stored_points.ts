import type { DatabaseSync, StatementSync } from 'node:sqlite'
import { openToRead } from '../src/store/file.ts'

/** A point as the store has it: an invocation, or a request that was refused. */
export interface StoredPoint {
  timeMs: number
  domain: string
  /** `null`: it was an invocation. */
  refusedWith: string | null
  workflowName: string
  canonicalId: string
  registry: string
  person: number | null
}

const invocations = `
  select invocation.id, second, domain, workflow_name, canonical_id, user_id,
    case trs_server when '' then identity else trs_server end as registry
  from invocation join series on series.id = invocation.series
  where invocation.id > ? order by invocation.id`
const refusals = `
  select rejected.id, second, domain, status, workflow_id
  from rejected join rejected_series on rejected_series.id = rejected.series
  where rejected.id > ? order by rejected.id`

/** Follows the store in which the collector keeps its points. */
export class StoredPoints {
  readonly #database: DatabaseSync
  readonly #invocations: StatementSync
  readonly #refusals: StatementSync
  #lastInvocation = 0
  #lastRefusal = 0

  constructor(path: string) {
    const database = openToRead(path)
    if (database === null) throw new Error(`There is no store at ${path}`)
    this.#database = database
    this.#invocations = database.prepare(invocations)
    this.#refusals = database.prepare(refusals)
  }

  /** Those that came since it was asked last. */
  news(): StoredPoint[] {
    const points: StoredPoint[] = []
    for (const row of this.#invocations.all(this.#lastInvocation)) {
      this.#lastInvocation = Number(row['id'])
      points.push({
        timeMs: Number(row['second']) * 1000,
        domain: String(row['domain']),
        refusedWith: null,
        workflowName: String(row['workflow_name']),
        canonicalId: String(row['canonical_id']),
        registry: String(row['registry']),
        person: row['user_id'] === null ? null : Number(row['user_id']),
      })
    }
    for (const row of this.#refusals.all(this.#lastRefusal)) {
      this.#lastRefusal = Number(row['id'])
      points.push({
        timeMs: Number(row['second']) * 1000,
        domain: String(row['domain']),
        refusedWith: String(row['status']),
        workflowName: '',
        canonicalId: `stored_workflow:${row['workflow_id'] ?? 'unknown'}`,
        registry: '',
        person: null,
      })
    }
    return points
  }

  [Symbol.dispose](): void {
    this.#database.close()
  }
}
