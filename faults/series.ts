// One fault, done again and again to one site.
import { setTimeout as sleep } from 'node:timers/promises'
import { Random } from '../test/world/random.ts'
import type { Difference } from './comparison.ts'
import type { Fault, Round } from './fault.ts'
import { type Servers, Site } from './site.ts'
import { Traffic } from './traffic.ts'

/** What was wrong in one round. */
export interface Finding extends Difference {
  round: number
  /** What went wrong beside the points. */
  troubles: string[]
}

export interface Outcome {
  fault: string
  times: number
  invocations: number
  /** Requests that Galaxy or nginx refused. */
  refused: number
  missing: number
  extra: number
  seconds: number
  findings: Finding[]
}

export interface SeriesOptions {
  program: string
  times: number
  seed: string
  catchUpMs: number
  signal: AbortSignal
  onRound?: (fault: string, finding: Finding | null) => void
}

/** Plays `times` rounds, or fewer when the signal is given. */
export async function playSeries(fault: Fault, servers: Servers, options: SeriesOptions): Promise<Outcome> {
  const startedMs = performance.now()
  await using site = await Site.start(servers, fault.name, options.program, fault.surroundings ?? {})
  const findings: Finding[] = []
  /** Found before: what is missing stays so, and is told once. */
  const told = new Set<string>()
  let times = 0
  for (; times < options.times && !options.signal.aborted; times++) {
    const finding = await playRound(fault, site, times, options, told).catch((error: Error) => ({
      ...{ round: times, missing: [], extra: [] },
      troubles: [error.stack ?? error.message],
    }))
    // What an interruption did to the servers is nobody's fault.
    if (options.signal.aborted) break
    if (finding !== null) findings.push(finding)
    options.onRound?.(fault.name, finding)
  }
  const { invocations, withoutRow, refused } = site.living.made
  return {
    fault: fault.name,
    times,
    invocations: invocations.length + withoutRow,
    refused,
    missing: findings.reduce((sum, { missing }) => sum + missing.length, 0),
    extra: findings.reduce((sum, { extra }) => sum + extra.length, 0),
    seconds: (performance.now() - startedMs) / 1000,
    findings,
  }
}

/** Its servers could not be started, or not be ended. */
export function failedSeries({ name: fault }: Fault, error: Error): Outcome {
  const findings = [{ round: 0, missing: [], extra: [], troubles: [error.stack ?? error.message] }]
  return { fault, times: 0, invocations: 0, refused: 0, missing: 0, extra: 0, seconds: 0, findings }
}

async function playRound(
  fault: Fault,
  site: Site,
  number: number,
  { seed, catchUpMs, signal }: SeriesOptions,
  told: Set<string>,
): Promise<Finding | null> {
  const random = new Random(`${seed}/${fault.name}/${number}`)
  const traffic = new Traffic(site.living, random.fork('traffic'), number)
  const moment = (leastMs: number, mostMs: number) => sleep(random.integer(leastMs, mostMs))
  const round: Round = { site, random, traffic, moment }
  traffic.begin()
  try {
    await moment(50, 400)
    await fault.strike(round)
  } finally {
    traffic.resume()
    await traffic.end()
  }
  const troubles: string[] = []
  const unread = await site.catchUp(catchUpMs, signal)
  const difference = await site.compare()
  if (unread !== null) troubles.push(`not caught up after ${catchUpMs} ms: ${unread}`, site.collector.lastWords)
  if (unread === null) troubles.push(...((await fault.afterwards?.(round)) ?? []))
  troubles.push(...site.collector.collapses.splice(0))
  if (!site.collector.running) await site.collector.start()
  await site.forgetOldLogs()
  const missing = difference.missing.filter((what) => !told.has(`missing ${what}`))
  const extra = difference.extra.filter((what) => !told.has(`extra ${what}`))
  told.clear()
  for (const what of difference.missing) told.add(`missing ${what}`)
  for (const what of difference.extra) told.add(`extra ${what}`)
  return missing.length + extra.length + troubles.length === 0 ? null : { round: number, missing, extra, troubles }
}
