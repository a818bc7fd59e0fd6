// Amplitude's HTTP V2 and Batch APIs as documented (amplitude.com/docs/apis/analytics/http-v2, batch-event-upload), in
// its place: nobody here has tried the real service.
import { type Asked, JsonServer, type Said } from './json_server.ts'

export type Taken = {
  event_type: string
  user_id?: string
  device_id?: string
  time: number
  insert_id: string
  event_properties: Record<string, unknown>
}

const megabyte = 1_000_000
const limits: Record<string, { bytes: number; events: number }> = {
  '/2/httpapi': { bytes: megabyte, events: 2000 },
  '/batch': { bytes: 20 * megabyte, events: 2000 },
}
const invalidIds = [
  ...['anonymous', 'nil', 'none', 'null', 'n/a', 'na', 'undefined', 'unknown', '""', '{}', 'lmy47d', '0', '-1'],
  '00000000-0000-0000-0000-000000000000',
]
const dedupeMs = 7 * 86_400_000

export class AmplitudeService {
  readonly server: JsonServer
  /** Distinct events, in the order in which they came. */
  readonly taken: Taken[]
  /** Of users or devices. */
  readonly throttled: Set<string>
  readonly silenced: Set<string>
  /** How many events were left out as repeats. */
  readonly repeats: () => number
  /** Moves its clock. */
  readonly clock: { aheadMs: number }

  private constructor(
    server: JsonServer,
    rest: Pick<AmplitudeService, 'taken' | 'throttled' | 'silenced' | 'repeats' | 'clock'>,
  ) {
    this.server = server
    ;({ taken: this.taken, throttled: this.throttled, silenced: this.silenced } = rest)
    ;({ repeats: this.repeats, clock: this.clock } = rest)
  }

  static async start(apiKey: string): Promise<AmplitudeService> {
    const taken: Taken[] = []
    const throttled = new Set<string>()
    const silenced = new Set<string>()
    const clock = { aheadMs: 0 }
    const seen = new Map<string, number>()
    let repeats = 0
    const take = (event: Taken) => {
      const nowMs = Date.now() + clock.aheadMs
      const key = `${event.insert_id} ${event.device_id ?? ''}`
      const isRepeat = nowMs - (seen.get(key) ?? Number.NEGATIVE_INFINITY) < dedupeMs
      if (isRepeat) repeats++
      else {
        seen.set(key, nowMs)
        taken.push(event)
      }
    }
    const server = await JsonServer.start((asked) => {
      const judged = judge(asked, apiKey, throttled, silenced)
      if (Array.isArray(judged)) {
        for (const event of judged) take(event)
        return { status: 200, body: JSON.stringify({ code: 200, events_ingested: judged.length }) }
      }
      return judged
    })
    return new AmplitudeService(server, { taken, throttled, silenced, repeats: () => repeats, clock })
  }
}

function says(code: number, rest: object): Said {
  return { status: code, body: JSON.stringify({ code, ...rest }) }
}

function judge(asked: Asked, apiKey: string, throttled: Set<string>, silenced: Set<string>): Said | Taken[] {
  const limit = limits[asked.path]
  if (limit === undefined || asked.method !== 'POST') return says(400, { error: 'Invalid request path' })
  if (asked.query.size > 0) throw new Error('nothing belongs in the query')
  if (Buffer.byteLength(asked.body) >= limit.bytes) return says(413, { error: 'Payload too large' })
  let body: { api_key?: string; options?: { min_id_length?: number }; events?: Taken[] }
  try {
    body = JSON.parse(asked.body)
  } catch {
    return says(400, { error: 'Invalid JSON request body' })
  }
  if (body.api_key === undefined)
    return says(400, { error: 'Request missing required field', missing_field: 'api_key' })
  if (body.api_key !== apiKey) return says(400, { error: `Invalid API key: ${body.api_key}` })
  const { events } = body
  if (!Array.isArray(events) || events.length === 0)
    return says(400, { error: 'Request missing required field', missing_field: 'events' })
  if (events.length > limit.events) return says(413, { error: 'Payload too large' })

  const invalid: Record<string, number[]> = {}
  const missing: Record<string, number[]> = {}
  for (const [index, event] of events.entries()) {
    for (const [field, problem] of problemsOf(event, body.options?.min_id_length ?? 5)) {
      const lists = problem === 'missing' ? missing : invalid
      lists[field] = [...(lists[field] ?? []), index]
    }
  }
  if (Object.keys(invalid).length + Object.keys(missing).length > 0) {
    const lists = { events_with_invalid_fields: invalid, events_with_missing_fields: missing }
    return says(400, { error: 'Invalid field values on some events', ...lists })
  }
  const those = (ids: Set<string>) =>
    events.flatMap((event, index) => (ids.has(event.device_id ?? '') || ids.has(event.user_id ?? '') ? [index] : []))
  if (those(silenced).length > 0) {
    const lists = { silenced_devices: [...silenced], silenced_events: those(silenced) }
    return says(400, { error: 'Events silenced for device_id', eps_threshold: 30, ...lists })
  }
  if (those(throttled).length > 0) {
    const devices = Object.fromEntries([...throttled].map((id) => [id, 31]))
    const lists = { throttled_devices: devices, throttled_users: {}, throttled_events: those(throttled) }
    return says(429, { error: 'Too many requests for some devices and users', eps_threshold: 30, ...lists })
  }
  return events
}

/** The problems with one event, by field. */
export function problemsOf(event: Taken, minIdLength: number): [string, 'missing' | 'invalid'][] {
  const problems: [string, 'missing' | 'invalid'][] = []
  if (typeof event.event_type !== 'string' || event.event_type === '') problems.push(['event_type', 'missing'])
  const usable = (['user_id', 'device_id'] as const).filter((field) => {
    const id = event[field]
    if (id === undefined) return false
    if (typeof id !== 'string' || invalidIds.includes(id.toLowerCase()) || /^[0-]*$/.test(id))
      problems.push([field, 'invalid'])
    return String(id).length >= minIdLength
  })
  if (usable.length === 0) problems.push(['device_id', 'missing'])
  if (!Number.isSafeInteger(event.time) || event.time < 0) problems.push(['time', 'invalid'])
  if (longestOf(event) > 1024) problems.push(['event_properties', 'invalid'])
  if (depthOf(event.event_properties) > 40) problems.push(['event_properties', 'invalid'])
  return problems
}

function longestOf(value: unknown): number {
  if (typeof value === 'string') return value.isWellFormed() ? value.length : Number.POSITIVE_INFINITY
  if (typeof value !== 'object' || value === null) return 0
  return Math.max(0, ...Object.entries(value).flatMap(([name, it]) => [longestOf(name), longestOf(it)]))
}

function depthOf(value: unknown): number {
  if (typeof value !== 'object' || value === null) return 0
  return 1 + Math.max(0, ...Object.values(value).map(depthOf))
}
