import type { AmplitudeEvent } from '../clients/amplitude.ts'
import { type Choice, chosenPart } from '../events/choice.ts'
import { type HubEvent, type Json, routingKey } from '../events/event.ts'
import { fittedText } from '../events/fitted_text.ts'
import { idText, type Pseudonyms } from '../events/person.ts'

/** Limits of amplitude.com/docs/apis/analytics/http-v2; so many keys its own clients take. */
const textMaxUnits = 1024
const depthMax = 40
const keysMax = 1000

export interface AmplitudeMapping {
  choice: Choice
  /** Names for `category.type`. */
  names: Record<string, string>
  minIdLength: number
  pseudonyms: Pseudonyms
}

/** The event as Amplitude gets it. Who it was is told by a pseudonym, unless `personal` is chosen. */
export function amplitudeEvent(event: HubEvent, { choice, names, minIdLength, pseudonyms }: AmplitudeMapping) {
  const { payload } = chosenPart(event, choice)
  const key = routingKey(event)
  const usable = (value: Json | undefined) => {
    const id = choice.personal ? idText(value) : null
    return id !== null && id.length >= minIdLength && id.length <= textMaxUnits ? id : undefined
  }
  const userId = usable(event.payload['user_id'])
  const deviceId = usable(event.payload['device_id'])
  const { user_id: _user, device_id: _device, ...properties } = payload
  const made: AmplitudeEvent = {
    event_type: fittedText(names[key] ?? key, textMaxUnits),
    ...(userId !== undefined && { user_id: userId }),
    // The same for the same person for ever: Amplitude finds repeats by device and `insert_id`.
    device_id: deviceId ?? pseudonyms.of(event).toString('hex', 0, 16),
    time: event.occurredMs,
    insert_id: event.id,
    event_properties: fitted({ source: event.source, ...properties }, 1) as object,
  }
  return made
}

/** `undefined` where it is too deep to be taken. */
function fitted(value: Json, depth: number): Json | undefined {
  if (typeof value === 'string') return fittedText(value, textMaxUnits)
  if (typeof value !== 'object' || value === null) return value
  if (depth > depthMax) return undefined
  if (Array.isArray(value)) return value.slice(0, keysMax).flatMap((it) => fitted(it, depth + 1) ?? [])
  const made: [string, Json][] = []
  for (const [name, it] of Object.entries(value)) {
    if (made.length >= keysMax) break
    const part = fitted(it, depth + 1)
    if (part !== undefined) made.push([fittedText(name, textMaxUnits), part])
  }
  return Object.fromEntries(made)
}
