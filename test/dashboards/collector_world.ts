// What collectors tell of themselves, minute by minute, and what that comes to.
import { Point } from '@influxdata/influxdb-client'

export const counters = [
  'lines',
  'malformed',
  'requests',
  'accepted',
  'rejected',
  'undecodable',
  'unresolved',
  'points',
  'written',
  'refused',
] as const
export type Counter = (typeof counters)[number]

/** What happened in a minute that ended at a time, and was told then. */
export type Minute = { timeMs: number; host: string; grown: Partial<Record<Counter, number>>; lagSeconds: number }
export type Told = Minute & { totals: Record<Counter, number>; uptimeSeconds: number; isFirst: boolean }

const minuteMs = 60_000

/** The totals as a collector tells them: since its start, which is a minute before the first that it tells. */
export function told(minutes: Minute[], isRestart: (minute: Minute) => boolean = () => false): Told[] {
  const last = new Map<string, Told>()
  return minutes.map((minute) => {
    const before = isRestart(minute) ? undefined : last.get(minute.host)
    const totals = Object.fromEntries(
      counters.map((counter) => [counter, (before?.totals[counter] ?? 0) + (minute.grown[counter] ?? 0)]),
    ) as Record<Counter, number>
    const uptimeSeconds = before === undefined ? 60 : before.uptimeSeconds + (minute.timeMs - before.timeMs) / 1000
    const now: Told = { ...minute, totals, uptimeSeconds, isFirst: before === undefined }
    last.set(minute.host, now)
    return now
  })
}

export function lineProtocol(tellings: Told[]): string {
  const point = ({ timeMs, host, totals, lagSeconds, uptimeSeconds }: Told) => {
    const it = new Point('workflow_reporting').tag('host', host).timestamp(`${BigInt(timeMs) * 1_000_000n}`)
    for (const counter of counters) it.intField(counter, totals[counter])
    return it.floatField('lag_seconds', lagSeconds).floatField('uptime_seconds', uptimeSeconds).toLineProtocol()
  }
  return tellings.map(point).join('\n')
}

/** A minute for each of so many, the last of which ends at a time. */
export function minutesUntil(
  endMs: number,
  count: number,
  host: string,
  of: (minutesBeforeEnd: number) => Omit<Minute, 'timeMs' | 'host'> | null,
): Minute[] {
  return Array.from({ length: count }, (_, index) => count - 1 - index).flatMap((before) => {
    const minute = of(before)
    return minute === null ? [] : [{ timeMs: endMs - before * minuteMs, host, ...minute }]
  })
}
