// Google Analytics' Measurement Protocol as documented (developers.google.com/analytics/devguides/collection/protocol/
// ga4/reference, sending-events, validating-events; support.google.com/analytics/answer/13316687), in its place: nobody
// here has tried the real service.
import { type Asked, JsonServer } from './json_server.ts'

export type Message = { fieldPath: string; description: string; validationCode: string }
type Event = { name: string; timestamp_micros?: number; params?: Record<string, unknown> }
export type Body = {
  client_id: string
  user_id?: string
  user_properties?: Record<string, { value: unknown }>
  consent?: Record<string, string>
  validation_behavior?: string
  events: Event[]
}

const hourMs = 3_600_000
const webEvents = `app_remove app_store_refund app_store_subscription_cancel app_store_subscription_renew click error
  file_download first_open first_visit form_start form_submit in_app_purchase page_view scroll session_start
  user_engagement view_complete video_progress video_start view_search_results`
const mobileEvents = `ad_activeview ad_click ad_exposure ad_impression ad_query ad_reward adunit_exposure app_clear_data
  app_exception app_update app_upgrade notification_dismiss notification_foreground notification_open
  notification_receive os_update screen_view`
const reservedEvents = new Set(`${webEvents} ${mobileEvents}`.split(/\s+/))
const reservedParameters = new Set(['gclid', 'session_number', 'firebase_conversion'])
const reservedProperties = new Set(
  'first_open_time first_visit_time last_deep_link_referrer user_id first_open_after_install'.split(' '),
)
const reservedBeginnings = ['_', 'firebase_', 'ga_', 'google_', 'gtag.']

/** What the validation server says of a request. */
export function messagesAbout(text: string, nowMs: number): Message[] {
  const messages: Message[] = []
  const object = (fieldPath: string, validationCode: string, description = validationCode) =>
    messages.push({ fieldPath, description, validationCode })
  const name = (path: string, text: string, most: number, reserved: Set<string>) => {
    if (!/^[A-Za-z][A-Za-z0-9_]*$/.test(text) || text.length > most) object(path, 'NAME_INVALID', `${path}: [${text}]`)
    if (reserved.has(text) || reservedBeginnings.some((beginning) => text.startsWith(beginning)))
      object(path, 'NAME_RESERVED', `${path}: [${text}] is reserved`)
  }
  const value = (path: string, it: unknown, most: number) => {
    if (typeof it === 'number') return Number.isFinite(it) || object(path, 'VALUE_INVALID')
    if (typeof it !== 'string' || it === '' || !it.isWellFormed()) return object(path, 'VALUE_INVALID')
    return it.length <= most || object(path, 'VALUE_OUT_OF_BOUNDS')
  }
  if (Buffer.byteLength(text) >= 130_000) object('body', 'EXCEEDED_MAX_ENTITIES')
  const body = JSON.parse(text) as Body
  if (typeof body.client_id !== 'string' || !/^\d+\.\d+$/.test(body.client_id)) object('client_id', 'VALUE_REQUIRED')
  if (body.user_id !== undefined && (typeof body.user_id !== 'string' || body.user_id.length > 256))
    object('user_id', 'VALUE_INVALID')
  for (const [key, consent] of Object.entries(body.consent ?? {}))
    if (!/^ad_(user_data|personalization)$/.test(key) || !/^(GRANTED|DENIED)$/.test(consent))
      object(`consent.${key}`, 'VALUE_INVALID')
  if (!['RELAXED', 'ENFORCE_RECOMMENDATIONS', undefined].includes(body.validation_behavior))
    object('validation_behavior', 'VALUE_INVALID')
  const properties = Object.entries(body.user_properties ?? {})
  if (properties.length > 25) object('user_properties', 'EXCEEDED_MAX_ENTITIES')
  for (const [key, it] of properties) {
    name('user_properties', key, 24, reservedProperties)
    value(`user_properties.${key}`, it.value, 36)
  }
  if (!Array.isArray(body.events) || body.events.length === 0) object('events', 'VALUE_REQUIRED')
  if (body.events.length > 25) object('events', 'EXCEEDED_MAX_ENTITIES')
  for (const event of body.events) {
    name('events.name', event.name, 40, reservedEvents)
    const parameters = Object.entries(event.params ?? {})
    if (parameters.length > 25) object('events.params', 'EXCEEDED_MAX_ENTITIES')
    for (const [key, it] of parameters) {
      name('events.params', key, 40, reservedParameters)
      value(`events.params.${key}`, it, 100)
    }
    if (!/^\d+$/.test(String(event.params?.['session_id']))) object('events.params.session_id', 'VALUE_INVALID')
    if (!(Number(event.params?.['engagement_time_msec']) > 0))
      object('events.params.engagement_time_msec', 'VALUE_INVALID')
    const micros = event.timestamp_micros ?? nowMs * 1000
    if (!Number.isSafeInteger(micros) || micros < (nowMs - 72 * hourMs) * 1000 || micros > (nowMs + 1000) * 1000)
      object('events.timestamp_micros', 'VALUE_OUT_OF_BOUNDS')
  }
  return messages
}

export class GoogleAnalyticsService {
  readonly server: JsonServer
  /** The bodies that came to /mp/collect. */
  readonly collected: Body[]
  /** And what the validation server would have said of them. */
  readonly objections: Message[]

  private constructor(server: JsonServer, collected: Body[], objections: Message[]) {
    this.server = server
    this.collected = collected
    this.objections = objections
  }

  /** It asks nobody for the right secret, as the real one. */
  static async start(): Promise<GoogleAnalyticsService> {
    const collected: Body[] = []
    const objections: Message[] = []
    const server = await JsonServer.start((asked: Asked) => {
      const isHere = asked.query.has('measurement_id') && asked.query.has('api_secret') && asked.method === 'POST'
      if (!isHere) return { status: 204 }
      if (asked.path === '/debug/mp/collect')
        return { status: 200, body: JSON.stringify({ validationMessages: messagesAbout(asked.body, Date.now()) }) }
      if (asked.path !== '/mp/collect') return { status: 404 }
      objections.push(...messagesAbout(asked.body, Date.now()))
      collected.push(JSON.parse(asked.body) as Body)
      return { status: 204 }
    })
    return new GoogleAnalyticsService(server, collected, objections)
  }

  get events(): Event[] {
    return this.collected.flatMap(({ events }) => events)
  }
}
