import { Unavailable } from '../base/errors.ts'
import { log } from '../base/log.ts'
import { arrayOf, type Postgres } from '../clients/postgres.ts'

/** What an older Galaxy may lack. */
export interface Columns {
  sourceMetadata: boolean
}

/** The tables and columns that every query stands on, with what is told where one is missing. */
const needed: Record<string, string[]> = {
  stored_workflow: ['id', 'user_id', 'name', 'published'],
  workflow: ['id', 'stored_workflow_id', 'name', 'uuid', 'source_metadata', 'create_time'],
  workflow_invocation: ['id', 'workflow_id', 'history_id', 'create_time'],
  workflow_invocation_to_subworkflow_invocation_association: ['subworkflow_invocation_id'],
  history: ['id', 'user_id'],
}
const optional = new Set(['workflow.source_metadata'])

export interface ColumnReport {
  columns: Columns
  /** `table.column` that are not there, or may not be read, and are needed. */
  missing: string[]
  forbidden: string[]
}

/** Finds out what this Galaxy has and what this user may read. */
export async function examineColumns(database: Postgres): Promise<ColumnReport> {
  const wanted = Object.entries(needed).flatMap(([table, columns]) => columns.map((column) => ({ table, column })))
  const rows = await database.read(
    (query) => query`
      select t.name as table, t.column, a.attnum is not null as exists,
        coalesce(has_column_privilege(to_regclass(t.name), a.attnum, 'select'), false) as readable
      from unnest(${arrayOf(wanted.map(({ table }) => table))}::text[], ${arrayOf(wanted.map(({ column }) => column))}::text[]) as t (name, "column")
      left join pg_attribute a on a.attrelid = to_regclass(t.name) and a.attname = t.column and not a.attisdropped`,
  )
  const named = rows.map((row) => ({
    name: `${row['table']}.${row['column']}`,
    exists: row['exists'],
    readable: row['readable'],
  }))
  return {
    columns: { sourceMetadata: named.some(({ name, readable }) => name === 'workflow.source_metadata' && readable) },
    missing: named.filter(({ name, exists }) => !exists && !optional.has(name)).map(({ name }) => name),
    forbidden: named.filter(({ exists, readable }) => exists && !readable).map(({ name }) => name),
  }
}

/**
 * What this Galaxy has, once it has what cannot be done without. Says where it lacks the rest.
 *
 * @throws Unavailable with what is missing, and the grants that mend it
 */
export async function requireColumns(database: Postgres): Promise<Columns> {
  const { columns, missing, forbidden } = await examineColumns(database)
  if (missing.length > 0 || forbidden.some((name) => !optional.has(name))) {
    const cause = [
      ...missing.map((name) => `${name} is not there`),
      ...forbidden.map((name) => `${name} may not be read`),
    ].join(', ')
    const remedy =
      "Give galaxy.database_url Galaxy's own database, and its user the SELECT rights that the README lists"
    throw new Unavailable({ what: "Galaxy's database", where: database.where, cause, remedy })
  }
  if (!columns.sourceMetadata) {
    const cause = forbidden.length > 0 ? 'may not be read' : 'is not there, as in a Galaxy older than 22.05'
    log.warn('column_lacking', { column: 'workflow.source_metadata', cause, taken_as: 'every workflow is local' })
  }
  return columns
}
