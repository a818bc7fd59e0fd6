import type { Asked, View } from '../store/view.ts'

/** The parts of the page; only those that have something are shown. */
export const tabNames = ['workflows', 'events', 'availability'] as const
export type TabName = (typeof tabNames)[number]

/** What the page shows of events, as one JSON document (`GET /api/event-view`). Counts are exact; all times are UTC. */
export interface EventsView {
  /** In whole hours: `from` is the beginning of one. */
  asked: Pick<Asked, 'range' | 'from' | 'until'>
  bucket: View['bucket']
  buckets: string[]
  totals: {
    events: number
    types: number
    sources: number
    /** Accepted though the hub does not know their type. */
    unknown: number
    refused: number
    /** Events of the time before, as long as what was asked for; `null` where that begins before the first. */
    before: number | null
  }
  /** By category, the most frequent first; a number for each bucket. */
  overTime: { category: string; events: number; counts: number[] }[]
  /** The most frequent first; `typesLeftOut` more are not listed. */
  types: EventType[]
  typesLeftOut: number
  /** Not accepted, and so not counted above. `source` is empty where the key told nobody. */
  refused: { source: string; status: number; events: number }[]
  destinations: DestinationView[]
  /** Of all time; `null` where nothing has been accepted yet. */
  counted: { first: string; last: string } | null
}

export interface EventType {
  source: string
  category: string
  type: string
  known: boolean
  events: number
  counts: number[]
}

export interface DestinationView {
  name: string
  kind: string
  paused: boolean
  /** `unknown`: a worker on another host is to deliver there, and none has been heard of. */
  circuit: 'closed' | 'open' | 'unknown'
  /** Since when the circuit is as it is. */
  circuitSince: string
  /** Why the circuit is open. */
  cause: string | null
  /** Not tried yet; `null`, as the next two, where RabbitMQ does not tell. */
  waiting: number | null
  waitingSince: string | null
  /** Failed, and tried again later. */
  retrying: number | null
  dead: number | null
  /** Why the last one could not be delivered. */
  lastCause: string | null
  /** Since the start of whoever delivers. */
  delivered: number
  retried: number
}
