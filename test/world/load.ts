// A world's rows, put into a real PostgreSQL with Galaxy's tables.
import type postgres from 'postgres'
import type { GalaxyRows } from './galaxy_rows.ts'

type Column = [name: string, type: string, values: unknown[]]

/** Loads all rows in one transaction, each table in one statement. A table without `source_metadata` goes without. */
export async function loadGalaxy(sql: postgres.Sql, rows: GalaxyRows): Promise<void> {
  const [found] = await sql`
    select 1 as found from information_schema.columns
    where table_name = 'workflow' and column_name = 'source_metadata'`
  const metadata: Column[] = found ? [['source_metadata', 'bytea', pluck(rows.revisions, hexadecimalMetadata)]] : []
  const { users, histories, storedWorkflows, revisions, invocations, subworkflows } = rows
  const made = (row: { createdMicros: number }) => timestamp(row.createdMicros)

  await sql.begin(async (transaction) => {
    const fill = (table: string, columns: Column[]) => insert(transaction, table, columns)
    await fill('galaxy_user', [
      ['id', 'integer', pluck(users, (row) => row.id)],
      ['email', 'text', pluck(users, (row) => row.email)],
      ['username', 'text', pluck(users, (row) => row.username)],
    ])
    await fill('history', [
      ['id', 'integer', pluck(histories, (row) => row.id)],
      ['user_id', 'integer', pluck(histories, (row) => row.userId)],
    ])
    await fill('stored_workflow', [
      ['id', 'integer', pluck(storedWorkflows, (row) => row.id)],
      ['user_id', 'integer', pluck(storedWorkflows, (row) => row.userId)],
      ['latest_workflow_id', 'integer', pluck(storedWorkflows, (row) => row.latestWorkflowId)],
      ['name', 'text', pluck(storedWorkflows, (row) => row.name)],
      ['deleted', 'boolean', pluck(storedWorkflows, (row) => row.deleted)],
      ['published', 'boolean', pluck(storedWorkflows, (row) => row.published)],
    ])
    await fill('workflow', [
      ['id', 'integer', pluck(revisions, (row) => row.id)],
      ['stored_workflow_id', 'integer', pluck(revisions, (row) => row.storedWorkflowId)],
      ['name', 'text', pluck(revisions, (row) => row.name)],
      ['uuid', 'text', pluck(revisions, (row) => row.uuid)],
      ['create_time', 'timestamp', pluck(revisions, made)],
      ['update_time', 'timestamp', pluck(revisions, made)],
      ...metadata,
    ])
    await fill('workflow_invocation', [
      ['id', 'integer', pluck(invocations, (row) => row.id)],
      ['workflow_id', 'integer', pluck(invocations, (row) => row.workflowId)],
      ['history_id', 'integer', pluck(invocations, (row) => row.historyId)],
      ['state', 'text', pluck(invocations, (row) => row.state)],
      ['uuid', 'text', pluck(invocations, (row) => row.uuid)],
      ['create_time', 'timestamp', pluck(invocations, made)],
      // It moves on while the invocation runs, so nothing can be read from it.
      ['update_time', 'timestamp', pluck(invocations, (row) => timestamp(row.createdMicros + 3_600_000_000))],
    ])
    await fill('workflow_invocation_to_subworkflow_invocation_association', [
      ['workflow_invocation_id', 'integer', pluck(subworkflows, (row) => row.invocationId)],
      ['subworkflow_invocation_id', 'integer', pluck(subworkflows, (row) => row.subworkflowInvocationId)],
    ])
  })
  await sql.unsafe('analyze')
}

function pluck<Row>(rows: Row[], value: (row: Row) => unknown): unknown[] {
  return rows.map(value)
}

async function insert(sql: postgres.TransactionSql, table: string, columns: Column[]) {
  const names = columns.map(([name]) => name).join(', ')
  // As text, whatever the type: then nothing on the way has an opinion about time zones or bytes.
  const cells = columns.map(([, type], index) => `unnest($${index + 1}::text[])::${type}`).join(', ')
  const values = columns.map(([, , column]) => column.map((value) => (value === null ? null : String(value))))
  await sql.unsafe(`insert into ${table} (${names}) select ${cells}`, values as never[])
}

function hexadecimalMetadata({ sourceMetadata }: { sourceMetadata: Buffer | null }): string | null {
  return sourceMetadata === null ? null : `\\x${sourceMetadata.toString('hex')}`
}

/** `timestamp without time zone`, to the microsecond. */
function timestamp(micros: number): string {
  const second = Math.floor(micros / 1_000_000)
  const fraction = String(micros - second * 1_000_000).padStart(6, '0')
  return `${new Date(second * 1000).toISOString().slice(0, 19).replace('T', ' ')}.${fraction}`
}
