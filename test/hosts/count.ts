// Compares the points in InfluxDB with what was invoked: nothing missing, nothing extra, each at its lab.
import { setTimeout as sleep } from 'node:timers/promises'
import type { StoredPoint } from '../services/influxql.ts'
import type { StatsSite } from './stats_site.ts'
import type { Expected } from './traffic.ts'

export type Difference = { expected: number; points: number; missing: number; extra: number; wrong: string[] }

const settleMs = 2000

/** Waits until there are as many points as expected, and a moment longer for those that should not come. */
export async function compare(
  site: StatsSite,
  expected: ReadonlyMap<number, Expected>,
  { timeoutMs = 90_000, database = 'workflow_invocations' } = {},
): Promise<Difference> {
  const deadline = performance.now() + timeoutMs
  for (;;) {
    const points = await site.points(database, 'workflow_invocation')
    if (points.length >= expected.size || performance.now() > deadline) break
    await sleep(500)
  }
  await sleep(settleMs)
  return difference(await site.points(database, 'workflow_invocation'), expected)
}

function difference(points: StoredPoint[], expected: ReadonlyMap<number, Expected>): Difference {
  const seen = new Set<number>()
  const wrong: string[] = []
  let extra = 0
  for (const { fields, tags } of points) {
    const id = Number(fields['invocation_id'])
    const should = expected.get(id)
    if (should === undefined || seen.has(id)) extra++
    else if (tags['domain'] !== should.lab || Number(fields['workflow_id']) !== should.workflowId)
      wrong.push(`invocation ${id}: ${tags['domain']}, workflow ${fields['workflow_id']}`)
    seen.add(id)
  }
  const missing = [...expected.keys()].filter((id) => !seen.has(id)).length
  return { expected: expected.size, points: points.length, missing, extra, wrong }
}
