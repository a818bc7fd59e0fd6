import { once } from 'node:events'
import { Worker } from 'node:worker_threads'
import postgres from 'postgres'
import type { DatabaseSettings } from './database.ts'
import type { InvocationRow } from './day.ts'

/** A request of the past and the rows that were made by its end. */
export interface EndedRequest {
  rows: InvocationRow[]
  endMs: number
}

/** Galaxy as the collector sees it: its database, an embedded PostgreSQL in memory behind a port of its own. */
export class Galaxy {
  /** Fails when the database does. */
  readonly failed: Promise<never>
  readonly #thread: Worker
  #client: postgres.Sql | undefined
  #lastId = 0
  /** Host and port. */
  address = ''

  constructor(settings: DatabaseSettings) {
    this.#thread = new Worker(new URL('database.ts', import.meta.url), { workerData: settings })
    this.failed = once(this.#thread, 'error').then(([error]) => Promise.reject(error))
    // It may fail while nobody looks, as when everything is being stopped.
    this.failed.catch(() => {})
  }

  get databaseUrl(): string {
    return `postgres://postgres@${this.address}/postgres`
  }

  /** Waits until the database is there. */
  async started(): Promise<void> {
    this.address = String((await once(this.#thread, 'message'))[0])
    this.#client = postgres(this.databaseUrl, { max: 1, fetch_types: false })
  }

  /** Makes the rows of a request that ends at an instant. They are committed when it returns. */
  async invoke(rows: InvocationRow[], endMs: number): Promise<void> {
    // All connections share one session, and only a transaction keeps others out of it. It says that it writes,
    // because a reader may have made the session read-only.
    await this.#client?.begin('read write', async (sql) => {
      for (const row of rows) {
        const createTime = new Date(endMs - row.beforeEndMs).toISOString()
        const add = async (revisionId: number) => {
          const [added] = await sql<{ id: number }[]>`
            insert into workflow_invocation (workflow_id, history_id, state, uuid, create_time, update_time)
            values (${revisionId}, ${row.historyId}, 'new', ${row.uuid}, ${createTime}, ${createTime})
            returning id`
          return added!.id
        }
        const parentId = await add(row.revisionId)
        for (const revisionId of row.subworkflowRevisionIds) {
          await sql`
            insert into workflow_invocation_to_subworkflow_invocation_association
              (workflow_invocation_id, subworkflow_invocation_id, workflow_step_id)
            values (${parentId}, ${await add(revisionId)}, 1)`
        }
      }
    })
  }

  /** Makes the rows of many requests of the past at once, before any other row is made. */
  async haveInvoked(requests: EndedRequest[]): Promise<void> {
    const invocations: Record<string, unknown>[] = []
    const associations: Record<string, unknown>[] = []
    const add = (revisionId: number, { historyId, uuid, beforeEndMs }: InvocationRow, endMs: number) => {
      const time = new Date(endMs - beforeEndMs).toISOString()
      invocations.push({ id: ++this.#lastId, workflow_id: revisionId, history_id: historyId, uuid, time })
      return this.#lastId
    }
    for (const { rows, endMs } of requests) {
      for (const row of rows) {
        const parent = add(row.revisionId, row, endMs)
        for (const revisionId of row.subworkflowRevisionIds)
          associations.push({ parent, child: add(revisionId, row, endMs) })
      }
    }
    await this.#client?.begin('read write', async (sql) => {
      await sql`
        insert into workflow_invocation (id, workflow_id, history_id, state, uuid, create_time, update_time)
        select id, workflow_id, history_id, 'scheduled', uuid, time, time
        from json_to_recordset(${JSON.stringify(invocations)}::text::json)
          as row (id int, workflow_id int, history_id int, uuid text, time timestamp)`
      await sql`
        insert into workflow_invocation_to_subworkflow_invocation_association
          (workflow_invocation_id, subworkflow_invocation_id, workflow_step_id)
        select parent, child, 1
        from json_to_recordset(${JSON.stringify(associations)}::text::json) as row (parent int, child int)`
      await sql`select setval('workflow_invocation_id_seq', ${this.#lastId})`
    })
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#client?.end({ timeout: 0 })
    await this.#thread.terminate()
  }
}
