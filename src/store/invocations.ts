import type { DatabaseSync } from 'node:sqlite'

export interface StoredInvocation {
  /** `null` where no row of Galaxy's was matched. */
  invocationId: number | null
  /** Seconds since 1970. */
  second: number
  domain: string
}

const pageRows = 10_000

/**
 * The invocations of [sinceSecond, untilSecond), in the order of time. Read in pages, so that neither memory nor the
 * time for which a writer's log cannot be folded into the store grows with their number.
 */
export function* invocationsBetween(
  database: DatabaseSync,
  sinceSecond: number,
  untilSecond: number,
): Iterable<StoredInvocation> {
  const page = database.prepare(`
    select invocation.second, invocation.nanosecond, invocation.series, invocation.invocation_id, series.domain
    from invocation join series on series.id = invocation.series
    where (invocation.second, invocation.nanosecond, invocation.series) > (?, ?, ?) and invocation.second < ?
    order by invocation.second, invocation.nanosecond, invocation.series
    limit ${pageRows}`)
  let [second, nanosecond, series] = [sinceSecond, -1, -1]
  for (;;) {
    const rows = page.all(second, nanosecond, series, untilSecond)
    for (const row of rows) {
      const invocationId = row['invocation_id'] === null ? null : Number(row['invocation_id'])
      yield { invocationId, second: Number(row['second']), domain: String(row['domain']) }
    }
    const last = rows.at(-1)
    if (last === undefined || rows.length < pageRows) return
    ;[second, nanosecond, series] = [Number(last['second']), Number(last['nanosecond']), Number(last['series'])]
  }
}
