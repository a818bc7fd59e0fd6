import type { Unavailable } from '../base/errors.ts'
import { type JsonAnswer, JsonService } from './json_service.ts'

export interface AmplitudeSettings {
  /** `https://HOST`. */
  server: string
  api: 'http' | 'batch'
  apiKey: string
  minIdLength: number
}

/** An event as Amplitude takes it. */
export interface AmplitudeEvent {
  event_type: string
  user_id?: string
  device_id: string
  /** ms since 1970. */
  time: number
  insert_id: string
  event_properties: object
}

/** What became of one request. Indices are those of the events sent. */
export type AmplitudeAnswer =
  | { kind: 'taken' }
  /** None was taken. Without those that are named, the others may be. */
  | { kind: 'some'; bad: Map<number, string>; throttled: Map<number, { cause: string; waitMs: number }> }
  /** None was taken, and it is not said which are the cause. */
  | { kind: 'whole'; cause: string }

/**
 * What one request may hold. HTTP V2 takes fewer than 2,000 events in less than 1 MB, Batch 20 MB
 * (amplitude.com/docs/apis/analytics/http-v2 and batch-event-upload).
 */
const bounds = { http: { events: 1000, bytes: 900_000 }, batch: { events: 2000, bytes: 10_000_000 } }
const paths = { http: '/2/httpapi', batch: '/batch' }
/** "Pause sending events for that user or device for a period of 30 seconds" (the same page). */
const throttledMs = 30_000
/** A day's quota is counted over a day that glides. */
const quotaMs = 1_800_000
const causeMaxCharacters = 300

/** Sends events to Amplitude's HTTP V2 API or its Batch Event Upload API. */
export class Amplitude {
  readonly bounds: { events: number; bytes: number }
  readonly minIdLength: number
  readonly #settings: AmplitudeSettings
  readonly #service: JsonService

  /** @param answerMs how long one request may take */
  constructor(settings: AmplitudeSettings, answerMs?: number) {
    const { server, apiKey } = settings
    this.#settings = settings
    this.bounds = bounds[settings.api]
    this.minIdLength = settings.minIdLength
    this.#service = new JsonService({ what: 'Amplitude', server, secrets: [apiKey], serverKey: 'server' }, answerMs)
  }

  get where(): string {
    return this.#service.where
  }

  /**
   * One request. Amplitude leaves out an event whose `insert_id` it had for the same device within the last 7 days, so
   * that the same may be sent again.
   *
   * @throws Unavailable where it cannot be told, or the key is wrong
   */
  async send(events: AmplitudeEvent[]): Promise<AmplitudeAnswer> {
    const { apiKey, api, minIdLength } = this.#settings
    const body = JSON.stringify({ api_key: apiKey, options: { min_id_length: minIdLength }, events })
    const answer = await this.#service.post(paths[api], body)
    const { status } = answer
    if (status === 200) return { kind: 'taken' }
    const said = saidBy(answer.text)
    if (status === 413) return { kind: 'whole', cause: 'HTTP 413: too large' }
    // Somebody else's 400, such as a proxy's, says nothing about the events.
    if (said === null || (status !== 400 && status !== 429)) throw this.#unavailable(answer, said)
    if (isAboutTheKey(said)) throw this.#unavailable(answer, said, 'Check api_key, and that `server` is its region')
    const named = namedBy(said, events)
    if (named.bad.size + named.throttled.size > 0) return { kind: 'some', ...named }
    if (status === 429 || said.error === 'Invalid request path') throw this.#unavailable(answer, said)
    return { kind: 'whole', cause: causeOf(said) }
  }

  /**
   * Asks with no event at all. That a key is wrong Amplitude may tell only when it gets one.
   *
   * @throws Unavailable
   */
  async probe(): Promise<void> {
    await this.send([])
  }

  close(): void {
    this.#service.close()
  }

  #unavailable(answer: JsonAnswer, said: Said | null, remedy?: string): Unavailable {
    return this.#service.unavailable(answer, said === null ? null : (said.error ?? null), remedy)
  }
}

type Indices = Record<string, number[]>

/** The parts of an answer to 400 and 429 that are documented. */
interface Said {
  code: number
  error?: string
  missing_field?: string
  events_with_invalid_fields?: Indices
  events_with_missing_fields?: Indices
  events_with_invalid_id_lengths?: Indices
  silenced_events?: number[]
  silenced_devices?: string[]
  throttled_events?: number[]
  throttled_devices?: Record<string, number>
  throttled_users?: Record<string, number>
  exceeded_daily_quota_devices?: Record<string, number>
  exceeded_daily_quota_users?: Record<string, number>
}

/** Amplitude's own words; `null` where somebody else answered. */
function saidBy(text: string): Said | null {
  try {
    const said = JSON.parse(text) as Said | null
    return typeof said?.code === 'number' ? said : null
  } catch {
    return null
  }
}

function isAboutTheKey(said: Said): boolean {
  return said.missing_field === 'api_key' || /api[ _]key/i.test(said.error ?? '')
}

function namedBy(said: Said, events: AmplitudeEvent[]) {
  const bad = new Map<number, string>()
  const throttled = new Map<number, { cause: string; waitMs: number }>()
  const isThere = (index: number) => Number.isInteger(index) && index >= 0 && index < events.length
  const because = (what: string, indices: number[]) => {
    for (const index of indices) if (isThere(index) && !bad.has(index)) bad.set(index, what)
  }
  const each = (what: string, fields: Indices = {}) => {
    for (const [field, indices] of Object.entries(fields)) because(`${what} ${field}`, indices)
  }
  each('invalid', said.events_with_invalid_fields)
  each('missing', said.events_with_missing_fields)
  each('too short', said.events_with_invalid_id_lengths)
  const silenced = 'Amplitude has silenced the device'
  because(silenced, said.silenced_events ?? [])
  because(silenced, indicesOf(events, said.silenced_devices ?? []))
  const wait = (cause: string, waitMs: number, indices: number[]) => {
    for (const index of indices) if (isThere(index) && !bad.has(index)) throttled.set(index, { cause, waitMs })
  }
  const ids = (people: Record<string, number> = {}) => indicesOf(events, Object.keys(people))
  const throttledIds = [...ids(said.throttled_devices), ...ids(said.throttled_users)]
  wait('Amplitude throttles this user or device', throttledMs, [...(said.throttled_events ?? []), ...throttledIds])
  const overQuota = [...ids(said.exceeded_daily_quota_devices), ...ids(said.exceeded_daily_quota_users)]
  wait("this user or device has used up Amplitude's quota of a day", quotaMs, overQuota)
  return { bad, throttled }
}

function indicesOf(events: AmplitudeEvent[], ids: string[]): number[] {
  const wanted = new Set(ids)
  return events.flatMap((event, index) =>
    wanted.has(event.device_id) || (event.user_id !== undefined && wanted.has(event.user_id)) ? [index] : [],
  )
}

function causeOf({ code, error, missing_field: field }: Said): string {
  return `HTTP ${code}: ${error ?? ''}${field === undefined ? '' : ` (${field})`}`.slice(0, causeMaxCharacters)
}
