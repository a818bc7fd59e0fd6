import { Refused } from '../base/errors.ts'
import { fieldText, type Point, tagValue } from '../pipeline/entry.ts'
import { type HubEvent, type Json, routingKey, uniqueNs } from './event.ts'
import { flatFields } from './flat_fields.ts'
import { carriedPoint } from './point_event.ts'

/** How a destination wants its points. */
export interface PointStyle {
  /** The measurement; `{category}` stands for the event's. */
  measurement: string
  /** What is written of a tag's value, so that a tag has no more than so many different ones. */
  bounded: (tag: string, value: string) => string
}

/** Fields of a payload that are tags wherever they are. Never one that tells a person, or that anybody can fill. */
const tagsEverywhere = ['region', 'healthy', 'extractor_name']
const tagsOfCategory: Record<string, string[]> = {
  probe: ['probe', 'target', 'result'],
  job: ['state', 'tool_id', 'destination'],
  file: ['format'],
}

/** A type whose points are called as another program calls them. */
interface Known {
  measurement: string
  /** The tags' names, each with the field of the payload that it is made of. */
  tags: Record<string, string>
  integers: string[]
}

/** Telegraf's names and types (plugins/inputs/ping and http_response, README.md), so that its dashboards fit. */
const known: Record<string, Known> = {
  'probe.ping': {
    measurement: 'ping',
    tags: { url: 'target' },
    integers: ['packets_transmitted', 'packets_received', 'result_code'],
  },
  'probe.http': {
    measurement: 'http_response',
    tags: { server: 'target', method: 'method', status_code: 'http_response_code', result: 'result' },
    integers: ['http_response_code', 'content_length', 'result_code'],
  },
}
/** Clowder's own worker wrote them as integers; where the database has them already, no float is taken. */
const integersOfCategory: Record<string, string[]> = {
  upload: ['size'],
  download: ['size'],
  archive: ['size'],
  unarchive: ['size'],
}

/**
 * The point that an event is in InfluxDB. Its time is the event's own to the nanosecond, so that no two events are one
 * point, and the same event is always the same one. Of a payload: some fields are tags, numbers are floats but for
 * documented counts, objects are flattened, lists are JSON.
 *
 * @throws Refused where a count is no whole number
 */
export function pointOf(event: HubEvent, style: PointStyle): Point {
  const carried = carriedPoint(event)
  if (carried !== null) return carried
  const { payload } = event
  const telegraf = Object.hasOwn(known, routingKey(event)) ? known[routingKey(event)]! : null
  const category = style.bounded('category', event.category)
  const own = telegraf === null ? { category, type: event.type, source: event.source } : { source: event.source }
  const names = [...tagsEverywhere, ...(telegraf === null ? listed(tagsOfCategory, event.category) : ['probe'])]
  const sources = { ...Object.fromEntries(names.map((name) => [name, name])), ...telegraf?.tags }

  const tags: Point['tags'] = {}
  const put = (tag: string, value: string) => {
    const fit = tagValue(value)
    if (fit !== '') tags[tag] = tag === 'category' ? fit : style.bounded(tag, fit)
  }
  for (const [tag, value] of Object.entries(own)) put(tag, value)
  const rest = { ...payload }
  const integers = telegraf?.integers ?? listed(integersOfCategory, event.category)
  for (const [tag, name] of Object.entries(sources)) {
    const value = Object.hasOwn(payload, name) ? payload[name] : undefined
    if (!isPlain(value)) continue
    put(tag, String(value))
    if (!integers.includes(name)) delete rest[name]
  }
  const fields: Point['fields'] = { event_id: event.id }
  for (const [name, value] of flatFields(rest, new Set(['event_id', 'time', 'category', 'type', 'source'])))
    fields[name] = typeof value === 'string' ? fieldText(value) : integers.includes(name) ? whole(name, value) : value
  const measurement = telegraf?.measurement ?? style.measurement.replaceAll('{category}', category)
  return { measurement, tags, fields, timeNs: uniqueNs(event) }
}

function listed(table: Record<string, string[]>, category: string): string[] {
  return Object.hasOwn(table, category) ? table[category]! : []
}

function isPlain(value: Json | undefined): value is string | number | boolean {
  return value !== undefined && value !== null && typeof value !== 'object'
}

function whole(name: string, value: number | boolean): bigint | boolean {
  if (typeof value === 'boolean') return value
  if (Number.isSafeInteger(value)) return BigInt(value)
  throw new Refused({ what: 'event', where: name, cause: `${name}: ${value} is no whole number` })
}
