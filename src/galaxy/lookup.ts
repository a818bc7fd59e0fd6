import type { Postgres } from '../clients/postgres.ts'
import type { Columns } from './columns.ts'
import type { IdCodec } from './ids.ts'
import type { Ledger } from './ledger.ts'
import { type Meaning, meaningOf, outcomeOf } from './meaning.ts'
import type { InvocationRequest } from './request.ts'
import type { Revisions } from './revisions.ts'
import { type InvocationRow, type StoredWorkflow, Tables } from './tables.ts'
import type { Window } from './windows.ts'

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
  // Few workflows are most of the invocations, and to decode an id takes longer than all else done with its line.
  const byId = Map.groupBy(requests, ({ id, instance }) => `${id} ${instance}`)
  const meanings = new Map([...byId].map(([key, [first]]) => [key, meaningOf(first!, codec)]))
  const meant = requests.map((request) => ({
    request,
    meaning: meanings.get(`${request.id} ${request.instance}`)!,
    window: windowOf(request, settings.maxRequestMs),
  }))
  const given = new Set(requests.flatMap(({ line }) => ledger.invocationsOf(line)))

  return database.read(async (query) => {
    const tables = new Tables(query, columns)
    const idsOf = (kind: 'number' | 'revision') =>
      distinct(meant.flatMap(({ meaning }) => (meaning.kind === kind && meaning.id > 0 ? [meaning.id] : [])))
    const uuids = distinct(meant.flatMap(({ meaning }) => (meaning.kind === 'uuid' ? [meaning.uuid] : [])))
    const byUuid = Map.groupBy(await tables.storedWorkflowsByUuid(uuids), ({ uuid }) => uuid)
    const ofRevision = new Map(
      (await tables.storedWorkflowsOf(idsOf('revision'))).map((it) => [it.id, it.storedWorkflowId]),
    )

    const storedIdsOf = (meaning: Meaning): number[] => {
      if (meaning.kind === 'number') return meaning.id > 0 ? [meaning.id] : []
      if (meaning.kind === 'uuid')
        return (byUuid.get(meaning.uuid) ?? []).map(({ storedWorkflowId }) => storedWorkflowId)
      return meaning.kind === 'revision' ? [ofRevision.get(meaning.id) ?? []].flat() : []
    }
    const asked = meant.map((it) => ({
      ...it,
      storedIds: storedIdsOf(it.meaning),
      mayHaveRows: settings.matchInvocations && outcomeOf(it.request.status) !== 'refused',
    }))

    const ofStored = new RowIndex(
      await tables.invocationsOfStored(
        asked.flatMap((it) => (it.mayHaveRows ? it.storedIds.map((id) => ({ id, ...it.window })) : [])),
      ),
      (row) => row.storedWorkflowId,
    )
    const revisionOf = ({ meaning, storedIds, window }: (typeof asked)[number]): number | null => {
      if (meaning.kind === 'number') return ofStored.within(storedIds, window).length === 0 ? meaning.id : null
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
      ...asked.flatMap((it) => it.storedIds),
      ...[...rows.values()].flatMap((row) => row.storedWorkflowId ?? []),
    ])
    const stored = new Map((await tables.storedWorkflows(storedIds)).map((workflow) => [workflow.id, workflow]))

    const looked = asked.map(({ request, meaning, window, storedIds, mayHaveRows }): Looked => {
      const own = ofStored.within(storedIds, window)
      const revisionRows =
        mayHaveRows && own.length === 0 && 'id' in meaning ? ofRevisions.within([meaning.id], window) : []
      return {
        request,
        meaning,
        window,
        stored: storedIds.flatMap((id) => stored.get(id) ?? []),
        revisionId: meaning.kind === 'revision' && ofRevision.has(meaning.id) ? meaning.id : null,
        rows: own.length > 0 ? own : revisionRows,
      }
    })
    // Only a line without rows may come to ask for a newest revision, or for the one it names.
    const rowless = looked.filter((it) => it.rows.length === 0 && outcomeOf(it.request.status) === 'success')
    await revisions.load(
      tables,
      [...rows.values()],
      distinct(rowless.flatMap((it) => it.stored.map(({ id }) => id))),
      rowless.flatMap((it) => (it.stored.length === 0 ? (it.revisionId ?? []) : [])),
    )
    return { requests: looked, stored, rows }
  })
}

/** Rows by stored workflow or revision, in the order of their making. */
class RowIndex {
  readonly all: InvocationRow[]
  readonly #byId: Map<number | null, InvocationRow[]>

  constructor(rows: InvocationRow[], idOf: (row: InvocationRow) => number | null) {
    this.all = rows.toSorted((a, b) => a.createdMs - b.createdMs || a.id - b.id)
    this.#byId = Map.groupBy(this.all, idOf)
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
