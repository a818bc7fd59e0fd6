import { BadEvent, type Origin } from './bad_event.ts'
import { checkDepth } from './checked.ts'
import { isCloudEvent, readCloudEvent } from './cloudevents.ts'
import { isClowderEvent, readClowderEvent } from './clowder.ts'
import { readEnvelope } from './envelope.ts'
import type { NewEvent, Payload } from './event.ts'

/**
 * The event that somebody sent, in whichever of the three forms: a CloudEvent tells by `specversion`, one of Clowder's by
 * `created`, and anything else is our own.
 *
 * @param value what JSON.parse made of it
 * @throws BadEvent
 */
export function readEvent(value: unknown, origin: Origin): NewEvent {
  if (typeof value !== 'object' || value === null || Array.isArray(value))
    throw new BadEvent(null, 'expected an object, with `category`, `type` and `payload`')
  for (const [name, inner] of Object.entries(value as Payload)) checkDepth(inner, name)
  if (isCloudEvent(value)) return readCloudEvent(value, origin)
  if (isClowderEvent(value)) return readClowderEvent(value, origin)
  return readEnvelope(value, origin)
}
