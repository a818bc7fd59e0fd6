// What the embedded store holds, read with plain SQL, as points.
import { DatabaseSync } from 'node:sqlite'
import type { ActualPoint } from './compare.ts'

/** Every invocation and refused request in a store. */
export function storedPoints(path: string): ActualPoint[] {
  using database = new DatabaseSync(path, { readOnly: true })
  const invocations = database.prepare(`
    select second, nanosecond, domain, workflow_name, canonical_id, trs_server, identity, workflow_id, user_id, owner_id,
      version.name as trs_version_id, invocation_id, revision_id, derived
    from invocation join series on series.id = series left join version on version.id = version`)
  const rejected = database.prepare(`
    select second, nanosecond, domain, status, workflow_id
    from rejected join rejected_series on rejected_series.id = series`)
  return [
    ...invocations.all().map((row) => pointOf('workflow_invocation', row)),
    ...rejected.all().map((row) => pointOf('workflow_invocation_rejected', row)),
  ]
}

/** Whether SQLite itself finds its file whole. */
export function isWhole(path: string): boolean {
  using database = new DatabaseSync(path)
  return database.prepare('pragma integrity_check').get()?.['integrity_check'] === 'ok'
}

const tagNames = ['domain', 'workflow_name', 'canonical_id', 'trs_server', 'identity', 'status']

function pointOf(measurement: string, row: Record<string, unknown>): ActualPoint {
  const { second, nanosecond, ...cells } = row
  const present = Object.entries(cells).filter(([, value]) => value !== null && value !== '')
  const [tags, fields] = [true, false].map((isTag) =>
    Object.fromEntries(present.filter(([name]) => tagNames.includes(name) === isTag)),
  ) as [Record<string, string>, Record<string, unknown>]
  if (fields['derived'] !== undefined) fields['derived'] = fields['derived'] === 1
  const time = BigInt(second as number) * 1_000_000_000n + BigInt(nanosecond as number)
  return { measurement, tags, fields: { count: 1, ...fields }, time }
}
