// The points there are, against Galaxy's own rows and the requests that were sent.
import type { Influxdb } from '../test/services/influxdb.ts'
import type { LivingSite } from '../test/world/living_site.ts'

export interface Difference {
  missing: string[]
  extra: string[]
}

/** The tag `domain` of a point that a fault has put there itself. */
export const plantedDomain = 'planted'

/**
 * Counts by itself, with no word of the collector's: each invocation has exactly one point, each request without rows
 * one, each refused request one.
 *
 * @param never invocations that must have no point
 */
export async function compare(
  influxdb: Influxdb,
  database: string,
  { made }: LivingSite,
  never: ReadonlySet<number>,
): Promise<Difference> {
  const points = await influxdb.query(
    database,
    `SELECT "count", "invocation_id" FROM workflow_invocation WHERE "domain" != '${plantedDomain}'`,
  )
  const refused = await influxdb.query(database, 'SELECT "count" FROM workflow_invocation_rejected')
  const found = new Map<number, number>()
  let withoutRow = 0
  for (const { invocation_id: id } of points) {
    if (id == null) withoutRow++
    else found.set(Number(id), (found.get(Number(id)) ?? 0) + 1)
  }
  const wanted = new Set(made.invocations.filter((id) => !never.has(id)))
  const missing = [...wanted].filter((id) => !found.has(id)).map((id) => `invocation ${id}`)
  const extra = [...found].flatMap(([id, count]) => {
    const tooMany = count - (wanted.has(id) ? 1 : 0)
    return Array.from({ length: tooMany }, (_, index) => `invocation ${id}, ${index + 1} too many`)
  })
  for (const [what, have, want] of [
    ['request without rows', withoutRow, made.withoutRow],
    ['refused request', refused.length, made.refused],
  ] as const) {
    for (let number = have; number < want; number++) missing.push(`${what}, ${want - number} too few`)
    for (let number = want; number < have; number++) extra.push(`${what}, ${number - want + 1} too many`)
  }
  return { missing, extra }
}
