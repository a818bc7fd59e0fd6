import type { Postgres } from '../clients/postgres.ts'
import type { Columns } from './columns.ts'
import type { IdCodec } from './ids.ts'
import type { Ledger } from './ledger.ts'
import { type Meaning, meaningOf, outcomeOf } from './meaning.ts'
import type { InvocationRequest } from './request.ts'
import type { Revisions } from './revisions.ts'
import { type InvocationRow, type StoredWorkflow, Tables } from './tables.ts'
import { joinedUp, type Window } from './windows.ts'

export interface LookupSettings {
  matchInvocations: boolean
  maxRequestMs: number
}

/** A request with everything that Galaxy's database says of it. */
export interface Looked {
  request: InvocationRequest
  meaning: Meaning
  /** The stored workflows meant, those alone that there are. */
  stored: StoredWorkflow[]
  /** The revision meant, where the request says that it is one and there is such a one. */
  revisionId: number | null
  /** Top-level rows in the request's window: the stored workflows', else those of the revision of that number. */
  rows: InvocationRow[]
  window: { fromMs: number; toMs: number }
}

export interface LookedUp {
  requests: Looked[]
  stored: Map<number, StoredWorkflow>
  /** Every row that came up, those that the ledger gave to these lines included. */
  rows: Map<number, InvocationRow>
}

/** nginx tells whole seconds, and takes the time after Galaxy answered. */
const slackMs = 1000

/** When the rows of a request may have been made. */
function windowOf({ timeMs, durationMs }: InvocationRequest, maxRequestMs: number): { fromMs: number; toMs: number } {
  return { fromMs: timeMs - (durationMs ?? maxRequestMs) - slackMs, toMs: timeMs + slackMs }
}

/**
 * Asks Galaxy's database about a batch, a few queries for all of it, in one read-only transaction.
 *
 * @throws Unavailable
 */
