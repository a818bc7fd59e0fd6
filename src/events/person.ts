import { createHmac } from 'node:crypto'
import type { HubEvent, Json } from './event.ts'

/**
 * Ids that stand for nobody: Clowder's anonymous user (24 zeros), and those that Amplitude refuses
 * (amplitude.com/docs/apis/analytics/http-v2, "Invalid IDs").
 */
const nobody = /^(?:[0-]*|anonymous|nil|none|null|n\/a|na|undefined|unknown|""|\{\}|lmy47d|-1)$/i

/** An id as a text; `null` where it is none, or stands for nobody. */
export function idText(value: Json | undefined): string | null {
  if (typeof value !== 'string' && typeof value !== 'number') return null
  const text = String(value).trim().toWellFormed()
  return nobody.test(text) ? null : text
}

/** Who did it, by the payload's `user_id`; `null` where nobody did, or it is not said. */
export function personOf(event: HubEvent): string | null {
  return idText(event.payload['user_id'])
}

/** Gives each person a name that tells nothing and stays the same. */
export class Pseudonyms {
  readonly #salt: () => string
  readonly #purpose: string

  /**
   * @param salt asked for when the first name is needed
   * @param purpose names of one purpose cannot be linked with those of another
   */
  constructor(salt: () => string, purpose: string) {
    this.#salt = salt
    this.#purpose = purpose
  }

  /** 32 bytes. What nobody did has one name for each source. */
  of(event: HubEvent): Buffer {
    const person = personOf(event)
    const who = person === null ? ['nobody', event.source] : ['person', person]
    return createHmac('sha256', this.#salt())
      .update(JSON.stringify([this.#purpose, ...who]))
      .digest()
  }
}
