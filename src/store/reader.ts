import type { DatabaseSync, StatementSync } from 'node:sqlite'
import { setImmediate as nextTurn } from 'node:timers/promises'
import { Counted } from './counted.ts'
import type { Identity } from './view.ts'

/** So many rows are read before others get their turn: some 20 ms. */
const pageRows = 10_000

type Row = (number | string | null)[]

/** Keeps in memory what a store holds, and takes in what is new. */
export class StoreReader {
  readonly #database: DatabaseSync
  readonly #counted = new Counted()
  /** How often older rows had been changed when the reading began. */
  readonly #older: number
  readonly #changed: StatementSync
  readonly #olderNow: StatementSync
  readonly #series: StatementSync
  readonly #versions: StatementSync
  readonly #rejectedSeries: StatementSync
  readonly #invocations: StatementSync
  readonly #rejected: StatementSync
  readonly #last = { series: 0, version: 0, rejectedSeries: 0, invocation: 0, rejected: 0 }
  #dataVersion = -1

  constructor(database: DatabaseSync) {
    this.#database = database
    const rows = (sql: string) => {
      const statement = database.prepare(sql)
      statement.setReturnArrays(true)
      return statement
    }
    this.#changed = database.prepare('pragma data_version')
    this.#olderNow = database.prepare('select older from change')
    this.#series = rows(
      'select id, domain, workflow_name, canonical_id, trs_server, identity from series where id > ? order by id',
    )
    this.#versions = rows('select id, name from version where id > ? order by id')
    this.#rejectedSeries = rows('select id, domain, status from rejected_series where id > ? order by id')
    this.#invocations = rows(
      `select id, second, series, user_id, version from invocation where id > ? order by id limit ${pageRows}`,
    )
    this.#rejected = rows(`select id, second, series from rejected where id > ? order by id limit ${pageRows}`)
    this.#older = this.#readOlder()
  }

  /** Complete after the first `refresh`; grows in place after that. */
  get counted(): Counted {
    return this.#counted
  }

  /** Whether rows have changed since they were read, so that all must be read anew. */
  get isStale(): boolean {
    return this.#readOlder() !== this.#older
  }

  /**
   * Takes in what was written since the last time, a page at a time, until the signal is given.
   *
   * @returns whether anything came
   */
  async refresh(signal: AbortSignal): Promise<boolean> {
    const dataVersion = Number(this.#changed.get()!['data_version'])
    if (dataVersion === this.#dataVersion) return false
    let grown = false
    while (!signal.aborted && this.#readPage() > 0) {
      grown = true
      await nextTurn()
    }
    this.#dataVersion = dataVersion
    return grown
  }

  close(): void {
    if (this.#database.isOpen) this.#database.close()
  }

  #readOlder(): number {
    return Number(this.#olderNow.get()!['older'])
  }

  /** Rows first, then what they name: that was written before them, or with them. */
  #readPage(): number {
    const invocations = this.#invocations.all(this.#last.invocation) as unknown as Row[]
    const rejected = this.#rejected.all(this.#last.rejected) as unknown as Row[]
    if (invocations.length + rejected.length === 0) return 0
    this.#readNames()
    for (const [, second, series, userId, version] of invocations as [number, number, number, number | null, number][])
      this.#counted.addInvocation(second, series, userId, version)
    for (const [, second, series] of rejected as [number, number, number][]) this.#counted.addRejected(second, series)
    this.#last.invocation = Number(invocations.at(-1)?.[0] ?? this.#last.invocation)
    this.#last.rejected = Number(rejected.at(-1)?.[0] ?? this.#last.rejected)
    return invocations.length + rejected.length
  }

  #readNames(): void {
    for (const row of this.#series.all(this.#last.series) as unknown as Row[]) {
      const [id, domain, workflowName, canonicalId, trsServer, identity] = row as [number, ...string[]]
      const registry = trsServer === '' ? null : trsServer!
      this.#counted.addSeries(id, {
        domain: domain!,
        workflowName: workflowName!,
        canonicalId: canonicalId!,
        registry,
        identity: identity as Identity,
      })
      this.#last.series = id
    }
    for (const row of this.#versions.all(this.#last.version) as unknown as Row[]) {
      const [id, name] = row as [number, string]
      this.#counted.versionNames[id] = name
      this.#last.version = id
    }
    for (const row of this.#rejectedSeries.all(this.#last.rejectedSeries) as unknown as Row[]) {
      const [id, domain, status] = row as [number, string, string]
      this.#counted.rejectedSeriesTags[id] = { domain, status }
      this.#last.rejectedSeries = id
    }
  }
}
