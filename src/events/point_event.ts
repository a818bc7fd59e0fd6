import { fieldText, type Point, tagValue } from '../pipeline/entry.ts'
import type { HubEvent, Json, Payload } from './event.ts'
import { derivedEventId } from './event_id.ts'

const types: Record<string, string> = {
  workflow_invocation: 'invocation',
  workflow_invocation_rejected: 'rejected',
  workflow_reporting: 'reporting',
}

/**
 * The event that carries a point of the collector. The same point has the same id, however often it is made.
 *
 * @param source the host that collects
 */
export function eventOfPoint({ measurement, tags, fields, timeNs }: Point, source: string, nowMs: number): HubEvent {
  const type = types[measurement]
  if (type === undefined) throw new Error(`${measurement} is no measurement of the collector`)
  const occurredMs = Number(timeNs / 1_000_000n)
  const sorted = Object.entries(tags).sort(([a], [b]) => (a < b ? -1 : 1))
  const integers = Object.keys(fields).filter((name) => typeof fields[name] === 'bigint')
  const plain: Payload = {}
  for (const [name, value] of Object.entries(fields)) plain[name] = typeof value === 'bigint' ? numberOf(value) : value
  return {
    id: derivedEventId(occurredMs, measurement, JSON.stringify(sorted), String(timeNs)),
    ...{ occurredMs, ordinal: Number(timeNs % 1_000_000n), receivedMs: nowMs },
    ...{ source, category: 'workflow', type, schemaVersion: '1', known: true, extensions: {} },
    payload: { measurement, tags, fields: plain, integers, time_ns: String(timeNs) },
  }
}

/** Ids and counts are far below 2^53, from where on JSON's numbers are no longer exact. */
function numberOf(value: bigint): number {
  const number = Number(value)
  if (!Number.isSafeInteger(number)) throw new Error(`${value} is too large for JSON`)
  return number
}

/**
 * The very point that an event carries, as the collector sends its own through the hub; `null` where it carries none.
 * Its payload is `{measurement, tags, fields, integers, time_ns}`: `integers` names the fields that are whole numbers,
 * and `time_ns` is a text, because JSON has no number of its size.
 */
export function carriedPoint({ category, payload }: HubEvent): Point | null {
  if (category !== 'workflow') return null
  const { measurement, tags, fields, integers, time_ns: timeNs } = payload
  if (typeof measurement !== 'string' || measurement === '' || !isSection(tags) || !isSection(fields)) return null
  if (!Array.isArray(integers) || typeof timeNs !== 'string' || !/^-?\d{1,19}$/.test(timeNs)) return null
  const point: Point = { measurement: tagValue(measurement), tags: {}, fields: {}, timeNs: BigInt(timeNs) }
  for (const [name, value] of Object.entries(tags)) {
    if (typeof value !== 'string') return null
    const fit = tagValue(value)
    if (fit !== '') point.tags[tagValue(name)] = fit
  }
  for (const [name, value] of Object.entries(fields)) {
    if (value === null || typeof value === 'object') return null
    const isInteger = integers.includes(name) && Number.isSafeInteger(value)
    point.fields[tagValue(name)] = isInteger
      ? BigInt(Number(value))
      : typeof value === 'string'
        ? fieldText(value)
        : value
  }
  return Object.keys(point.fields).length > 0 ? point : null
}

function isSection(value: Json | undefined): value is { [name: string]: Json } {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}
