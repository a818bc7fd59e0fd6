import { instantText } from '../base/instant.ts'
import { type EventCount, hourMs } from '../outbox/event_counts.ts'
import type { RefusalCount } from '../outbox/refusal_counts.ts'
import { type Buckets, bucketsOf } from '../store/buckets.ts'
import type { Asked } from '../store/view.ts'
import type { DestinationView, EventsView, EventType } from './view.ts'

const hourSeconds = hourMs / 1000

/** Counts of hours since 1970, from one, included, until another. */
export interface EventNumbers {
  counts(fromHour: number, untilHour: number): EventCount[]
  refusals(fromHour: number, untilHour: number): RefusalCount[]
  /** The first and last hour in which an event happened; `null` where none has been accepted. */
  hours(): { first: number; last: number } | null
  destinations(): DestinationView[]
}

/** @param typesMax so many types are listed at most */
export function eventViewOf(numbers: EventNumbers, asked: Asked, typesMax: number): EventsView {
  const [fromHour, untilHour] = [hourOf(asked.from, Math.floor), hourOf(asked.until, Math.ceil)]
  const hours = numbers.hours()
  const buckets = bucketsOf(fromHour * hourSeconds, untilHour * hourSeconds)
  const counts = numbers.counts(fromHour, untilHour)
  const types = grouped(counts, buckets, ({ source, category, type, known }) => ({ source, category, type, known }))
  const refused = refusedOf(numbers.refusals(fromHour, untilHour))
  const earlierHour = fromHour - (untilHour - fromHour)
  const sum = (list: { count: number }[]) => list.reduce((total, { count }) => total + count, 0)
  return {
    asked: { range: asked.range, from: instantText(fromHour * hourSeconds), until: asked.until },
    bucket: buckets.unit,
    buckets: buckets.starts.map(instantText),
    totals: {
      events: sum(counts),
      types: new Set(types.map(({ category, type }) => `${category}.${type}`)).size,
      sources: new Set(types.map(({ source }) => source)).size,
      unknown: sum(counts.filter(({ known }) => !known)),
      refused: refused.reduce((total, { events }) => total + events, 0),
      before: hours === null || earlierHour < hours.first ? null : sum(numbers.counts(earlierHour, fromHour)),
    },
    overTime: grouped(counts, buckets, ({ category }) => ({ category })),
    types: types.slice(0, typesMax) as EventType[],
    typesLeftOut: Math.max(0, types.length - typesMax),
    refused,
    destinations: numbers.destinations(),
    counted:
      hours === null
        ? null
        : { first: instantText(hours.first * hourSeconds), last: instantText((hours.last + 1) * hourSeconds) },
  }
}

function hourOf(instant: string, round: (hours: number) => number): number {
  return round(Date.parse(instant) / hourMs)
}

type Group<T> = T & { events: number; counts: number[] }

/** Most frequent first. */
function grouped<T extends object>(
  counts: EventCount[],
  { starts, indexes, firstStep, stepSeconds }: Buckets,
  keyOf: (count: EventCount) => T,
): Group<T>[] {
  const groups = new Map<string, Group<T>>()
  for (const count of counts) {
    const key = keyOf(count)
    const text = JSON.stringify(key)
    const group = groups.get(text) ?? { ...key, events: 0, counts: new Array<number>(starts.length).fill(0) }
    groups.set(text, group)
    group.events += count.count
    group.counts[indexes[Math.floor((count.hour * hourSeconds) / stepSeconds) - firstStep]!]! += count.count
  }
  return [...groups]
    .sort(([a, { events: more }], [b, { events: less }]) => less - more || (a < b ? -1 : 1))
    .map(([, group]) => group)
}

function refusedOf(counts: RefusalCount[]): EventsView['refused'] {
  const sums = new Map<string, EventsView['refused'][number]>()
  for (const { source, status, count } of counts) {
    const key = `${status} ${source}`
    const sum = sums.get(key) ?? { source, status, events: 0 }
    sum.events += count
    sums.set(key, sum)
  }
  return [...sums.values()].sort((a, b) => b.events - a.events || a.status - b.status)
}
