import { fieldText, type Point, tagValue } from '../pipeline/entry.ts'
import { type HubEvent, uniqueNs } from './event.ts'

/** The point that an event is in InfluxDB; its time is its own, so that no two events are one point. */
export function pointOf(event: HubEvent): Point {
  const fields: Point['fields'] = { event_id: event.id }
  for (const [name, value] of Object.entries(event.payload)) {
    if (typeof value === 'string') fields[name] = fieldText(value)
    else if (typeof value === 'number' || typeof value === 'boolean') fields[name] = value
  }
  return {
    measurement: 'events',
    tags: { category: tagValue(event.category), type: tagValue(event.type), source: tagValue(event.source) },
    fields,
    timeNs: uniqueNs(event),
  }
}
