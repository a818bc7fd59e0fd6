import * as z from 'zod'
import { BadEvent, type Origin } from './bad_event.ts'
import { categoryName, checked, typeName, versionText, wanted } from './checked.ts'
import { instant, isUuid, newEvent, occurredMsOf } from './envelope.ts'
import type { HubEvent, Json, NewEvent, Payload } from './event.ts'
import { derivedEventId } from './event_id.ts'
import { isJsonType, jsonOfBase64 } from './json_data.ts'

const typeMaxCharacters = 100

const someText = z
  .string(wanted('a text'))
  .min(1, 'is empty')
  .max(1000, 'expected at most 1000 characters')
  .refine((text) => text.isWellFormed(), 'is no Unicode text: it holds half a character')

/**
 * A CloudEvent 1.0 in its JSON form (https://github.com/cloudevents/spec/blob/v1.0.2/cloudevents/formats/json-format.md).
 * The names of extension attributes are lower-case letters and digits.
 */
export const cloudEvent = z
  .object({
    specversion: z.literal('1.0', wanted('1.0, the only version that is known')),
    id: someText.describe('With `source` the identity of the event. A UUID is kept as the id of the event.'),
    source: someText.describe('Kept as the extension `source`: the source of the event is that of the key.'),
    type: z
      .string(wanted('a text'))
      .regex(/^[A-Za-z0-9_-]+(?:\.[A-Za-z0-9_-]+)*$/, 'expected words with dots between them')
      .max(typeMaxCharacters, `expected at most ${typeMaxCharacters} characters`)
      .describe(
        'Its last word is the type, and the word before it the category: `org.example.job.finished`. With the attribute `category` all of it is the type.',
      ),
    category: categoryName.nullish().describe('An extension attribute: the category.'),
    schemaversion: versionText.nullish().describe('An extension attribute: the version of the schema of `data`.'),
    time: instant.nullish().describe('When it happened. Left out: now.'),
    datacontenttype: someText.nullish(),
    dataschema: someText.nullish(),
    subject: someText.nullish(),
    data: z.unknown().optional().describe('An object is the payload; anything else becomes its field `data`.'),
    data_base64: z
      .base64(wanted('base64'))
      .nullish()
      .describe('Bytes: what they say where they are JSON, or else the field `data_base64` of the payload.'),
  })
  .catchall(z.union([someText, z.number(), z.boolean(), z.null()], wanted('a text, a number, true or false')))
  .meta({
    title: 'CloudEvent',
    description: 'A CloudEvent 1.0.',
    propertyNames: { pattern: '^(?:[a-z0-9]{1,64}|data_base64)$' },
    anyOf: [
      { required: ['category'], properties: { category: { type: 'string' } } },
      { properties: { type: { pattern: '(?:^|\\.)[A-Za-z0-9_-]{1,64}\\.[A-Za-z0-9_-]+$' } } },
    ],
    not: { required: ['data', 'data_base64'], properties: { data_base64: { type: 'string' } } },
  })

/** What is an event's own, and no extension of it. */
const ownNames = new Set(['specversion', 'id', 'source', 'type', 'time', 'category', 'schemaversion', 'data'])
ownNames.add('data_base64')

export function isCloudEvent(value: object): boolean {
  return 'specversion' in value
}

/**
 * One of the same `source` and `id` is the same event. An `id` that is no UUID is kept as an extension, and the event's id
 * is derived from both.
 *
 * @throws BadEvent
 */
export function readCloudEvent(value: unknown, { source, nowMs }: Origin): NewEvent {
  const found = checked(cloudEvent, value)
  const wrong = Object.keys(found).find((name) => !/^[a-z0-9]{1,64}$/.test(name) && name !== 'data_base64')
  if (wrong !== undefined)
    throw new BadEvent(
      wrong.slice(0, 200),
      'unknown attribute. The names of attributes are lower-case letters and digits',
    )
  const { category, type } = kindOf(found.type, found.category ?? null)
  const id = isUuid(found.id) ? found.id.toLowerCase() : derivedEventId(0, found.source, found.id)
  const extensions: HubEvent['extensions'] = { source: found.source }
  if (id !== found.id) extensions['id'] = found.id
  if (found.type !== `${category}.${type}`) extensions['type'] = found.type
  for (const [name, attribute] of Object.entries(found))
    if (!ownNames.has(name) && attribute !== null) extensions[name] = attribute as string | number | boolean
  return newEvent(
    {
      ...{ id, source, category, type, extensions },
      occurredMs: found.time == null ? nowMs : occurredMsOf(found.time, 'time', nowMs),
      schemaVersion: found.schemaversion ?? '1',
      payload: payloadOf(value as { data?: Json }, found.data_base64 ?? null, found.datacontenttype ?? null),
    },
    'data',
  )
}

/** The event as a CloudEvent: as it came where it came as one. */
export function toCloudEvent(event: HubEvent): Record<string, Json> {
  const { category, type, payload, extensions } = event
  const isWrapped = 'datacontenttype' in extensions && !isJsonType(String(extensions['datacontenttype']))
  const wrapped = isWrapped ? Object.keys(payload).join() : ''
  const both = `${category}.${type}`
  const fullType = String(extensions['type'] ?? (both.length <= typeMaxCharacters ? both : type))
  const words = fullType.split('.')
  const tellsCategory = words.at(-1) === type && words.at(-2) === category
  return {
    specversion: '1.0',
    id: event.id,
    source: event.source,
    type: fullType,
    time: new Date(event.occurredMs).toISOString(),
    ...(!tellsCategory && { category }),
    schemaversion: event.schemaVersion,
    datacontenttype: 'application/json',
    ...extensions,
    ...(wrapped === 'data' || wrapped === 'data_base64' ? payload : { data: payload }),
  }
}

function kindOf(type: string, category: string | null): { category: string; type: string } {
  if (category !== null)
    return { category, type: type.startsWith(`${category}.`) ? type.slice(category.length + 1) : type }
  const words = type.split('.')
  if (words.length < 2)
    throw new BadEvent('type', 'has no category. Write it before the type, as in job.finished, or give `category`')
  const [before, last] = words.slice(-2) as [string, string]
  return { category: checked(categoryName, before, 'type'), type: checked(typeName, last, 'type') }
}

function payloadOf(value: { data?: Json }, base64: string | null, contentType: string | null): Payload {
  if (base64 !== null && value.data !== undefined) throw new BadEvent('data_base64', 'is given beside data. Give one')
  let { data = {} } = value
  if (base64 !== null) {
    const found = isJsonType(contentType) ? jsonOfBase64(base64) : null
    if (found === null) return { data_base64: base64 }
    data = found.data
  }
  return typeof data === 'object' && data !== null && !Array.isArray(data) ? data : { data }
}