export async function lookUp(
  requests: InvocationRequest[],
  database: Postgres,
  columns: Columns,
  codec: IdCodec,
  ledger: Ledger,
  revisions: Revisions,
  settings: LookupSettings,
): Promise<LookedUp> {
  // Few workflows are most of the invocations, and a UUID may stand for thousands of stored workflows: what an id means
  // is found out once, and shared by all who ask for it.
  const asks = new Map<string, Ask>()
  const asked = requests.map((request) => {
    const key = `${request.id} ${request.instance}`
    const ask = asks.get(key) ?? { meaning: meaningOf(request, codec), storedIds: [], stored: [], idsWithRows: [] }
    asks.set(key, ask)
    const mayHaveRows = settings.matchInvocations && outcomeOf(request.status) !== 'refused'
    return { request, ask, mayHaveRows, window: windowOf(request, settings.maxRequestMs) }
  })
  const given = new Set(requests.flatMap(({ line }) => ledger.invocationsOf(line)))
  // What such a line became is told by revisions again, though there may be rows in its window now.
  const decidedRowless = new Set(requests.flatMap(({ line }) => (ledger.line(line)?.rowless === true ? [line] : [])))

  return database.read(async (query) => {
    const tables = new Tables(query, columns)
    const meanings = [...asks.values()].map(({ meaning }) => meaning)
    const idsOf = (kind: 'number' | 'revision') =>
      distinct(meanings.flatMap((meaning) => (meaning.kind === kind && meaning.id > 0 ? [meaning.id] : [])))
    const uuids = distinct(meanings.flatMap((meaning) => (meaning.kind === 'uuid' ? [meaning.uuid] : [])))
    const byUuid = Map.groupBy(await tables.storedWorkflowsByUuid(uuids), ({ uuid }) => uuid)
    const ofRevision = new Map(
      (await tables.storedWorkflowsOf(idsOf('revision'))).map((it) => [it.id, it.storedWorkflowId]),
    )
    for (const ask of asks.values()) {
      const { meaning } = ask
      if (meaning.kind === 'number' && meaning.id > 0) ask.storedIds = [meaning.id]
      if (meaning.kind === 'uuid')
        ask.storedIds = (byUuid.get(meaning.uuid) ?? []).map(({ storedWorkflowId }) => storedWorkflowId)
      if (meaning.kind === 'revision') ask.storedIds = [ofRevision.get(meaning.id) ?? []].flat()
    }

    const ofAsk = Map.groupBy(
      asked.filter((it) => it.mayHaveRows),
      ({ ask }) => ask,
    )
    const ofStored = new RowIndex(
      await tables.invocationsOfStored(
        [...ofAsk].flatMap(([{ storedIds }, its]) => {
          const windows = joinedUp(its.map(({ window }) => ({ id: 0, ...window })))
          return storedIds.flatMap((id) => windows.map((window) => ({ ...window, id })))
        }),
      ),
      (row) => row.storedWorkflowId,
    )
    for (const ask of asks.values()) ask.idsWithRows = ask.storedIds.filter((id) => ofStored.has(id))

    const revisionOf = ({
      ask: { meaning, storedIds, idsWithRows },
      window,
    }: (typeof asked)[number]): number | null => {
      if (meaning.kind === 'number') return ofStored.within(idsWithRows, window).length === 0 ? meaning.id : null
      return meaning.kind === 'revision' && storedIds.length === 0 ? meaning.id : null
    }
    const revisionWindows: Window[] = asked.flatMap((it) => {
      const id = it.mayHaveRows ? revisionOf(it) : null
      return id === null ? [] : [{ id, ...it.window }]
    })
    const ofRevisions = new RowIndex(await tables.invocationsOfRevisions(revisionWindows), (row) => row.revisionId)

    const rows = new Map([...ofStored.all, ...ofRevisions.all].map((row) => [row.id, row]))
    for (const row of await tables.invocationsById([...given].filter((id) => !rows.has(id)))) rows.set(row.id, row)

    const storedIds = distinct([
      ...[...asks.values()].flatMap((ask) => ask.storedIds),
      ...[...rows.values()].flatMap((row) => row.storedWorkflowId ?? []),
    ])
    const stored = new Map((await tables.storedWorkflows(storedIds)).map((workflow) => [workflow.id, workflow]))
    for (const ask of asks.values()) ask.stored = ask.storedIds.flatMap((id) => stored.get(id) ?? [])

    const looked = asked.map(({ request, ask, window, mayHaveRows }): Looked => {
      const { meaning } = ask
      const own = ofStored.within(ask.idsWithRows, window)
      const revisionRows =
        mayHaveRows && own.length === 0 && 'id' in meaning ? ofRevisions.within([meaning.id], window) : []
      return {
        request,
        meaning,
        window,
        stored: ask.stored,
        revisionId: meaning.kind === 'revision' && ofRevision.has(meaning.id) ? meaning.id : null,
        rows: own.length > 0 ? own : revisionRows,
      }
    })
    // Only a line without rows may come to ask for a newest revision, or for the one it names.
    const rowless = looked.filter(
      ({ request, rows }) =>
        (rows.length === 0 && outcomeOf(request.status) === 'success') || decidedRowless.has(request.line),
    )
    await revisions.load(
      tables,
      [...rows.values()],
      distinct(distinct(rowless.map((it) => it.stored)).flatMap((its) => its.map(({ id }) => id))),
      rowless.flatMap((it) => (it.stored.length === 0 ? (it.revisionId ?? []) : [])),
    )
    return { requests: looked, stored, rows }
  })
}

/** What the requests of one id have in common; filled in as it is found out. */
interface Ask {
  meaning: Meaning
  /** The stored workflows that it may mean. */
  storedIds: number[]
  /** Of these those that there are. */
  stored: StoredWorkflow[]
  /** Of these those of which rows were found. */
  idsWithRows: number[]
}

/** Rows by stored workflow or revision, in the order of their making. */
class RowIndex {
  readonly all: InvocationRow[]
  readonly #byId: Map<number | null, InvocationRow[]>

  constructor(rows: InvocationRow[], idOf: (row: InvocationRow) => number | null) {
    this.all = rows.toSorted((a, b) => a.createdMs - b.createdMs || a.id - b.id)
    this.#byId = Map.groupBy(this.all, idOf)
  }

  has(id: number): boolean {
    return this.#byId.has(id)
  }

  within(ids: number[], { fromMs, toMs }: { fromMs: number; toMs: number }): InvocationRow[] {
    return ids.flatMap((id) => {
      const rows = this.#byId.get(id) ?? []
      return rows.slice(firstAt(rows, fromMs), firstAt(rows, toMs))
    })
  }
}

/** Where the rows made at that instant or later begin, by halves: a batch may be one workflow's alone. */
function firstAt(rows: InvocationRow[], instantMs: number): number {
  let [low, high] = [0, rows.length]
  while (low < high) {
    const middle = (low + high) >>> 1
    if (rows[middle]!.createdMs < instantMs) low = middle + 1
    else high = middle
  }
  return low
}

function distinct<T>(values: T[]): T[] {
  return [...new Set(values)]
}
