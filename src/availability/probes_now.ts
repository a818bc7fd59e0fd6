import type { DatabaseSync } from 'node:sqlite'
import type { How } from './probe_result.ts'
import type { Recent } from './probe_tallies.ts'
import {
  type AvailabilityView,
  type ProbeStatus,
  type ProbeView,
  type SpanName,
  type SpanView,
  spanNames,
} from './view.ts'

const hourMs = 3_600_000
const spanHours: Record<SpanName, number> = { '24h': 24, '7d': 7 * 24, '30d': 30 * 24 }
/** What needs somebody comes first. */
const order: ProbeStatus[] = ['down', 'silent', 'unknown', 'maintenance', 'up']

/**
 * How every probe is, and was. A span holds whole hours: that which runs now, and those before it.
 *
 * @param database as `openOutbox` or `openOutboxToRead` opens it
 */
export function availabilityView(database: DatabaseSync, nowMs: number): AvailabilityView {
  const spans = Object.fromEntries(spanNames.map((name) => [name, resultsSince(database, name, nowMs)] as const))
  const missing = Object.fromEntries(spanNames.map((name) => [name, missingSince(database, name, nowMs)] as const))
  const probes = database
    .prepare('select * from probe_state')
    .all()
    .map((row): ProbeView => {
      const [how, name, region] = [row['how'] as How, String(row['name']), String(row['region'])]
      const key = keyOf(row)
      const intervalMs = row['interval_ms'] === null ? null : Number(row['interval_ms'])
      return {
        how,
        name,
        region,
        kind: String(row['kind']),
        state: row['state'] as ProbeStatus,
        since: instant(row['since_ms']),
        lastResult: instant(row['result_ms']),
        lastHeard: instant(row['heard_ms']),
        intervalSeconds: intervalMs === null ? null : intervalMs / 1000,
        message: String(row['message']),
        responseMs: row['response_ms'] === null ? null : Number(row['response_ms']),
        responses: (JSON.parse(String(row['recent'])) as Recent[]).map(([, responseMs]) => responseMs),
        spans: Object.fromEntries(
          spanNames.map((span) => [span, spanView(spans[span]?.get(key), missing[span]?.get(key) ?? 0)]),
        ) as Record<SpanName, SpanView>,
      }
    })
  probes.sort(
    (a, b) =>
      order.indexOf(a.state) - order.indexOf(b.state) ||
      compare(a.name, b.name) ||
      compare(a.region, b.region) ||
      compare(a.how, b.how),
  )
  return { now: new Date(nowMs).toISOString(), probes }
}

function firstHourOf(span: SpanName, nowMs: number): number {
  return Math.floor(nowMs / hourMs) - spanHours[span] + 1
}

type Row = Record<string, unknown>

function resultsSince(database: DatabaseSync, span: SpanName, nowMs: number): Map<string, Row> {
  const rows = database
    .prepare(
      `select how, name, region, sum(up) as up, sum(down) as down, sum(unknown) as unknown,
         sum(maintenance) as maintenance, sum(responses) as responses, sum(response_ms_sum) as response_ms_sum,
         max(response_ms_max) as response_ms_max
       from probe_hour where hour >= ? group by how, name, region`,
    )
    .all(firstHourOf(span, nowMs))
  return new Map(rows.map((row) => [keyOf(row), row]))
}

/** How many results did not come, of the part of each silence that is in the span; those that came late are none. */
function missingSince(database: DatabaseSync, span: SpanName, nowMs: number): Map<string, number> {
  const fromMs = firstHourOf(span, nowMs) * hourMs
  const missing = new Map<string, number>()
  const silences = database.prepare('select * from probe_silence where coalesce(until_ms, ?) > ?').all(nowMs, fromMs)
  for (const row of silences) {
    const [beginMs, endMs] = [Number(row['from_ms']), Number(row['until_ms'] ?? nowMs)]
    const due = Math.round((endMs - beginMs) / Number(row['interval_ms']))
    const share = (endMs - Math.max(beginMs, fromMs)) / Math.max(1, endMs - beginMs)
    const count = Math.round(Math.max(0, due - Number(row['late'])) * share)
    missing.set(keyOf(row), (missing.get(keyOf(row)) ?? 0) + count)
  }
  return missing
}

function spanView(row: Row | undefined, missing: number): SpanView {
  const sum = (name: string) => Number(row?.[name] ?? 0)
  const [up, down, responses] = [sum('up'), sum('down'), sum('responses')]
  const judged = up + down + missing
  return {
    up,
    down,
    unknown: sum('unknown'),
    maintenance: sum('maintenance'),
    missing,
    availability: judged === 0 ? null : up / judged,
    responseMsMean: responses === 0 ? null : sum('response_ms_sum') / responses,
    responseMsMax: responses === 0 ? null : sum('response_ms_max'),
  }
}

const keyOf = ({ how, name, region }: Row): string => JSON.stringify([how, name, region])
const instant = (ms: unknown): string => new Date(Number(ms)).toISOString()
const compare = (a: string, b: string): number => (a < b ? -1 : Number(a > b))
