import type { HubEvent, Payload } from '../events/event.ts'

/** The columns of a row that `eventOf` needs. */
export const eventColumns =
  'event.seq, id, occurred_ms, ordinal, received_ms, source, category, type, schema_version, known, payload, extensions'

/** The event that a row of `event` holds. */
export function eventOf(row: Record<string, unknown>): HubEvent {
  return {
    id: String(row['id']),
    occurredMs: Number(row['occurred_ms']),
    ordinal: Number(row['ordinal']),
    receivedMs: Number(row['received_ms']),
    source: String(row['source']),
    category: String(row['category']),
    type: String(row['type']),
    schemaVersion: String(row['schema_version']),
    known: row['known'] === 1,
    payload: JSON.parse(String(row['payload'])) as Payload,
    extensions: JSON.parse(String(row['extensions'])) as HubEvent['extensions'],
  }
}
