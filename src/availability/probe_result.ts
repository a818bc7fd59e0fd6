import type { HubEvent, Json, Payload } from '../events/event.ts'

/** The hub's own name as a source of events. */
export const hubSource = 'hub'
export const probeCategory = 'probe'
/** Types of the hub's own events about a probe. */
export const silentType = 'silent'
export const heardType = 'heard'

/** `probed`: by `workflow-reporting probe`; `pushed`: by any program, as a `service_status` event. */
export type How = 'probed' | 'pushed'

/** Which probe it is: what is looked at, and from where. */
export interface ProbeName {
  how: How
  name: string
  /** `''` where none was told. */
  region: string
}

/** What an event says about the availability of something. */
export interface ProbeResult extends ProbeName {
  /** `ping`, `http`, ...; `push` for one that was pushed. */
  kind: string
  /** `unknown`: the probe could not tell, as where its own network is down. */
  state: 'up' | 'down' | 'unknown'
  /** Whether the probe itself knew of a maintenance window. */
  inMaintenance: boolean
  atMs: number
  /** How often it tells something; `null` where nobody said, and then its silence means nothing. */
  intervalMs: number | null
  responseMs: number | null
  message: string
}

const nameMaxCharacters = 100
const messageMaxCharacters = 300
const intervalMaxMs = 7 * 86_400_000

/** `null` where the event is about nothing's availability. */
export function resultOf(event: HubEvent): ProbeResult | null {
  if (event.category === 'service_status') return pushed(event)
  return event.category === probeCategory && event.source !== hubSource ? probed(event) : null
}

function probed({ type, occurredMs, payload }: HubEvent): ProbeResult | null {
  const name = textOf(payload['probe'] ?? payload['name'], nameMaxCharacters)
  if (name === '') return null
  // `state` knows the probe's thresholds, `success` this result alone.
  const told = payload['state']
  const isUnknown = told === 'unknown' || payload['result'] === 'own_network_down' || payload['success'] === null
  const isUp = told === 'up' || (told !== 'down' && payload['success'] === true)
  return {
    how: 'probed',
    name,
    kind: type,
    state: isUnknown ? 'unknown' : isUp ? 'up' : 'down',
    atMs: occurredMs,
    ...commonOf(payload),
    responseMs:
      inMs(numberOf(payload['response_time'])) ??
      numberOf(payload['average_response_ms']) ??
      numberOf(payload['response_ms']),
  }
}

/** Clowder's own form, of which `up` is known, and what else a program may want to say. */
function pushed({ type, occurredMs, payload }: HubEvent): ProbeResult | null {
  const name = textOf(payload['service_name'], nameMaxCharacters)
  if (name === '') return null
  return {
    how: 'pushed',
    name,
    kind: 'push',
    state: type === 'up' ? 'up' : type === 'down' ? 'down' : 'unknown',
    atMs: occurredMs,
    ...commonOf(payload),
    responseMs: numberOf(payload['response_time_avg']) ?? numberOf(payload['response_ms']),
  }
}

function commonOf(payload: Payload) {
  // A probe that sends changes alone tells when it is heard of again.
  const seconds = numberOf(payload['next_within_seconds']) ?? numberOf(payload['interval_seconds'])
  return {
    region: textOf(payload['region'], nameMaxCharacters),
    inMaintenance: payload['maintenance'] === true || payload['state'] === 'maintenance',
    intervalMs: seconds === null || seconds <= 0 ? null : Math.min(seconds * 1000, intervalMaxMs),
    message: textOf(payload['message'], messageMaxCharacters),
  }
}

function textOf(value: Json | undefined, mostCharacters: number): string {
  return typeof value === 'string' ? value.replace(/\p{Cc}/gu, ' ').slice(0, mostCharacters) : ''
}

function numberOf(value: Json | undefined): number | null {
  return typeof value === 'number' && Number.isFinite(value) && value >= 0 ? value : null
}

const inMs = (seconds: number | null) => (seconds === null ? null : seconds * 1000)
