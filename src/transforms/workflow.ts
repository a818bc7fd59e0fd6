import type { Counters } from '../base/counters.ts'
import { atMostEvery, log } from '../base/log.ts'
import type { Postgres } from '../clients/postgres.ts'
import { type Columns, requireColumns } from '../galaxy/columns.ts'
import { type DecideSettings, type Decision, decideAll, rowlessRevision } from '../galaxy/decide.ts'
import type { IdentitySettings } from '../galaxy/identity.ts'
import type { IdCodec } from '../galaxy/ids.ts'
import { asUnavailable, type Ledger } from '../galaxy/ledger.ts'
import { type LookedUp, lookUp } from '../galaxy/lookup.ts'
import type { InvocationRequest } from '../galaxy/request.ts'
import type { Revisions } from '../galaxy/revisions.ts'
import type { Point } from '../pipeline/entry.ts'
import type { Transform } from '../pipeline/part.ts'
import { pointOfLine, pointOfRefused, pointOfRow } from './invocation_point.ts'

export interface WorkflowSettings extends DecideSettings {
  identity: IdentitySettings
}

/** Nine undecodable ids of ten are no bots any more: the secret is wrong. */
const wrongSecretShare = 0.9

/** Finds the workflow behind each request, and makes the points of the invocations that it stands for. */
export class Workflow implements Transform<InvocationRequest, Point> {
  readonly #database: Postgres
  readonly #codec: IdCodec
  readonly #ledger: Ledger
  readonly #revisions: Revisions
  readonly #settings: WorkflowSettings
  readonly #counters: Counters
  #columns: Columns | null = null
  #prepared: Promise<Columns | null> = Promise.resolve(null)
  /** Ids of requests that Galaxy did not refuse, and how many of them did not decode. */
  #asked = 0
  #undecodable = 0
  readonly #sayUndecodable = atMostEvery(60_000)

  constructor(
    parts: { database: Postgres; codec: IdCodec; ledger: Ledger; revisions: Revisions },
    settings: WorkflowSettings,
    counters: Counters,
  ) {
    this.#database = parts.database
    this.#codec = parts.codec
    this.#ledger = parts.ledger
    this.#revisions = parts.revisions
    this.#settings = settings
    this.#counters = counters
  }

  /** Whether so few ids decode that the secret is probably another server's. */
  get secretIsProbablyWrong(): boolean {
    return this.#asked > 0 && this.#undecodable >= wrongSecretShare * this.#asked
  }

  /** Connects while the first lines are read. Where that fails, the first batch asks again, and tells. */
  prepare(): void {
    this.#prepared = requireColumns(this.#database).catch(() => null)
  }

  async apply(requests: InvocationRequest[]): Promise<Point[]> {
    this.#columns ??= (await this.#prepared) ?? (await requireColumns(this.#database))
    let looked: LookedUp
    let decisions: Decision[]
    try {
      looked = await lookUp(
        requests,
        this.#database,
        this.#columns,
        this.#codec,
        this.#ledger,
        this.#revisions,
        this.#settings,
      )
      decisions = decideAll(looked, this.#ledger, this.#settings)
    } catch (error) {
      throw asUnavailable(error)
    }
    for (const [index, decision] of decisions.entries()) this.#count(decision, requests[index]!)
    const points = decisions.flatMap((decision) => this.#points(decision, looked))
    this.#counters.points += points.length
    return points
  }

  #count(decision: Decision, request: InvocationRequest): void {
    if (decision.kind === 'context') return
    this.#counters[decision.kind]++
    if (decision.kind === 'rejected') return
    this.#asked++
    if (decision.kind !== 'undecodable') return
    this.#undecodable++
    this.#sayUndecodable((sinceLast) => {
      const remedy = this.secretIsProbablyWrong
        ? 'galaxy.id_secret is probably not the id_secret of this Galaxy'
        : undefined
      log.warn('undecodable_id', { sample: request.id.slice(0, 64), since_last: sinceLast, remedy })
    })
  }

  #points(decision: Decision, looked: LookedUp): Point[] {
    if (decision.kind === 'rejected') return [pointOfRefused(decision, decision.status, decision.stored)]
    if (decision.kind !== 'accepted') return []
    const known = { stored: looked.stored, revisions: this.#revisions, identity: this.#settings.identity }
    const points = decision.rows.map((row) => pointOfRow(row, decision, known))
    if (decision.rowless !== null) {
      const revision = rowlessRevision(decision.rowless, this.#revisions)
      const storedWorkflowId = revision?.storedWorkflowId ?? decision.rowless.stored[0]?.id ?? null
      points.push(pointOfLine(storedWorkflowId, revision?.revisionId ?? null, decision, known))
    }
    return points
  }
}
