import { Unavailable } from '../base/errors.ts'
import { atMostEvery, log } from '../base/log.ts'
import type { GoogleAnalytics as Client, GoogleAnalyticsRequest } from '../clients/google_analytics.ts'
import { Unanswered } from '../clients/json_service.ts'
import type { Destination } from '../events/delivery.ts'
import { type HubEvent, routingKey } from '../events/event.ts'
import { newEventId } from '../events/event_id.ts'
import { Pseudonyms } from '../events/person.ts'
import type { SentRecord, SentState } from '../outbox/sent.ts'
import type { Refusal } from '../pipeline/part.ts'
import {
  type GoogleAnalyticsMade,
  type GoogleAnalyticsMapping,
  googleAnalyticsEvent,
  isLate,
} from './google_analytics_event.ts'

/** Google takes 25 events and less than 130 kB in one request ("Limitations", as in google_analytics_event.ts). */
const eventsMax = 25
const bytesMax = 120_000
const requestsAtOnce = 8

interface Mapped extends GoogleAnalyticsMade {
  event: HubEvent
  bytes: number
}

/**
 * Writes events to Google Analytics. Google neither refuses a bad event nor knows one again, so what it would not take
 * is found here, and an own record keeps what was sent. An event that was sent and whose answer is not known is sent
 * again, with parameter `sent_again`: better twice than not at all.
 */
export class GoogleAnalytics implements Destination {
  readonly #client: Client
  readonly #mapping: GoogleAnalyticsMapping
  readonly #record: SentRecord
  readonly #shared: Pick<GoogleAnalyticsRequest, 'consent' | 'validation_behavior'>
  /** Taken by Google, and not recorded yet. Nothing more is sent before they are. */
  #unrecorded: string[] = []
  readonly #sayRefused = atMostEvery(1000)
  readonly #sayLeftOut = atMostEvery(60_000)

  constructor(
    client: Client,
    mapping: GoogleAnalyticsMapping,
    shared: Pick<GoogleAnalyticsRequest, 'consent' | 'validation_behavior'>,
    record: SentRecord,
  ) {
    this.#client = client
    this.#mapping = mapping
    this.#shared = shared
    this.#record = record
  }

