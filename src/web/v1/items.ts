import { BadEvent } from '../../events/bad_event.ts'
import { cloudEventOf, isBinaryCloudEvent } from '../../events/cloudevents_http.ts'
import { jsonOf, textOf } from './json_body.ts'
import { Refusal } from './refusal.ts'

/** The media types that `POST /v1/events` takes, beside any with the headers of a CloudEvent. */
export const mediaTypes = {
  one: 'application/json',
  lines: 'application/x-ndjson',
  cloudEvent: 'application/cloudevents+json',
  cloudEvents: 'application/cloudevents-batch+json',
} as const

const linesTypes: string[] = [mediaTypes.lines, 'application/ndjson', 'application/jsonl']

/**
 * The events in a body, not looked at yet.
 *
 * @throws Refusal 400 where it is no JSON, with the place; 413 where they are too many; 415
 */
export function itemsOf(headers: Headers, body: Buffer, most: number): unknown[] {
  const items = allOf(headers, body)
  if (items.length === 0) throw new Refusal(400, 'the body holds no event')
  if (items.length > most)
    throw new Refusal(413, `the body holds ${items.length} events, and ${most} may be sent at once. Send it in parts`)
  return items
}

/** @throws Refusal 415 */
export function checkMediaType(headers: Headers): void {
  if (isBinaryCloudEvent(headers)) return
  const type = mediaTypeOf(headers)
  if ([...Object.values<string>(mediaTypes), ...linesTypes].includes(type)) return
  const known = Object.values(mediaTypes).join(', ')
  throw new Refusal(415, `Content-Type: is ${type === '' ? 'missing' : 'not known'}. Send one of ${known}`, {
    Connection: 'close',
  })
}

function allOf(headers: Headers, body: Buffer): unknown[] {
  if (isBinaryCloudEvent(headers)) {
    try {
      return [cloudEventOf(headers, body, (data) => jsonOf(textOf(data)))]
    } catch (error) {
      if (!(error instanceof BadEvent)) throw error
      throw new Refusal(400, { error: error.message, ...(error.field !== null && { field: error.field }) })
    }
  }
  const type = mediaTypeOf(headers)
  const text = textOf(body)
  if (linesTypes.includes(type))
    return text.split('\n').flatMap((line, index) => (line.trim() === '' ? [] : [jsonOf(line, index)]))
  const value = jsonOf(text)
  const isList = Array.isArray(value)
  if (type === mediaTypes.cloudEvents && !isList) throw new Refusal(400, `${type}: expected a list of events`)
  if (type === mediaTypes.cloudEvent && isList)
    throw new Refusal(400, `${type}: expected one event. Send a list as ${mediaTypes.cloudEvents}`)
  return isList ? value : [value]
}

function mediaTypeOf(headers: Headers): string {
  return (headers.get('content-type') ?? '').replace(/;.*$/s, '').trim().toLowerCase()
}
