// A worker thread: an embedded PostgreSQL keeps its thread busy for seconds when it starts, and Ctrl-C must not wait.
import { readFile } from 'node:fs/promises'
import { parentPort, workerData } from 'node:worker_threads'
import { PGlite } from '@electric-sql/pglite'
import { PGLiteSocketServer } from '@electric-sql/pglite-socket'
import type { StoredWorkflow, World } from './world.ts'

/** What the thread is started with. It answers with its host and port when the world is in its tables. */
export interface DatabaseSettings {
  world: World
  /** The rows are as many days old as the world says, counted from here. */
  startMs: number
}

/** The collector has up to two, the demonstration one. All of them share one session. */
const connectionsMax = 4
const dayMs = 86_400_000

const { world, startMs } = workerData as DatabaseSettings
const database = await PGlite.create()
await database.exec(await readFile(new URL('galaxy.sql', import.meta.url), 'utf8'))
await database.transaction(async ({ query }) => {
  const add = async (table: string, row: Record<string, unknown>) => {
    const places = Object.keys(row).map((_, index) => `$${index + 1}`)
    await query(`insert into ${table} (${Object.keys(row)}) values (${places})`, Object.values(row))
  }
  for (const { id, historyIds } of world.people) {
    await add('galaxy_user', { id, email: `person${id}@example.org`, username: `person${id}` })
    for (const historyId of historyIds) await add('history', { id: historyId, user_id: id })
  }
  for (const storedWorkflow of world.storedWorkflows) {
    for (const [table, row] of rowsOf(storedWorkflow)) await add(table, row)
  }
})

const server = new PGLiteSocketServer({ db: database, host: '127.0.0.1', port: 0, maxConnections: connectionsMax })
await server.start()
parentPort?.postMessage(server.getServerConn())

function* rowsOf({
  id,
  owner,
  published,
  revisions,
  subworkflows,
}: StoredWorkflow): Generator<[string, Record<string, unknown>]> {
  const latest = revisions.at(-1)!
  const { id: latest_workflow_id, name } = latest
  yield ['stored_workflow', { id, user_id: owner.id, latest_workflow_id, name, published, update_time: made(latest) }]
  for (const revision of [...revisions, ...subworkflows]) {
    const { id: workflowId, name, uuid, sourceMetadata } = revision
    const stored_workflow_id = subworkflows.includes(revision) ? null : id
    const source_metadata = sourceMetadata === null ? null : Buffer.from(sourceMetadata)
    const times = { create_time: made(revision), update_time: made(revision) }
    yield ['workflow', { id: workflowId, stored_workflow_id, name, uuid, source_metadata, ...times }]
  }
}

function made({ createdDaysAgo }: { createdDaysAgo: number }): string {
  return new Date(startMs - createdDaysAgo * dayMs).toISOString()
}
