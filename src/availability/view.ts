/** What the page shows of availability, as one JSON document (`GET /api/availability`). All times are UTC. */
export interface AvailabilityView {
  now: string
  /** Those that need somebody first, then by name. */
  probes: ProbeView[]
}

export type ProbeStatus = 'up' | 'down' | 'unknown' | 'maintenance' | 'silent'

export const spanNames = ['24h', '7d', '30d'] as const
export type SpanName = (typeof spanNames)[number]

export interface ProbeView {
  /** `pushed`: told by a program itself, and by no probe of ours. */
  how: 'probed' | 'pushed'
  name: string
  /** Empty where none was told. */
  region: string
  kind: string
  state: ProbeStatus
  since: string
  /** When its last result was made. */
  lastResult: string
  /** When the hub last heard of it. */
  lastHeard: string
  intervalSeconds: number | null
  /** In the probe's own words. */
  message: string
  responseMs: number | null
  /** Response times, oldest first; `null` where there was none. */
  responses: (number | null)[]
  spans: Record<SpanName, SpanView>
}

/** Results of a span of time. What was made in maintenance, and what the probe could not tell, counts neither way. */
export interface SpanView {
  up: number
  down: number
  unknown: number
  maintenance: number
  /** Results that never came. */
  missing: number
  /** up / (up + down + missing); `null` where there is nothing to tell it by. */
  availability: number | null
  responseMsMean: number | null
  responseMsMax: number | null
}
