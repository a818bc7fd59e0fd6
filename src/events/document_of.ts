import { Refused } from '../base/errors.ts'
import type { HubEvent, Json } from './event.ts'

/** MongoDB takes 100 levels, the document's own among them (its manual, "BSON Types and Limits"). */
const deepest = 90

export interface EventDocument extends Record<string, unknown> {
  _id: string
}

/**
 * The document that an event is: the envelope as it is on the wire, with times as times and `_id` for the id, and the
 * payload as it came. Of names in the payload, `.` becomes `．` (U+FF0E), a leading `$` becomes `＄` (U+FF04) and NUL
 * becomes `␀` (U+2400), since some servers refuse these and others cannot ask for them. Objects in it are Maps, so that
 * no name in them means anything to a driver.
 *
 * @throws Refused where it is nested too deeply for MongoDB
 */
export function documentOf(event: HubEvent): EventDocument {
  const { extensions } = event
  return {
    _id: event.id,
    occurred_at: new Date(event.occurredMs),
    ordinal: event.ordinal,
    received_at: new Date(event.receivedMs),
    source: event.source,
    category: event.category,
    type: event.type,
    schema_version: event.schemaVersion,
    known: event.known,
    payload: safe(event.payload, 1),
    ...(Object.keys(extensions).length > 0 && { extensions: safe(extensions, 1) }),
  }
}

function safe(value: Json, depth: number): unknown {
  if (typeof value !== 'object' || value === null) return value
  if (depth > deepest) {
    const cause = `it is nested deeper than ${deepest} levels, and MongoDB takes no deeper`
    throw new Refused({ what: 'event', where: 'payload', cause })
  }
  if (Array.isArray(value)) return value.map((one) => safe(one, depth + 1))
  const made = new Map<string, unknown>()
  for (const [name, one] of Object.entries(value)) {
    let fit = name.replaceAll('.', '．').replace(/^\$/, '＄').replaceAll('\0', '␀')
    while (fit !== name && (made.has(fit) || Object.hasOwn(value, fit))) fit += '_'
    made.set(fit, safe(one, depth + 1))
  }
  return made
}