  async write(events: HubEvent[]): Promise<Refusal<HubEvent>[]> {
    this.#recordSent()
    const nowMs = Date.now()
    const refusals: Refusal<HubEvent>[] = []
    const mapped: Mapped[] = []
    const seen = new Set<string>()
    for (const event of events) {
      const state = this.#record.stateOf(event.id)
      if (state === 'sent' || seen.has(event.id)) continue
      seen.add(event.id)
      if (this.#mapping.late === 'drop' && isLate(event, nowMs)) refusals.push(this.#refusal(event, state))
      else mapped.push(this.#mapped(event, state === 'sending', this.#mapping, nowMs))
    }
    const requests = requestsOf(mapped)
    if (requests.length > 0) await this.#sendAll(requests)
    return refusals
  }

  /** Has the validation server look at an event that nobody sent. */
  async probe(): Promise<void> {
    const nowMs = Date.now()
    const named = { id: newEventId(), source: 'check', category: 'workflow_reporting', type: 'check' }
    const times = { occurredMs: nowMs, receivedMs: nowMs, ordinal: 0 }
    const event = { ...named, ...times, schemaVersion: '1', known: true, payload: {}, extensions: {} }
    // Of nobody, so that no secret has to be made for it.
    const mapping = { ...this.#mapping, pseudonyms: new Pseudonyms(() => 'check', 'check') }
    const [objection] = await this.#client.objections(this.#body([this.#mapped(event, false, mapping, nowMs)]))
    if (objection === undefined) return
    const { fieldPath, validationCode, description } = objection
    const cause = `its validation objects: ${fieldPath} ${validationCode}: ${description}`
    throw new Unavailable({ what: 'Google Analytics', where: this.#client.where, cause })
  }

  async close(): Promise<void> {
    this.#client.close()
    this.#record.close()
  }

  /** On disk before the first is sent, and when the last has its answer. */
  async #sendAll(requests: Mapped[][]): Promise<void> {
    this.#record.begin(requests.flatMap(idsOf), Date.now())
    let at = 0
    try {
      while (at < requests.length) {
        const together = requests.slice(at, at + requestsAtOnce)
        at += requestsAtOnce
        await this.#send(together)
      }
    } finally {
      const unsent = requests.slice(at).flatMap(idsOf)
      if (unsent.length > 0) this.#record.end(unsent, 'failed', Date.now())
      this.#record.flush()
    }
  }

  /** Side by side, since each holds one user's few events, and every answer takes its time. */
  async #send(requests: Mapped[][]): Promise<void> {
    const answers = await Promise.allSettled(requests.map((mapped) => this.#client.collect(this.#body(mapped))))
    const failures: unknown[] = []
    const refused: string[] = []
    for (const [index, answer] of answers.entries()) {
      const ids = idsOf(requests[index]!)
      if (answer.status === 'fulfilled') {
        this.#unrecorded.push(...ids)
        continue
      }
      failures.push(answer.reason)
      if (!(answer.reason instanceof Unanswered) || !answer.reason.mayHaveArrived) refused.push(...ids)
    }
    if (refused.length > 0) this.#record.end(refused, 'failed', Date.now())
    this.#recordSent()
    if (failures.length > 0) throw failures.find((error) => !(error instanceof Unavailable)) ?? failures[0]
  }

  #recordSent(): void {
    if (this.#unrecorded.length === 0) return
    this.#record.end(this.#unrecorded, 'sent', Date.now())
    this.#unrecorded = []
  }

  #body(mapped: Mapped[]): GoogleAnalyticsRequest {
    return { ...mapped[0]!.user, ...this.#shared, events: mapped.map(({ made }) => made) }
  }

  #mapped(event: HubEvent, isAgain: boolean, mapping: GoogleAnalyticsMapping, nowMs: number): Mapped {
    const { user, made, leftOut } = googleAnalyticsEvent(event, mapping, nowMs)
    if (isAgain) made.params['sent_again'] = 1
    if (leftOut > 0)
      this.#sayLeftOut((sinceLast) => {
        const named = { destination: 'Google Analytics', event: routingKey(event), fields: leftOut }
        log.warn('fields_left_out', { ...named, cause: 'it takes 25 parameters', since_last: sinceLast })
      })
    return { event, user, made, leftOut, bytes: Buffer.byteLength(JSON.stringify(made)) + 1 }
  }

  #refusal(event: HubEvent, state: SentState): Refusal<HubEvent> {
    const also = state === 'sending' ? '; it was sent before without an answer, and may have arrived' : ''
    const cause = `older than the 72 hours that Google Analytics takes: ${new Date(event.occurredMs).toISOString()}${also}`
    this.#sayRefused((sinceLast) => {
      log.error('event_refused', { by: 'Google Analytics', cause, event_id: event.id, since_last: sinceLast })
    })
    return { entry: event, cause }
  }
}

function idsOf(mapped: Mapped[]): string[] {
  return mapped.map(({ event }) => event.id)
}

/** Events of one user together, in order, none with more than one request may hold. */
function requestsOf(mapped: Mapped[]): Mapped[][] {
  const requests: Mapped[][] = []
  const open = new Map<string, { request: Mapped[]; bytes: number }>()
  for (const one of mapped) {
    const user = JSON.stringify(one.user)
    let group = open.get(user)
    if (group === undefined || group.request.length === eventsMax || group.bytes + one.bytes > bytesMax) {
      group = { request: [], bytes: Buffer.byteLength(user) }
      open.set(user, group)
      requests.push(group.request)
    }
    group.request.push(one)
    group.bytes += one.bytes
  }
  return requests
}
