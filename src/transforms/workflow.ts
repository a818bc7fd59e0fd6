import type { Counters } from '../base/counters.ts'
import { messageOf, Unavailable } from '../base/errors.ts'
import { atMostEvery, log } from '../base/log.ts'
import { isOutOfReach } from '../base/state.ts'
import type { Postgres } from '../clients/postgres.ts'
import { type DecideSettings, type Decision, decideAll, rowlessRevision } from '../galaxy/decide.ts'
import { type IdentitySettings, identify } from '../galaxy/identity.ts'
import type { IdCodec } from '../galaxy/ids.ts'
import type { Ledger } from '../galaxy/ledger.ts'
import { type LookedUp, lookUp } from '../galaxy/lookup.ts'
import type { InvocationRequest } from '../galaxy/request.ts'
import type { Revisions } from '../galaxy/revisions.ts'
import { type Columns, examineColumns, type InvocationRow } from '../galaxy/tables.ts'
import { fieldText, type Point, tagValue } from '../pipeline/entry.ts'
import type { Transform } from '../pipeline/part.ts'

export interface WorkflowSettings extends DecideSettings {
  identity: IdentitySettings
}

interface Accepted {
  line: string
  second: number
  domain: string
}

/** Half of a second's nanoseconds are for points with a row (even), half for those without (odd): they never meet. */
const slotsPerSecond = 500_000_000

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

  async apply(requests: InvocationRequest[]): Promise<Point[]> {
    this.#columns ??= await this.#examine()
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
      if (!isOutOfReach(error)) throw error
      throw new Unavailable({
        what: 'ledger',
        where: 'state_dir',
        cause: messageOf(error),
        remedy: 'Is the disk full?',
      })
    }
    for (const [index, decision] of decisions.entries()) this.#count(decision, requests[index]!)
    const points = decisions.flatMap((decision) => this.#points(decision, looked))
    this.#counters.points += points.length
    return points
  }

  async #examine(): Promise<Columns> {
    const { columns, missing, forbidden } = await examineColumns(this.#database)
    if (missing.length > 0 || forbidden.some((name) => name !== 'workflow.source_metadata')) {
      const cause = [
        ...missing.map((name) => `${name} is not there`),
        ...forbidden.map((name) => `${name} may not be read`),
      ].join(', ')
      const remedy =
        "Give galaxy.database_url Galaxy's own database, and its user the SELECT rights that the README lists"
      throw new Unavailable({ what: "Galaxy's database", where: this.#database.where, cause, remedy })
    }
    if (!columns.sourceMetadata) {
      const cause = forbidden.length > 0 ? 'may not be read' : 'is not there, as in a Galaxy older than 22.05'
      log.warn('column_lacking', { column: 'workflow.source_metadata', cause, taken_as: 'every workflow is local' })
    }
    return columns
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
    if (decision.kind === 'rejected') {
      const { domain, status, stored, second, line } = decision
      const fields = { count: 1, ...(stored !== null && { workflow_id: BigInt(stored.id) }) }
      const tags = { domain: tagValue(domain), status: String(status) }
      return [
        {
          measurement: 'workflow_invocation_rejected',
          tags,
          fields,
          timeNs: timeOf(second, digestOf(line) % 1_000_000_000n),
        },
      ]
    }
    if (decision.kind !== 'accepted') return []
    const points = decision.rows.map((row) => {
      const timeNs = timeOf(decision.second, 2n * BigInt(row.id % slotsPerSecond))
      return this.#point(decision, row.storedWorkflowId, row.revisionId, row, timeNs, looked)
    })
    if (decision.rowless !== null) {
      const revision = rowlessRevision(decision.rowless, this.#revisions)
      const storedWorkflowId = revision?.storedWorkflowId ?? decision.rowless.stored[0]?.id ?? null
      const timeNs = timeOf(decision.second, 2n * (digestOf(decision.line) % BigInt(slotsPerSecond)) + 1n)
      points.push(this.#point(decision, storedWorkflowId, revision?.revisionId ?? null, null, timeNs, looked))
    }
    return points
  }

  #point(
    { domain }: Accepted,
    storedWorkflowId: number | null,
    revisionId: number | null,
    row: InvocationRow | null,
    timeNs: bigint,
    looked: LookedUp,
  ): Point {
    const stored = storedWorkflowId === null ? null : (looked.stored.get(storedWorkflowId) ?? null)
    const provenance = revisionId === null ? null : this.#revisions.provenance(storedWorkflowId, revisionId)
    const { name, origin, derived } = provenance ?? { name: stored?.name ?? '', origin: null, derived: false }
    const identity = identify(name, origin, derived, stored, this.#settings.identity)
    const tags: Point['tags'] = {
      domain: tagValue(domain),
      workflow_name: tagValue(identity.workflowName) || 'unnamed',
      canonical_id: tagValue(identity.canonicalId) || 'unnamed',
      identity: identity.kind,
    }
    const registry = tagValue(identity.registry ?? '')
    if (registry !== '') tags['trs_server'] = registry
    const fields: Point['fields'] = { count: 1, derived: identity.derived }
    if (stored !== null) fields['workflow_id'] = BigInt(stored.id)
    if (stored?.ownerId != null) fields['owner_id'] = BigInt(stored.ownerId)
    if (identity.versionId !== null) fields['trs_version_id'] = fieldText(identity.versionId)
    if (row !== null) {
      fields['invocation_id'] = BigInt(row.id)
      fields['revision_id'] = BigInt(row.revisionId)
      if (row.userId !== null) fields['user_id'] = BigInt(row.userId)
    }
    return { measurement: 'workflow_invocation', tags, fields, timeNs }
  }
}

function timeOf(second: number, nanoseconds: bigint): bigint {
  return BigInt(second) * 1_000_000_000n + nanoseconds
}

function digestOf(line: string): bigint {
  return BigInt(`0x${line.slice(0, 16)}`)
}
