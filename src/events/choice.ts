import { type HubEvent, type Json, type Payload, routingKey } from './event.ts'

/** What a destination gets of which events. */
export interface Choice {
  /** Topic patterns over `category.type` as RabbitMQ has them: `*` is one word, `#` any number. */
  filter: string[]
  /** Names of the payload's fields that are passed on; `null`: all. */
  fields: string[] | null
  /** Whether fields that tell who somebody is are passed on. */
  personal: boolean
}

/**
 * Fields of known events by which a person can be known (facts: Clowder sends names and ids in most of its events).
 * Also left out wherever they stand deeper in a payload.
 */
const personalFields =
  /^(?:user|author|owner|creator)(?:_(?:id|name|email|username))?$|^(?:e?mail|username|full_name|ip|ip_address|remote_addr|device_id|client_id)$/

/** Whether a destination with these patterns is given the event. */
export function isChosen(filter: string[], event: Pick<HubEvent, 'category' | 'type'>): boolean {
  const words = routingKey(event).split('.')
  return filter.some((pattern) => matches(pattern.split('.'), words))
}

function matches([first, ...patterns]: string[], words: string[]): boolean {
  if (first === undefined) return words.length === 0
  if (first === '#')
    return matches(patterns, words) || (words.length > 0 && matches([first, ...patterns], words.slice(1)))
  if (words.length === 0) return false
  return (first === '*' || first === words[0]) && matches(patterns, words.slice(1))
}

/** The event as the destination may know it. */
export function chosenPart(event: HubEvent, { fields, personal }: Choice): HubEvent {
  let { payload } = event
  if (fields !== null) payload = Object.fromEntries(Object.entries(payload).filter(([name]) => fields.includes(name)))
  return personal ? { ...event, payload } : { ...event, payload: withoutPersons(payload) }
}

function withoutPersons(payload: Payload): Payload {
  const kept = Object.entries(payload).filter(([name]) => !personalFields.test(name))
  return Object.fromEntries(kept.map(([name, value]) => [name, withoutPersonsIn(value)]))
}

function withoutPersonsIn(value: Json): Json {
  if (Array.isArray(value)) return value.map(withoutPersonsIn)
  return typeof value === 'object' && value !== null ? withoutPersons(value) : value
}
