import * as z from 'zod'
import { BadEvent, type Origin } from './bad_event.ts'
import { categoryName, checked, typeName } from './checked.ts'
import { newEvent, occurredMsOf } from './envelope.ts'
import type { NewEvent, Payload } from './event.ts'
import { derivedEventId } from './event_id.ts'

/** Who is not logged in, in Clowder's events. */
const nobody = '000000000000000000000000'

const createdShape = /^\d{4}-\d\d-\d\d[Tt ]\d\d:\d\d:\d\d(?:\.\d{1,9})?(?:[Zz]|[+-]\d\d:\d\d)?$/

/**
 * An event as Clowder 1.x publishes it (clowder-framework/clowder, app/services/EventSinkService.scala), flat:
 * everything beside `category`, `type` and `created` is its payload.
 */
export const clowderEvent = z
  .looseObject({
    category: categoryName.describe('Such as `user_activity`.'),
    type: typeName.optional().describe('Such as `login`; uploads have none.'),
    created: z
      .union(
        [
          z.string().regex(createdShape, 'expected milliseconds or an instant').meta({ format: 'local-date-time' }),
          z.number().meta({ format: 'unix-time' }),
        ],
        {
          error: 'expected milliseconds or an instant',
        },
      )
      .describe('Milliseconds since 1970, or an instant; UTC unless it says otherwise.'),
  })
  .meta({
    title: 'ClowderEvent',
    description: 'A flat event, as Clowder publishes it.',
    anyOf: [{ required: ['type'] }, { properties: { category: { const: 'upload' } } }],
    not: { anyOf: [{ required: ['payload'] }, { required: ['occurred_at'] }, { required: ['specversion'] }] },
  })

/** Whether a value is to be read as Clowder's: it tells by `created` and has no payload of its own. */
export function isClowderEvent(value: object): boolean {
  return 'created' in value && !('payload' in value) && !('occurred_at' in value)
}

/**
 * Its id is derived from what it says, and from who sent it, because it has none: the same event published again is the
 * same. An upload is `upload.file`. The all-zero id is nobody, `null`.
 *
 * @throws BadEvent
 */
export function readClowderEvent(value: unknown, { source, nowMs }: Origin): NewEvent {
  const { category, type, created } = checked(clowderEvent, value)
  const occurredMs = createdMs(created, nowMs)
  const { category: _category, type: _type, created: _created, ...payload } = value as Payload
  for (const name of ['user_id', 'author_id']) if (payload[name] === nobody) payload[name] = null
  return newEvent(
    {
      id: derivedEventId(occurredMs, source, JSON.stringify(value)),
      ...{ occurredMs, source, category, schemaVersion: '1', payload, extensions: {} },
      type: type ?? typeOf(category),
    },
    '',
  )
}

function typeOf(category: string): string {
  if (category === 'upload') return 'file'
  throw new BadEvent('type', 'is missing. Of all categories only `upload` has none')
}

/** A number of up to 11 digits is seconds, and one of 15 or more microseconds, as Clowder's own worker takes them. */
function createdMs(created: string | number, nowMs: number): number {
  if (typeof created === 'number') {
    const factor = created < 1e11 ? 1000 : created < 1e14 ? 1 : 0.001
    return occurredMsOf(created * factor, 'created', nowMs)
  }
  const text = created.replace(' ', 'T')
  return occurredMsOf(/[Zz]$|[+-]\d\d:\d\d$/.test(text) ? text : `${text}Z`, 'created', nowMs)
}
