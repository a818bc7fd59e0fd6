import { arrayOf, type Query } from '../clients/postgres.ts'
import type { Columns } from './columns.ts'
import { joinedUp, type Window } from './windows.ts'

/** Ids are 32-bit integers in Galaxy's tables; a greater one is no row's. */
export const idMax = 2_147_483_647

export interface StoredWorkflow {
  id: number
  ownerId: number | null
  name: string
  published: boolean
}

/** A top-level `workflow_invocation` row. */
export interface InvocationRow {
  id: number
  revisionId: number
  storedWorkflowId: number | null
  createdMs: number
  /** The person who ran it; `null` for nobody, as when anonymous. */
  userId: number | null
}

/** Any row of `workflow_invocation`, also one that a parent's run made for its subworkflow. */
export interface CountedRow {
  id: number
  createdMs: number
  isTopLevel: boolean
}

export interface Revision {
  id: number
  storedWorkflowId: number | null
  name: string
  metadata: Uint8Array | null
  createdMs: number
}

/** A revision's metadata is some hundred bytes; more is cut off, and is then broken. */
const metadataMaxBytes = 65_536
/** Galaxy lets a name be as long as its owner likes; a tag shows 256 characters of it. */
const nameMaxCharacters = 1000

/**
 * The queries on Galaxy's tables, all of them: only SELECT, and only on the columns that Galaxy 20.05 to 26.x have
 * (galaxyproject/galaxy, lib/galaxy/model/__init__.py). Times are `timestamp without time zone` and hold UTC.
 */
export class Tables {
  readonly #query: Query
  readonly #columns: Columns

  constructor(query: Query, columns: Columns) {
    this.#query = query
    this.#columns = columns
  }

