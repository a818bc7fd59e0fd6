import * as z from 'zod'
import { checked } from './checked.ts'
import { type NewEvent, routingKey } from './event.ts'
import { knownPayloads } from './known_payloads.ts'

/** The version of all schemas of known types so far. */
const knownVersion = '1'

/** `user_activity.login` and so on. */
export const knownTypes: readonly string[] = Object.keys(knownPayloads)

/**
 * Whether the hub knows the type of the event, and so what its payload must hold. Another version of a known type is
 * unknown.
 *
 * @throws BadEvent where it knows it, and the payload is not so
 */
export function isKnown(event: Omit<NewEvent, 'known'>, payloadField: string): boolean {
  const name = routingKey(event)
  if (event.schemaVersion !== knownVersion || !Object.hasOwn(knownPayloads, name)) return false
  checked(knownPayloads[name]!, event.payload, payloadField)
  return true
}

/** What is known of one, with the JSON Schema (2020-12) of its payload; `null` where nothing is. */
export function schemaOf(name: string): Record<string, unknown> | null {
  if (!Object.hasOwn(knownPayloads, name)) return null
  return { title: name, ...z.toJSONSchema(knownPayloads[name]!, { io: 'input' }) }
}
