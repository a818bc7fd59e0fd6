import type { Unavailable } from '../base/errors.ts'
import { JsonService } from './json_service.ts'

export interface GoogleAnalyticsSettings {
  /** `https://HOST`. */
  server: string
  measurementId: string
  apiSecret: string
}

/** What events of one request share. */
export interface GoogleAnalyticsUser {
  client_id: string
  user_id?: string
  user_properties?: Record<string, { value: string | number }>
}

/** An event as Google Analytics takes it. */
export interface GoogleAnalyticsEvent {
  name: string
  timestamp_micros: number
  params: Record<string, string | number>
}

/** The body of one request. */
export interface GoogleAnalyticsRequest extends GoogleAnalyticsUser {
  consent: Record<'ad_user_data' | 'ad_personalization', 'GRANTED' | 'DENIED'>
  validation_behavior: 'RELAXED' | 'ENFORCE_RECOMMENDATIONS'
  events: GoogleAnalyticsEvent[]
}

/** What the validation server has to say about an event, in its own words. */
export interface Objection {
  fieldPath: string
  description: string
  validationCode: string
}

/**
 * Sends events to Google Analytics 4 by its Measurement Protocol
 * (developers.google.com/analytics/devguides/collection/protocol/ga4/reference).
 */
export class GoogleAnalytics {
  readonly #service: JsonService
  readonly #query: string

  /** @param answerMs how long one request may take */
  constructor({ server, measurementId, apiSecret }: GoogleAnalyticsSettings, answerMs?: number) {
    // As it stands in the address, too, where it has characters that are escaped there.
    const secrets = [apiSecret, encodeURIComponent(apiSecret)]
    this.#service = new JsonService({ what: 'Google Analytics', server, secrets, serverKey: 'server' }, answerMs)
    this.#query = `?measurement_id=${encodeURIComponent(measurementId)}&api_secret=${encodeURIComponent(apiSecret)}`
  }

  get where(): string {
    return this.#service.where
  }

  /**
   * One request. When it returns, Google has received it: whether it took the events, Google never says.
   *
   * @throws Unavailable where it was not received, or it cannot be told (`Unanswered`)
   */
  async collect(request: GoogleAnalyticsRequest): Promise<void> {
    await this.#post('/mp/collect', request)
  }

  /**
   * What Google would object to. It looks at neither `api_secret` nor whether there is such a data stream, and keeps
   * nothing of the events.
   *
   * @throws Unavailable
   */
  async objections(request: GoogleAnalyticsRequest): Promise<Objection[]> {
    const text = await this.#post('/debug/mp/collect', request)
    try {
      return (JSON.parse(text) as { validationMessages?: Objection[] }).validationMessages ?? []
    } catch {
      throw this.#unavailable(200, 'its answer is none', 'Is `server` that of Google, or passes on /debug/mp/collect?')
    }
  }

  close(): void {
    this.#service.close()
  }

  async #post(path: string, request: GoogleAnalyticsRequest): Promise<string> {
    const { status, text } = await this.#service.post(`${path}${this.#query}`, JSON.stringify(request))
    if (status < 200 || status > 299) throw this.#unavailable(status, text)
    return text
  }

  #unavailable(status: number, text: string, remedy?: string): Unavailable {
    return this.#service.unavailable({ status, text }, null, remedy)
  }
}
