import { fieldText, type Point, tagValue } from '../pipeline/entry.ts'
import type { HubEvent, Json } from './event.ts'

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
