import { setTimeout as sleep } from 'node:timers/promises'
import { startHour, type Visit } from './day.ts'
import type { Galaxy } from './galaxy.ts'
import type { AccessLog } from './nginx.ts'

/** A day passes in five minutes. */
export const speed = 288
/** What the log holds when the collector comes to it: half an hour. */
const headStartMs = 30 * 60_000
const dayMs = 86_400_000
const daysAgo = 7

/**
 * The instant at which the demonstration's days begin: a week ago, so that it takes a long while of looking until its
 * clock has caught up with the present, and the log never tells of the future.
 */
export function firstMorningMs(nowMs: number): number {
  return Math.floor(nowMs / dayMs) * dayMs - daysAgo * dayMs + startHour * 3_600_000
}

/**
 * Lets people work, at `speed` times their pace, until the signal: Galaxy makes its rows, then nginx writes the line,
 * as it is on a real server.
 */
export async function work(
  visits: Iterable<Visit>,
  startMs: number,
  galaxy: Galaxy,
  log: AccessLog,
  signal: AbortSignal,
): Promise<void> {
  const begunMs = performance.now()
  for (const { sinceStartMs, request, rows } of visits) {
    const waitMs = begunMs + (sinceStartMs - headStartMs) / speed - performance.now()
    if (waitMs > 1) await sleep(waitMs, undefined, { signal }).catch(() => {})
    if (signal.aborted) return
    const endMs = Math.min(startMs + sinceStartMs, Date.now())
    if (rows.length > 0) await galaxy.invoke(rows, endMs)
    await log.append(request, endMs)
  }
}
