import { setTimeout as sleep } from 'node:timers/promises'
import { startHour, type Visit } from './day.ts'
import type { Galaxy } from './galaxy.ts'
import type { AccessLog } from './nginx.ts'

/** A day passes in five minutes. */
export const speed = 288
/** What the log holds when the collector comes to it: half an hour. */
const headStartMs = 30 * 60_000
/** Once its clock has caught up with the present: the log never tells of the future. */
const laterSpeed = 24
const dayMs = 86_400_000
const daysAgo = 2
const weeksBefore = 5

/** When the demonstration's days begin: two days ago, so that one can look on for ten minutes. */
export function firstMorningMs(nowMs: number): number {
  return Math.floor(nowMs / dayMs) * dayMs - daysAgo * dayMs + startHour * 3_600_000
}

/** When the weeks before them begin: the morning of a Monday, since weekends are quiet. */
export function firstMondayMs(firstMorningMs: number): number {
  const sinceMonday = (new Date(firstMorningMs).getUTCDay() + 6) % 7
  return firstMorningMs - (weeksBefore * 7 + sinceMonday) * dayMs
}

/**
 * Lets people work, at `speed` times their pace, until the signal: Galaxy makes its rows, then nginx writes the line,
 * as it is on a real server.
 *
 * @param beginMs where visits begin, since the start; what came before is past
 */
export async function work(
  visits: Iterable<Visit>,
  startMs: number,
  beginMs: number,
  galaxy: Galaxy,
  log: AccessLog,
  signal: AbortSignal,
): Promise<void> {
  let dueMs = performance.now()
  let reachedMs = beginMs + headStartMs
  for (const { sinceStartMs, request, rows } of visits) {
    const pace = startMs + sinceStartMs < Date.now() ? speed : laterSpeed
    dueMs += Math.max(0, sinceStartMs - reachedMs) / pace
    reachedMs = Math.max(reachedMs, sinceStartMs)
    const waitMs = dueMs - performance.now()
    if (waitMs > 1) await sleep(waitMs, undefined, { signal }).catch(() => {})
    if (signal.aborted) return
    const endMs = Math.min(startMs + sinceStartMs, Date.now())
    if (rows.length > 0) await galaxy.invoke(rows, endMs)
    await log.append(request, endMs)
  }
}
