// Where the scenarios play: it keeps the time, the people, what was logged and what Galaxy's tables hold of it.
import { type AccessLine, formatLine } from './access_line.ts'
import type { GalaxyRows, History, Invocation, Revision } from './galaxy_rows.ts'
import { anyReferer, labs, type RefererCase } from './labs.ts'
import { makePerson, type Person } from './people.ts'
import type { Random } from './random.ts'
import type { Settings } from './settings.ts'
import { type Library, type Workflow, workflowsOf } from './workflows.ts'

/** What has to become of a line. `contested`: more than one line has a claim, and the rules decide. */
export type Outcome = 'points' | 'rowless' | 'nothing' | 'refused' | 'undecodable' | 'unresolved' | 'contested'

/** One line of the log, with what its writer knows about it. */
export type LoggedLine = {
  endMicros: number
  bytes: Buffer
  truth?: { scenario: string; outcome: Outcome; invocations: Invocation[]; referer: RefererCase }
}

export type Post = {
  person: Person
  path: string
  endMicros: number
  outcome: Outcome
  invocations?: Invocation[]
  status?: number
  referer?: RefererCase
  bodyBytes?: number
  /** How long it took; long enough for its rows when left out. */
  durationMicros?: number
}

const second = 1_000_000
/** A line's window reaches 121 s back and 1 s on; two scenarios of one workflow keep farther apart. */
const apart = 125 * second

export class Stage {
  readonly lines: LoggedLine[] = []
  readonly histories: History[] = []
  readonly invocations: Invocation[] = []
  readonly subworkflows: { parent: Invocation; child: Invocation }[] = []
  scenario = ''
  /** In the middle of the log: nobody invokes anything within a window of it. */
  readonly quietMicros: number
  readonly #reserved = new Map<number, { fromMicros: number; toMicros: number }[]>()
  readonly #workflowOfRevision = new Map<number, Workflow>()
  readonly #workflowOfStored = new Map<number, Workflow>()
  readonly random: Random
  readonly library: Library
  readonly settings: Settings
  readonly startMicros: number
  readonly endMicros: number

  constructor(random: Random, library: Library, settings: Settings, startMicros: number, endMicros: number) {
    this.random = random
    this.library = library
    this.settings = settings
    this.startMicros = startMicros
    this.endMicros = endMicros
    this.quietMicros = Math.floor((startMicros + endMicros) / 2 / second) * second
    for (const workflow of workflowsOf(library)) {
      this.#workflowOfStored.set(workflow.stored.id, workflow)
      for (const revision of workflow.revisions) this.#workflowOfRevision.set(revision.id, workflow)
    }
  }

  /** A time to start something that lasts so long: all of it inside the log and away from the quiet minutes. */
  moment(durationMicros: number): number {
    for (;;) {
      const from = this.random.integer(this.startMicros + apart, this.endMicros - durationMicros - 3 * second)
      if (from > this.quietMicros + apart || from + durationMicros < this.quietMicros - apart) return from
    }
  }

