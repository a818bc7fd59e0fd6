import { checkDepth } from './checked.ts'
import type { Json } from './event.ts'

/** Whether a media type is JSON's; none given counts as such, as CloudEvents has it. */
export function isJsonType(mediaType: string | null): boolean {
  return mediaType === null || /^[\w.+-]+\/(?:[\w.-]+\+)?json(?:\s*;|$)/i.test(mediaType)
}

/** The JSON that base64 holds; `null` where it is none, or too deep to be passed on. */
export function jsonOfBase64(base64: string): { data: Json } | null {
  try {
    const data = JSON.parse(Buffer.from(base64, 'base64').toString('utf8')) as Json
    checkDepth(data, 'data_base64')
    return { data }
  } catch {
    return null
  }
}
