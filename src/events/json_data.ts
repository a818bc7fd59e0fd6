import { BadEvent } from './bad_event.ts'
import { checkDepth } from './checked.ts'
import type { Json } from './event.ts'

/** Whether a media type is JSON's; none given counts as such, as CloudEvents has it. */
export function isJsonType(mediaType: string | null): boolean {
  return mediaType === null || /^[\w.+-]+\/(?:[\w.-]+\+)?json(?:\s*;|$)/i.test(mediaType)
}

/** @throws BadEvent */
export function jsonOfBase64(base64: string): Json {
  let data: Json
  try {
    data = JSON.parse(Buffer.from(base64, 'base64').toString('utf8')) as Json
  } catch {
    throw new BadEvent('data_base64', 'is not JSON, as its datacontenttype says')
  }
  checkDepth(data, 'data_base64')
  return data
}
