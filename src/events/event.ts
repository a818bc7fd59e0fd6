export type Json = null | boolean | number | string | Json[] | { [name: string]: Json }
export type Payload = { [name: string]: Json }

/** Something that happened on a platform, as it is kept and passed on. */
export interface HubEvent {
  /** A UUID, lower case. The same event sent twice has the same id and is one event. */
  id: string
  /** When it happened, ms since 1970. */
  occurredMs: number
  /**
   * Among the events of one millisecond, which one it is, from 0 to 999,999: no two that the hub keeps share both. It
   * makes a time to the nanosecond that is each event's own.
   */
  ordinal: number
  /** When the hub had it on disk, ms since 1970. */
  receivedMs: number
  /** Who sent it: the name that its key was made for. */
  source: string
  /** `user_activity`; letters, digits, `_` and `-`. */
  category: string
  /** `login`; as `category`, and dots. */
  type: string
  schemaVersion: string
  /** Whether the hub knows this category and type, and has looked at the payload. */
  known: boolean
  payload: Payload
  /** Attributes of a CloudEvent that have no place above, such as its own `source` and `id`. */
  extensions: Record<string, string | number | boolean>
}

/** An event that is not kept yet. */
export type NewEvent = Omit<HubEvent, 'ordinal' | 'receivedMs'>

/** As it stands in queues, documents and answers; the names are an interface. */
export interface WireEvent {
  id: string
  occurred_at: string
  ordinal: number
  received_at: string
  source: string
  category: string
  type: string
  schema_version: string
  known: boolean
  payload: Payload
  extensions?: HubEvent['extensions']
}

export function toWire(event: HubEvent): WireEvent {
  const { extensions } = event
  return {
    id: event.id,
    occurred_at: new Date(event.occurredMs).toISOString(),
    ordinal: event.ordinal,
    received_at: new Date(event.receivedMs).toISOString(),
    source: event.source,
    category: event.category,
    type: event.type,
    schema_version: event.schemaVersion,
    known: event.known,
    payload: event.payload,
    ...(Object.keys(extensions).length > 0 && { extensions }),
  }
}

/** What `toWire` made. */
export function fromWire(wire: WireEvent): HubEvent {
  return {
    id: wire.id,
    occurredMs: Date.parse(wire.occurred_at),
    ordinal: wire.ordinal,
    receivedMs: Date.parse(wire.received_at),
    source: wire.source,
    category: wire.category,
    type: wire.type,
    schemaVersion: wire.schema_version,
    known: wire.known,
    payload: wire.payload,
    extensions: wire.extensions ?? {},
  }
}

/** An instant that no other event of the hub has: nanoseconds since 1970. */
export function uniqueNs({ occurredMs, ordinal }: Pick<HubEvent, 'occurredMs' | 'ordinal'>): bigint {
  return BigInt(occurredMs) * 1_000_000n + BigInt(ordinal)
}

/** How a queue sorts it: `user_activity.login`. */
export function routingKey({ category, type }: Pick<HubEvent, 'category' | 'type'>): string {
  return `${category}.${type}`
}
