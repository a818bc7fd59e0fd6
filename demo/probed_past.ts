import type { Told } from './happenings.ts'
import { type Region, regions } from './platform.ts'
import type { Random } from './random.ts'
import { checks, targetOf } from './regions.ts'

const [minuteMs, hourMs, dayMs] = [60_000, 3_600_000, 86_400_000]
const daysBefore = 31
/** Within so long after it is due; a window of maintenance is longer. */
const jitterMs = 120_000

interface Outage {
  of: (check: string, region: Region) => boolean
  daysAgo: number
  hours: number
  /** `own_network_down`: the probe could not look. */
  result: 'response_status_code_mismatch' | 'connection_failed' | 'own_network_down'
  message: string
}

const outages: Outage[] = [
  {
    of: (check) => check === 'api' || check === 'home-page',
    daysAgo: 19.6,
    hours: 4,
    result: 'response_status_code_mismatch',
    message: 'HTTP 502, expected 200 to 299',
  },
  {
    of: (check) => check === 'uploads',
    daysAgo: 11.2,
    hours: 2,
    result: 'connection_failed',
    message: 'connect ECONNREFUSED',
  },
  {
    of: (check, region) => region === 'europe' && check !== 'nginx',
    daysAgo: 5.4,
    hours: 3,
    result: 'own_network_down',
    message: "this probe's own network is down",
  },
  {
    of: (check, region) => region === 'us-west' && check === 'home-page',
    daysAgo: 2.1,
    hours: 1,
    result: 'connection_failed',
    message: 'connect ETIMEDOUT',
  },
]

/** What probes saw in the month before, oldest first, as they would have sent it to the hub. */
export function* probedPast(nowMs: number, random: Random, port: number): Generator<Told> {
  for (let agoMs = daysBefore * dayMs; agoMs > 0; agoMs -= intervalMs(agoMs)) {
    for (const [name, { from }] of Object.entries(checks))
      for (const region of from) yield result(name, region, nowMs, agoMs, random, port)
    if (agoMs % dayMs === 5 * hourMs) yield backup(nowMs - agoMs, random)
  }
}

/** Once an hour, and more often in the last day, so that a failure while one looks on does not weigh too much. */
function intervalMs(agoMs: number): number {
  return agoMs > dayMs ? hourMs : 10 * minuteMs
}

function result(name: string, region: Region, nowMs: number, agoMs: number, random: Random, port: number): Told {
  const check = checks[name]!
  const { kind } = check
  const outage = outages.find(({ of, daysAgo, hours }) => {
    const intoMs = daysAgo * dayMs - agoMs
    return of(name, region) && intoMs >= 0 && intoMs < hours * hourMs
  })
  const { result, message } = outage ?? { result: 'success', message: messages[kind] }
  const success = outage === undefined
  const state = success ? 'up' : result === 'own_network_down' ? 'unknown' : 'down'
  const awayMs = kind === 'tcp' ? 0.4 : regions[region] + random.gap(25)
  const response_time = (awayMs * (1 + random.next() / 4)) / 1000
  const about = { probe: name, region, target: targetOf(check, port), kind, interval_seconds: intervalMs(agoMs) / 1000 }
  return {
    occurred_at: Math.floor(nowMs - agoMs + random.next() * jitterMs),
    category: 'probe',
    type: kind,
    payload: { ...about, success, state, result, message, ...(success && { response_time }) },
  }
}

const messages = { http: 'HTTP 200', tcp: 'connected', nginx: '241 active connections' } as const

/** A program that says itself how it is. */
function backup(occurredMs: number, random: Random): Told {
  const message = `${random.between(205, 214)} GB`
  const payload = { service_name: 'nightly-backup', interval_seconds: 86_400, message }
  return { occurred_at: Math.floor(occurredMs), category: 'service_status', type: 'up', payload }
}