  /** A time at which the workflows, and whatever their numbers mean as revisions' ids, are left alone by others. */
  reserve(choose: () => Workflow[], durationMicros: number): { workflows: Workflow[]; startMicros: number } {
    for (let attempt = 0; attempt < 2000; attempt += 1) {
      const workflows = choose()
      const startMicros = this.moment(durationMicros)
      const namesakes = workflows.flatMap(({ stored }) => this.#workflowOfRevision.get(stored.id) ?? [])
      const all = [...new Set([...workflows, ...namesakes])]
      const slot = { fromMicros: startMicros, toMicros: startMicros + durationMicros }
      const near = this.random.integer(3, 9) * second
      const settled = workflows.every(({ revisions }) =>
        revisions.every(({ createdMicros: made }) => made < slot.fromMicros - near || made > slot.toMicros + near),
      )
      if (!settled || !all.every(({ stored }) => this.#isFree(stored.id, slot))) continue
      for (const { stored } of all) this.#reserved.set(stored.id, [...(this.#reserved.get(stored.id) ?? []), slot])
      return { workflows, startMicros }
    }
    throw new Error(`no room left for ${this.scenario}: too many invocations for so few workflows and so little time`)
  }

  #isFree(storedId: number, slot: { fromMicros: number; toMicros: number }): boolean {
    const taken = this.#reserved.get(storedId) ?? []
    return taken.every(
      ({ fromMicros, toMicros }) => slot.fromMicros - apart > toMicros || slot.toMicros + apart < fromMicros,
    )
  }

  workflowOfStored(id: number): Workflow | undefined {
    return this.#workflowOfStored.get(id)
  }

  hasRevision(id: number): boolean {
    return this.#workflowOfRevision.has(id) || this.library.inline.some((revision) => revision.id === id)
  }

  /** A duration in microseconds: most requests are short, a few take more than a minute. */
  duration(): number {
    const [least, greatest] = this.random.weighted([
      [[0.05, 0.8], 60],
      [[0.8, 6], 30],
      [[6, 30], 8],
      [[30, 100], 2],
    ] as [[number, number], number][])
    return Math.floor((least + this.random.next() * (greatest - least)) * second)
  }

  person(): Person {
    const person = makePerson(this.random, this.library.users, 11 + this.histories.length * 2)
    if (person.history) this.histories.push(person.history)
    return person
  }

  /** A row of `workflow_invocation`; its number comes when all are there. */
  invoke(revision: Revision, person: Person, createdMicros: number): Invocation {
    const state = this.random.pick(['new', 'ready', 'scheduled', 'scheduled', 'cancelled', 'failed'])
    const uuid = this.random.hexadecimal(32)
    const historyId = person.history?.id ?? null
    const invocation = { id: 0, workflowId: revision.id, historyId, state, uuid, createdMicros }
    this.invocations.push(invocation)
    return invocation
  }

  /** A subworkflow's run, which Galaxy puts in the same table. */
  invokeInside(parent: Invocation, revision: Revision, createdMicros: number): Invocation {
    const child = this.invoke(revision, { history: null, address: '', userAgent: '', remoteUser: '' }, createdMicros)
    child.historyId = parent.historyId
    this.subworkflows.push({ parent, child })
    return child
  }

  /** Writes a line about a POST. */
  post({ person, path, endMicros, outcome, invocations = [], status = 200, referer, ...fixed }: Post) {
    const from = referer ?? anyReferer(this.random)
    const created = invocations.map(({ createdMicros }) => createdMicros)
    const protocol = this.random.weighted([
      ['HTTP/1.1', 8],
      ['HTTP/2.0', 4],
      ['HTTP/1.0', 1],
    ])
    const line: AccessLine = {
      remoteAddress: person.address,
      remoteUser: person.remoteUser,
      endMicros,
      request: `POST ${path} ${protocol}`,
      status,
      bodyBytes: fixed.bodyBytes ?? this.random.integer(0, 30_000),
      referer: from.referer,
      userAgent: person.userAgent,
      durationMicros:
        fixed.durationMicros ?? endMicros - Math.min(endMicros, ...created) + this.random.integer(1, 40_000),
      host: this.#hostOf(from, outcome),
    }
    const truth = { scenario: this.scenario, outcome, invocations, referer: from }
    this.lines.push({ endMicros, bytes: formatLine(line, this.settings.logFormat), truth })
  }

  /** A `$host` that tells the lab, whatever the Referer says, or one that is empty. */
  #hostOf(referer: RefererCase, outcome: Outcome): string {
    const isLab = labs.includes(referer.domain)
    // Where lines meet in one second, their domain must not depend on which of them it is.
    if (outcome === 'contested') return isLab && this.settings.logFormat === 'timed' ? referer.domain : ''
    return this.random.chance(0.5) ? this.random.pick(labs) : ''
  }

  /** Everything as Galaxy's tables hold it, with invocations numbered nearly in the order of their times. */
  rows(): GalaxyRows {
    const order = this.invocations.map((invocation) => ({
      invocation,
      // A number is drawn before the row's time is taken, so that neighbours can swap.
      drawn: invocation.createdMicros + this.random.integer(-200_000, 200_000),
    }))
    order.sort((a, b) => a.drawn - b.drawn)
    let id = 41_000
    for (const { invocation } of order) {
      id += this.random.integer(1, 3)
      invocation.id = id
    }
    const workflows = workflowsOf(this.library)
    return {
      users: this.library.users,
      histories: this.histories,
      storedWorkflows: workflows.map(({ stored }) => stored),
      revisions: [...workflows.flatMap(({ revisions }) => revisions), ...this.library.inline],
      invocations: order.map(({ invocation }) => invocation),
      subworkflows: this.subworkflows.map(({ parent, child }) => ({
        invocationId: parent.id,
        subworkflowInvocationId: child.id,
      })),
    }
  }
}
