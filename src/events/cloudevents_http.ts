import { BadEvent } from './bad_event.ts'
import { isJsonType } from './json_data.ts'

/** Whether a request is a CloudEvent in binary mode: its attributes are headers, and its body is the data. */
export function isBinaryCloudEvent(headers: Headers): boolean {
  return headers.has('ce-specversion')
}

/**
 * The JSON form of it
 * (https://github.com/cloudevents/spec/blob/v1.0.2/cloudevents/bindings/http-protocol-binding.md, 3.1).
 *
 * @param parse reads a body that is JSON
 * @throws BadEvent, and what `parse` throws
 */
export function cloudEventOf(
  headers: Headers,
  body: Buffer,
  parse: (body: Buffer) => unknown,
): Record<string, unknown> {
  const event: Record<string, unknown> = {}
  for (const [name, value] of headers) if (name.startsWith('ce-')) event[name.slice(3)] = attributeOf(value)
  for (const name of ['datacontenttype', 'data', 'data_base64'])
    if (name in event) throw new BadEvent(`ce-${name}`, 'is not sent as a header: Content-Type and the body say it')
  const mediaType = headers.get('content-type')
  if (mediaType !== null) event['datacontenttype'] = mediaType
  if (body.length === 0) return event
  if (isJsonType(mediaType)) event['data'] = parse(body)
  else if (/^text\//i.test(mediaType!)) event['data'] = body.toString('utf8')
  else event['data_base64'] = body.toString('base64')
  return event
}

/** A quoted text loses its quotes (RFC 7230, 3.2.6); then what is percent-encoded is UTF-8. */
function attributeOf(header: string): string {
  const plain = /^".*"$/s.test(header) ? header.slice(1, -1).replace(/\\(.)/gs, '$1') : header
  return plain.replace(/(?:%[\dA-Fa-f]{2})+/g, (encoded) =>
    Buffer.from(encoded.replaceAll('%', ''), 'hex').toString('utf8'),
  )
}
