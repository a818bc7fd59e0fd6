import { unknownDomain } from '../galaxy/site.ts'
import type { CountedRow } from '../galaxy/tables.ts'
import type { Invocations } from './invocations.ts'
import type { RecordedPoint, RecordedPoints } from './recorded.ts'
import { Slice } from './slice.ts'
import { dayOf, type Excess, type Tally } from './tally.ts'

export interface Audit {
  invocations: Pick<Invocations, 'pages' | 'byId'>
  points: RecordedPoints
  /** The rows judged: `sinceMs` included, `untilMs` not. */
  sinceMs: number
  untilMs: number
  /** A row's point is at most so far from it: at least as long as a request takes. */
  nearMs: number
  /** How many rows are held at a time. */
  sliceRows: number
  tally: Tally
  /** Given the rows without a point, some at a time. */
  onMissing: (rows: { id: number }[]) => Promise<void>
  onProgress: (share: number, rows: number) => void
}

const lookUpMax = 1000

/**
 * Compares Galaxy's top-level rows with the points, in memory that depends on neither of them.
 *
 * Rows come by id, a slice of them at a time, and with each slice the points of all the time in which its rows can have
 * theirs. So a row finds its point wherever the edge of a day, of a slice or of the range lies between them, and in
 * whichever order ids and times are. Slices share their points, but each second of the range is *owned* by one slice:
 * only there a point is judged by itself. One that has no row in the slice is then looked up by its id, so what is extra
 * is known from the table and not from what was read around it.
 */
export async function compare(audit: Audit): Promise<void> {
  const { sinceMs, untilMs, sliceRows } = audit
  const endSecond = Math.ceil(untilMs / 1000)
  let ownedFrom = Math.ceil(sinceMs / 1000)
  let slice = new Slice(sliceRows)
  let rows = 0
  const judgeUntil = async (ownedUntil: number) => {
    await judge(slice, ownedFrom, ownedUntil, audit)
    ownedFrom = ownedUntil
    slice = new Slice(sliceRows)
  }
  for await (const page of audit.invocations.pages(sinceMs, untilMs)) {
    for (const row of page.rows) {
      if (!row.isTopLevel || row.createdMs < sinceMs || row.createdMs >= untilMs) continue
      slice.add(row)
      rows++
      if (slice.isFull) await judgeUntil(Math.max(ownedFrom, Math.min(endSecond, Math.floor(slice.newestMs / 1000))))
    }
    audit.onProgress(page.share, rows)
  }
  await judgeUntil(endSecond)
}

async function judge(slice: Slice, ownedFrom: number, ownedUntil: number, audit: Audit): Promise<void> {
  const { points, tally, nearMs } = audit
  const from = Math.min(ownedFrom, Math.floor((slice.oldestMs - nearMs) / 1000))
  const until = Math.max(ownedUntil, Math.floor((slice.newestMs + nearMs) / 1000) + 1)
  let strange: RecordedPoint[] = []
  for await (const point of points.invocationsBetween(from, until)) {
    const { invocationId, second, domain } = point
    const isOwned = second >= ownedFrom && second < ownedUntil
    if (invocationId === null) {
      if (isOwned) tally.unmatched(dayOf(second), domain)
      continue
    }
    const index = slice.indexOf(invocationId)
    if (index >= 0 && isNear(second, slice.createdMs(index), nearMs)) {
      const day = dayOf(slice.createdMs(index) / 1000)
      if (slice.takePoint(index)) tally.equal(day, domain)
      else tally.extra(day, { invocationId, second, domain, why: 'second_point' })
    } else if (isOwned) {
      strange.push(point)
      if (strange.length < lookUpMax) continue
      await judgeStrange(strange, audit)
      strange = []
    }
  }
  await judgeStrange(strange, audit)
  const missing = slice.withoutPoint()
  for (const { id, createdMs } of missing) tally.missing(dayOf(createdMs / 1000), unknownDomain, id)
  if (missing.length > 0) await audit.onMissing(missing)
}

/** Points that belong to no row of the slice: to a row of another slice or beyond the range, or to none. */
async function judgeStrange(strange: RecordedPoint[], { invocations, tally, nearMs }: Audit): Promise<void> {
  if (strange.length === 0) return
  const rows = await invocations.byId(strange.map(({ invocationId }) => invocationId!))
  for (const { invocationId, second, domain } of strange) {
    const why = excessOf(second, rows.get(invocationId!), nearMs)
    if (why !== null) tally.extra(dayOf(second), { invocationId: invocationId!, second, domain, why })
  }
}

function excessOf(second: number, row: CountedRow | undefined, nearMs: number): Excess | null {
  if (row === undefined) return 'no_row'
  if (!row.isTopLevel) return 'subworkflow'
  return isNear(second, row.createdMs, nearMs) ? null : 'far_from_row'
}

function isNear(second: number, createdMs: number, nearMs: number): boolean {
  return Math.abs(second * 1000 - createdMs) <= nearMs
}
