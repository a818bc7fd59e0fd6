import * as z from 'zod'
import { BadEvent, type Origin } from './bad_event.ts'
import { categoryName, checked, typeName, versionText, wanted } from './checked.ts'
import type { NewEvent, Payload } from './event.ts'
import { newEventId } from './event_id.ts'
import { isKnown } from './known_types.ts'

const earliestMs = Date.UTC(2000, 0)
const aheadMaxMs = 86_400_000

const uuid = /^[\dA-Fa-f]{8}-[\dA-Fa-f]{4}-[1-8][\dA-Fa-f]{3}-[89ABab][\dA-Fa-f]{3}-[\dA-Fa-f]{12}$/
const instantShape = /^\d{4}-\d\d-\d\d[Tt]\d\d:\d\d:\d\d(?:\.\d{1,9})?(?:[Zz]|[+-]\d\d:\d\d)$/

/** An instant as RFC 3339 has it. */
export const instant = z
  .string(wanted('an instant'))
  .regex(instantShape, 'expected an instant with its zone, such as 2026-06-25T10:00:00Z')
  .meta({ format: 'date-time' })

/** What `POST /v1/events` takes as an event of our own form. */
export const envelope = z
  .strictObject({
    id: z
      .string(wanted('a UUID'))
      .regex(uuid, 'expected a UUID')
      .optional()
      .describe('A UUID. The same event sent again has the same id and is one event. Left out: the hub makes one.'),
    occurred_at: z
      .union([instant, z.number().meta({ format: 'unix-ms', minimum: earliestMs })], {
        error: 'expected an instant with its zone, such as 2026-06-25T10:00:00Z, or milliseconds since 1970',
      })
      .optional()
      .describe(
        'When it happened: an instant with its zone, or milliseconds since 1970; not before 2000, and at most a day ahead. Left out: now.',
      ),
    category: categoryName.describe('What kind of thing happened, such as `job`.'),
    type: typeName.describe('What happened, such as `finished`.'),
    schema_version: versionText
      .default('1')
      .describe('The version of the schema that the payload follows. Those of known types are `1`.'),
    payload: z
      .record(z.string(), z.unknown(), wanted('an object'))
      .default({})
      .describe('What is to be told of it; of a known type as its schema says.'),
  })
  .meta({ title: 'Event', description: "An event in the hub's own form." })

/** @throws BadEvent */
export function readEnvelope(value: unknown, { source, nowMs }: Origin): NewEvent {
  const { id, occurred_at: occurredAt, category, type, schema_version: schemaVersion } = checked(envelope, value)
  // As it was sent: a copy by way of a schema may lose names such as `__proto__`.
  const payload = (value as { payload?: Payload }).payload ?? {}
  return newEvent({
    id: id?.toLowerCase() ?? newEventId(nowMs),
    occurredMs: occurredAt === undefined ? nowMs : occurredMsOf(occurredAt, 'occurred_at', nowMs),
    ...{ source, category, type, schemaVersion, payload, extensions: {} },
  })
}

/**
 * What all forms end in.
 *
 * @throws BadEvent where the payload is not what a known type says
 */
export function newEvent(event: Omit<NewEvent, 'known'>, payloadField = 'payload'): NewEvent {
  return { ...event, known: isKnown(event, payloadField) }
}

/** Ms since 1970 of what a field says. @throws BadEvent where it is none, or too far from now */
export function occurredMsOf(value: string | number, field: string, nowMs: number): number {
  const timeMs = typeof value === 'number' ? Math.trunc(value) : Date.parse(value)
  if (!(timeMs >= earliestMs))
    throw new BadEvent(field, Number.isNaN(timeMs) ? 'is no instant' : 'is before the year 2000')
  if (timeMs > nowMs + aheadMaxMs)
    throw new BadEvent(field, 'is more than a day ahead of the clock of the hub. Set the clock of the sender')
  return timeMs
}

/** Whether a text is a UUID, in either case. */
export function isUuid(text: string): boolean {
  return uuid.test(text)
}
