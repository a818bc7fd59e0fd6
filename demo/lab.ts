import { once } from 'node:events'
import { setTimeout as sleep } from 'node:timers/promises'
import { startHour, type Visit } from './day.ts'
import type { Galaxy } from './galaxy.ts'
import type { Happening } from './happenings.ts'
import { type Hub, HubGone } from './hub.ts'
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
 * Gives each thing when its time has come, `speed` times as fast as it happens, with its instant, until the signal.
 *
 * @param beginMs where they begin, since the start; what came before is past
 */
async function* inTheirTime<Thing extends { sinceStartMs: number }>(
  things: Iterable<Thing>,
  startMs: number,
  beginMs: number,
  signal: AbortSignal,
): AsyncGenerator<{ thing: Thing; atMs: number }> {
  let dueMs = performance.now()
  let reachedMs = beginMs + headStartMs
  for (const thing of things) {
    const { sinceStartMs } = thing
    const pace = startMs + sinceStartMs < Date.now() ? speed : laterSpeed
    dueMs += Math.max(0, sinceStartMs - reachedMs) / pace
    reachedMs = Math.max(reachedMs, sinceStartMs)
    const waitMs = dueMs - performance.now()
    if (waitMs > 1) await sleep(waitMs, undefined, { signal }).catch(() => {})
    if (signal.aborted) return
    yield { thing, atMs: Math.floor(Math.min(startMs + sinceStartMs, Date.now())) }
  }
}

/** Lets people work: Galaxy makes its rows, then nginx writes the line, as it is on a real server. */
export async function work(
  visits: Iterable<Visit>,
  startMs: number,
  beginMs: number,
  galaxy: Galaxy,
  log: AccessLog,
  signal: AbortSignal,
): Promise<void> {
  for await (const { thing, atMs } of inTheirTime(visits, startMs, beginMs, signal)) {
    if (thing.rows.length > 0) await galaxy.invoke(thing.rows, atMs)
    await log.append(thing.request, atMs)
  }
}

/** Tells the hub what happens, when it happens, until the signal. */
export async function tell(
  happenings: Iterable<Happening>,
  startMs: number,
  beginMs: number,
  hub: Hub,
  signal: AbortSignal,
): Promise<void> {
  for await (const { thing, atMs } of inTheirTime(happenings, startMs, beginMs, signal)) {
    const told = thing.tell(atMs)
    try {
      const refused = await hub.send(thing.sender, [told])
      if (refused !== Number(thing.isWrong)) throw new Error(`The hub judged this wrongly: ${JSON.stringify(told)}`)
    } catch (error) {
      if (!(error instanceof HubGone)) throw error
      // Why it is gone is told by whoever watches its process.
      if (!signal.aborted) await once(signal, 'abort')
    }
  }
}
