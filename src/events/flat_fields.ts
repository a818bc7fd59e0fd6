import { tagValue } from '../pipeline/entry.ts'
import type { Json, Payload } from './event.ts'

/** Objects within objects: `{a: {b: {c: 1}}}` is `a_b_c`; what lies deeper is JSON. */
const deepest = 3
const fieldsMax = 200

/**
 * The fields of a payload on one level: a field of an object in it is called by both names with `_` between. Lists, and
 * objects that lie deeper than three levels, come out as JSON. Nothing is left of `null`, of what has no room among 200,
 * and of a name that a field before it has already; `fields_left_out` tells how many those were.
 *
 * @param taken names that a field must not have; `payload_` is put before it
 */
export function flatFields(payload: Payload, taken: ReadonlySet<string>): Map<string, number | boolean | string> {
  const fields = new Map<string, number | boolean | string>()
  let leftOut = 0
  const put = (name: string, value: Json, depth: number) => {
    if (value === null || (typeof value === 'number' && !Number.isFinite(value))) return
    if (typeof value === 'object' && !Array.isArray(value) && depth < deepest) {
      for (const [inner, one] of Object.entries(value)) put(`${name}_${inner}`, one, depth + 1)
      return
    }
    const key = tagValue(name)
    // A name that begins with an underscore is InfluxDB 2's own.
    const fit = key === '' || key.startsWith('_') || taken.has(key) ? `payload_${key}` : key
    if (fields.size >= fieldsMax || fields.has(fit)) leftOut++
    else fields.set(fit, typeof value === 'object' ? JSON.stringify(value) : value)
  }
  for (const [name, value] of Object.entries(payload)) put(name, value, 1)
  if (leftOut > 0) fields.set('fields_left_out', leftOut)
  return fields
}
