import type { GoogleAnalyticsEvent, GoogleAnalyticsUser } from '../clients/google_analytics.ts'
import { type Choice, chosenPart } from '../events/choice.ts'
import { type HubEvent, type Json, type Payload, routingKey } from '../events/event.ts'
import { fittedText } from '../events/fitted_text.ts'
import { type Pseudonyms, personOf } from '../events/person.ts'
import { eventNames, googleName, hashed, type NameRules, parameterNames, userPropertyNames } from './google_names.ts'

/**
 * Limits of the Measurement Protocol (developers.google.com/analytics/devguides/collection/protocol/ga4/sending-events,
 * "Limitations"). Google takes 25 parameters; these are of the payload, and the others ours.
 */
const parametersMax = 19
const parameterUnits = 100
const userPropertiesMax = 25
const userPropertyUnits = 36
const userIdUnits = 256
const sectionsDepthMax = 3
/** Google's own measure of a visit. */
const sessionMs = 30 * 60_000
const engagementMs = 1
export const oldestMs = 72 * 3_600_000
/** An event is given this much of the 72 hours for its way. */
const marginMs = 5 * 60_000

export interface GoogleAnalyticsMapping {
  choice: Choice
  /** Names for `category.type`. */
  names: Record<string, string>
  userProperties: string[]
  late: 'drop' | 'restamp'
  pseudonyms: Pseudonyms
}

export interface GoogleAnalyticsMade {
  user: GoogleAnalyticsUser
  made: GoogleAnalyticsEvent
  /** How many fields of the payload had no room. */
  leftOut: number
}

/** Whether Google would not take the event with its own time. */
export function isLate(event: HubEvent, nowMs: number): boolean {
  return event.occurredMs < nowMs - oldestMs + marginMs
}

/** The event as Google gets it, within all of its limits. */
export function googleAnalyticsEvent(event: HubEvent, mapping: GoogleAnalyticsMapping, nowMs: number) {
  const { choice, names, userProperties } = mapping
  const { user_id: _user, ...payload } = chosenPart(event, choice).payload
  const properties = Object.entries(payload).filter(([name]) => userProperties.includes(name))
  const others = Object.entries(payload).filter(([name]) => !userProperties.includes(name))
  const ofUser = fitted(properties, userPropertyNames, userPropertiesMax, userPropertyUnits)
  const ofEvent = fitted(others, parameterNames, parametersMax, parameterUnits)
  const late = isLate(event, nowMs)
  const timeMs = late ? nowMs - oldestMs + marginMs : Math.min(event.occurredMs, nowMs)
  const person = personOf(event)
  const isNamed = choice.personal && person !== null && person.length <= userIdUnits
  const values = Object.entries(ofUser.values).map(([name, value]) => [name, { value }] as const)
  const result: GoogleAnalyticsMade = {
    user: {
      client_id: clientId(mapping.pseudonyms.of(event)),
      ...(isNamed && { user_id: person }),
      ...(values.length > 0 && { user_properties: Object.fromEntries(values) }),
    },
    made: {
      name: googleName(names[routingKey(event)] ?? routingKey(event), eventNames),
      timestamp_micros: timeMs * 1000,
      params: {
        // Without these two an event shows neither in Realtime nor in most reports.
        session_id: String(Math.floor(timeMs / sessionMs) * (sessionMs / 1000)),
        engagement_time_msec: engagementMs,
        event_id: event.id,
        source: fittedText(event.source, parameterUnits) || 'unknown',
        ...(late && { occurred_at: new Date(event.occurredMs).toISOString() }),
        ...ofEvent.values,
      },
    },
    leftOut: ofUser.leftOut + ofEvent.leftOut,
  }
  return result
}

/** In the form of those that Google's own script makes. */
function clientId(pseudonym: Buffer): string {
  return `${pseudonym.readUInt32BE(0)}.${pseudonym.readUInt32BE(4)}`
}

/** Texts and numbers under names of their own; sections are laid open. What is empty is left out. */
function fitted(fields: [string, Json][], rules: NameRules, most: number, units: number) {
  const values: Record<string, string | number> = {}
  let leftOut = 0
  for (const [path, value] of leaves(Object.fromEntries(fields), most)) {
    const fit = fittedValue(value, units)
    if (fit === null) continue
    const taken = Object.keys(values).length
    if (taken >= most) {
      leftOut++
      continue
    }
    const name = googleName(path, rules)
    values[Object.hasOwn(values, name) ? hashed(name, `${path} ${taken}`, rules) : name] = fit
  }
  return { values, leftOut }
}

/** Fields of sections as `section_field`. A bit more than can be taken, to tell that there were more. */
function leaves(payload: Payload, most: number): [string, Json][] {
  const found: [string, Json][] = []
  const sections: [string, Payload, number][] = [['', payload, 0]]
  for (let section = sections.shift(); section !== undefined; section = sections.shift()) {
    const [beginning, fields, depth] = section
    for (const [name, value] of Object.entries(fields)) {
      if (found.length > 10 * most) return found
      const isSection = typeof value === 'object' && value !== null && !Array.isArray(value)
      if (!isSection) found.push([`${beginning}${name}`, value])
      else if (depth < sectionsDepthMax) sections.push([`${beginning}${name}_`, value, depth + 1])
    }
  }
  return found
}

function fittedValue(value: Json, units: number): string | number | null {
  if (typeof value === 'number') return Number.isFinite(value) ? value : null
  const text = Array.isArray(value)
    ? value.flatMap((it) => (typeof it === 'object' ? [] : [String(it)])).join(',')
    : String(value ?? '')
  return fittedText(text, units).trim() || null
}