  async storedWorkflows(ids: number[]): Promise<StoredWorkflow[]> {
    if (ids.length === 0) return []
    const rows = await this.#query`
      select id, user_id, left(name, ${nameMaxCharacters}) as name, published from stored_workflow where id = any(${arrayOf(ids)}::int[])`
    return rows.map((row) => ({
      id: row['id'],
      ownerId: row['user_id'],
      name: row['name'] ?? '',
      published: row['published'] === true,
    }))
  }

  /** Which stored workflows revisions belong to. */
  async storedWorkflowsOf(revisionIds: number[]): Promise<{ id: number; storedWorkflowId: number | null }[]> {
    if (revisionIds.length === 0) return []
    const rows = await this.#query`
      select id, stored_workflow_id from workflow where id = any(${arrayOf(revisionIds)}::int[])`
    return rows.map((row) => ({ id: row['id'], storedWorkflowId: row['stored_workflow_id'] }))
  }

  /** The stored workflows of every revision with one of these UUIDs (32 hex digits); a UUID is not unique. */
  async storedWorkflowsByUuid(uuids: string[]): Promise<{ uuid: string; storedWorkflowId: number }[]> {
    if (uuids.length === 0) return []
    const rows = await this.#query`
      select distinct uuid, stored_workflow_id from workflow
      where uuid = any(${arrayOf(uuids)}::char(32)[]) and stored_workflow_id is not null`
    return rows.map((row) => ({ uuid: row['uuid'], storedWorkflowId: row['stored_workflow_id'] }))
  }

  /** The invocations of any revision of the windows' stored workflows, and some made between the windows. */
  async invocationsOfStored(windows: Window[]): Promise<InvocationRow[]> {
    if (windows.length === 0) return []
    return this.#invocations(windows, this.#query`w.stored_workflow_id = asked.id`)
  }

  /** The invocations of the windows' revisions, and some made between the windows. */
  async invocationsOfRevisions(windows: Window[]): Promise<InvocationRow[]> {
    if (windows.length === 0) return []
    return this.#invocations(windows, this.#query`w.id = asked.id`)
  }

  async invocationsById(ids: number[]): Promise<InvocationRow[]> {
    if (ids.length === 0) return []
    const rows = await this.#query`
      select i.id, i.workflow_id, w.stored_workflow_id, h.user_id,
        extract(epoch from i.create_time)::float8 * 1000 as created_ms
      from workflow_invocation i
      join workflow w on w.id = i.workflow_id
      left join history h on h.id = i.history_id
      where i.id = any(${arrayOf(ids)}::int[])`
    return rows.map(invocationRow)
  }

  /** The next rows by id, of every kind: as many rows are looked at as are asked for, wherever in time they lie. */
  async invocationsAfter(id: number, most: number): Promise<CountedRow[]> {
    const rows = await this.#query`
      select id, extract(epoch from create_time)::float8 * 1000 as created_ms from workflow_invocation
      where id > ${id} and create_time is not null order by id limit ${most}`
    if (rows.length === 0) return []
    const [first, last] = [rows[0]!['id'], rows.at(-1)!['id']]
    return this.#counted(rows, this.#query`subworkflow_invocation_id between ${first} and ${last}`)
  }

  async countedById(ids: number[]): Promise<CountedRow[]> {
    const given = arrayOf(ids)
    const rows = await this.#query`
      select id, extract(epoch from create_time)::float8 * 1000 as created_ms from workflow_invocation
      where id = any(${given}::int[]) and create_time is not null`
    return this.#counted(rows, this.#query`subworkflow_invocation_id = any(${given}::int[])`)
  }

  /** The greatest id of any row; 0 where there is none. */
  async lastInvocationId(): Promise<number> {
    const [row] = await this.#query`select coalesce(max(id), 0) as id from workflow_invocation`
    return row!['id']
  }

  /** Every revision of these stored workflows, oldest first. */
  async revisionsOfStored(storedWorkflowIds: number[]): Promise<Revision[]> {
    if (storedWorkflowIds.length === 0) return []
    return this.#revisions(this.#query`stored_workflow_id = any(${arrayOf(storedWorkflowIds)}::int[])`)
  }

  async revisions(ids: number[]): Promise<Revision[]> {
    if (ids.length === 0) return []
    return this.#revisions(this.#query`id = any(${arrayOf(ids)}::int[])`)
  }

  /** Stored workflows with a revision whose metadata holds these ASCII characters somewhere: the whole table is read. */
  async storedWorkflowsMentioning(characters: string, most: number): Promise<number[]> {
    if (!this.#columns.sourceMetadata || characters === '') return []
    const rows = await this.#query`
      select distinct stored_workflow_id as id from workflow
      where stored_workflow_id is not null and position(convert_to(${characters}, 'UTF8') in source_metadata) > 0
      order by id desc limit ${most}`
    return rows.map((row) => row['id'])
  }

  async storedWorkflowsNamed(name: string, most: number): Promise<number[]> {
    const rows = await this.#query`select id from stored_workflow where name = ${name} order by id desc limit ${most}`
    return rows.map((row) => row['id'])
  }

  /** How often each was invoked, ever; those that never were are left out. */
  async invocationCounts(storedWorkflowIds: number[]): Promise<Map<number, number>> {
    if (storedWorkflowIds.length === 0) return new Map()
    const rows = await this.#query`
      select w.stored_workflow_id as id, count(*)::int as count
      from workflow w join workflow_invocation i on i.workflow_id = w.id
      where w.stored_workflow_id = any(${arrayOf(storedWorkflowIds)}::int[]) and not exists (
        select 1 from workflow_invocation_to_subworkflow_invocation_association a
        where a.subworkflow_invocation_id = i.id)
      group by w.stored_workflow_id`
    return new Map(rows.map((row) => [row['id'], row['count']]))
  }

  /** The login names of people, where this user may read them. */
  async usernames(ids: number[]): Promise<Map<number, string>> {
    const rows = await this.#query`select id, username from galaxy_user where id = any(${arrayOf(ids)}::int[])`
    return new Map(rows.map((row) => [row['id'], row['username'] ?? '']))
  }

  /** Two index scans: a join would let the planner read the whole association for each page. */
  async #counted(rows: Iterable<Record<string, unknown>>, inside: ReturnType<Query>): Promise<CountedRow[]> {
    const found = await this.#query`
      select subworkflow_invocation_id as id
      from workflow_invocation_to_subworkflow_invocation_association where ${inside}`
    const insideIds = new Set(found.map((row) => row['id']))
    return Array.from(rows, (row) => ({
      id: row['id'] as number,
      createdMs: row['created_ms'] as number,
      isTopLevel: !insideIds.has(row['id']),
    }))
  }

  /**
   * Rows that a parent's run made for its subworkflows are left out. A window costs a look at every run of its workflow
   * that there ever was (`create_time` has no index), so there are as few as may be; no row is in two of them.
   */
  async #invocations(asked: Window[], joined: ReturnType<Query>): Promise<InvocationRow[]> {
    const windows = joinedUp(asked)
    const rows = await this.#query`
      select i.id, i.workflow_id, w.stored_workflow_id, h.user_id,
        extract(epoch from i.create_time)::float8 * 1000 as created_ms
      from unnest(
        ${arrayOf(windows.map((window) => window.id))}::int[],
        ${arrayOf(windows.map((window) => timestamp(window.fromMs)))}::timestamp[],
        ${arrayOf(windows.map((window) => timestamp(window.toMs)))}::timestamp[]
      ) as asked (id, since, until)
      join workflow w on ${joined}
      join workflow_invocation i on i.workflow_id = w.id and i.create_time >= asked.since and i.create_time < asked.until
      left join history h on h.id = i.history_id
      where not exists (
        select 1 from workflow_invocation_to_subworkflow_invocation_association a
        where a.subworkflow_invocation_id = i.id)
      order by i.id`
    return rows.map(invocationRow)
  }

  async #revisions(which: ReturnType<Query>): Promise<Revision[]> {
    const metadata = this.#columns.sourceMetadata
      ? this.#query`substring(source_metadata from 1 for ${metadataMaxBytes})`
      : this.#query`null::bytea`
    const rows = await this.#query`
      select id, stored_workflow_id, left(name, ${nameMaxCharacters}) as name, ${metadata} as metadata,
        extract(epoch from create_time)::float8 * 1000 as created_ms
      from workflow where ${which} order by id`
    return rows.map((row) => ({
      id: row['id'],
      storedWorkflowId: row['stored_workflow_id'],
      name: row['name'] ?? '',
      metadata: row['metadata'],
      createdMs: row['created_ms'] ?? Number.NEGATIVE_INFINITY,
    }))
  }
}

function invocationRow(row: Record<string, unknown>): InvocationRow {
  return {
    id: row['id'] as number,
    revisionId: row['workflow_id'] as number,
    storedWorkflowId: row['stored_workflow_id'] as number | null,
    createdMs: row['created_ms'] as number,
    userId: row['user_id'] as number | null,
  }
}

function timestamp(timeMs: number): string {
  return new Date(timeMs).toISOString().replace('T', ' ').replace('Z', '')
}
