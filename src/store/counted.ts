import { Column, Pairs } from './column.ts'
import type { Identity } from './view.ts'

/** What tells one workflow from another: a local one may bear any name, also that of one in a registry. */
export interface Workflow {
  canonicalId: string
  identity: Identity
  registry: string | null
}

export interface Series {
  domain: string
  workflowName: string
  canonicalId: string
  registry: string | null
  identity: Identity
}

/** Numbers for values, in the order in which they are first met. */
class Numbers<T> {
  readonly values: T[] = []
  readonly #numbers = new Map<string | number, number>()

  numberOf(key: string | number, value: T): number {
    const known = this.#numbers.get(key)
    if (known !== undefined) return known
    this.#numbers.set(key, this.values.length)
    return this.values.push(value) - 1
  }
}

/**
 * Everything that a view is made of, in memory, in columns: 20 bytes an invocation, 8 a refused request, and some 30
 * for each pair of a workflow and a person. Invocations stand in the order in which they came, not in that of time.
 */
export class Counted {
  readonly second = new Column()
  /** The id of the series in the store. */
  readonly series = new Column()
  /** The number of the person; 0 where it is not known. */
  readonly person = new Column()
  /** Which workflow and which person: the number of the pair in `runs`. */
  readonly run = new Column()
  /** The id of the version in the store; 0 where there is none. */
  readonly version = new Column()
  readonly rejectedSecond = new Column()
  readonly rejectedSeries = new Column()

  /** Pairs of the numbers of a workflow and of a person. */
  readonly runs = new Pairs()
  /** By the id of the series: what it says, and the numbers of its domain and its workflow. */
  readonly seriesNames: string[] = []
  readonly seriesDomain = new Column()
  readonly seriesWorkflow = new Column()
  readonly versionNames: string[] = []
  readonly rejectedSeriesTags: { domain: string; status: string }[] = []

  readonly #domains = new Numbers<string>()
  readonly #workflows = new Numbers<Workflow>()
  readonly #people = new Numbers<null>()
  firstSecond = Number.POSITIVE_INFINITY
  lastSecond = 0

  constructor() {
    this.#people.numberOf('unknown', null)
  }

  get invocations(): number {
    return this.second.length
  }

  get isEmpty(): boolean {
    return this.second.length + this.rejectedSecond.length === 0
  }

  get domains(): readonly string[] {
    return this.#domains.values
  }

  get workflows(): readonly Workflow[] {
    return this.#workflows.values
  }

  /** How many people there are, and one more for those not known. */
  get people(): number {
    return this.#people.values.length
  }

  addSeries(id: number, { domain, workflowName, canonicalId, registry, identity }: Series): void {
    // Ids without a series are passed over: they are nobody's.
    while (this.seriesDomain.length < id) this.#addSeries(0, 0, '')
    const workflow = { canonicalId, identity, registry }
    const key = JSON.stringify([canonicalId, identity, registry])
    this.#addSeries(this.#domains.numberOf(domain, domain), this.#workflows.numberOf(key, workflow), workflowName)
  }

  #addSeries(domain: number, workflow: number, name: string): void {
    this.seriesDomain.push(domain)
    this.seriesWorkflow.push(workflow)
    this.seriesNames.push(name)
  }

  addInvocation(second: number, series: number, userId: number | null, version: number | null): void {
    const person = userId === null ? 0 : this.#people.numberOf(userId, null)
    this.second.push(second)
    this.series.push(series)
    this.person.push(person)
    this.run.push(this.runs.numberOf(this.seriesWorkflow.values[series]!, person))
    this.version.push(version ?? 0)
    if (second < this.firstSecond) this.firstSecond = second
    if (second > this.lastSecond) this.lastSecond = second
  }

  addRejected(second: number, series: number): void {
    this.rejectedSecond.push(second)
    this.rejectedSeries.push(series)
  }
}
