import * as z from 'zod'
import { BadEvent } from './bad_event.ts'
import { categoryName, checkDepth, checked, typeName, versionText, wanted } from './checked.ts'
import { instant } from './envelope.ts'
import { fromWire, type HubEvent, type Payload, type WireEvent } from './event.ts'
import { isEventId } from './event_id.ts'

/** What `toWire` makes, as far as anybody relies on it. */
const wireEvent = z.looseObject({
  id: z.string(wanted('a UUID')).refine(isEventId, 'expected a UUID in lower case'),
  occurred_at: instant,
  ordinal: z.int(wanted('a whole number')).min(0, 'expected 0 or more').max(999_999, 'expected 999999 or less'),
  received_at: instant,
  source: z.string(wanted('a text')).max(1000, 'expected at most 1000 characters'),
  category: categoryName,
  type: typeName,
  schema_version: versionText,
  known: z.boolean(wanted('true or false')),
  payload: z.custom<Payload>(isSection, 'expected an object'),
  extensions: z
    .record(z.string(), z.union([z.string(), z.number(), z.boolean()], wanted('a text, a number, true or false')))
    .optional(),
})

/** Whether a value says of itself that a hub has had it. */
export function isWireEvent(value: unknown): value is object {
  return isSection(value) && 'received_at' in value && 'ordinal' in value
}

/**
 * An event that came over a queue, on which anybody with a right to publish may have put it: within the same bounds as
 * what the API takes. Its payload is passed on as it came.
 *
 * @throws BadEvent
 */
export function readWireEvent(value: object): HubEvent {
  const { payload, occurred_at: occurredAt, received_at: receivedAt } = checked(wireEvent, value)
  for (const [name, inner] of Object.entries(payload)) checkDepth(inner, `payload.${name}`)
  for (const [field, text] of Object.entries({ occurred_at: occurredAt, received_at: receivedAt }))
    if (Number.isNaN(Date.parse(text))) throw new BadEvent(field, 'is no instant')
  return fromWire(value as WireEvent)
}

function isSection(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}
