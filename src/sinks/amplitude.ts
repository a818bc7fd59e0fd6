import { LRUCache } from 'lru-cache'
import { atMostEvery, log } from '../base/log.ts'
import type { AmplitudeEvent, Amplitude as Client } from '../clients/amplitude.ts'
import type { Destination } from '../events/delivery.ts'
import type { HubEvent } from '../events/event.ts'
import type { Refusal } from '../pipeline/part.ts'
import { type AmplitudeMapping, amplitudeEvent } from './amplitude_event.ts'

const throttledRemembered = 10_000

interface Mapped {
  event: HubEvent
  made: AmplitudeEvent
  bytes: number
}

/** Writes events to Amplitude. It forgets an event that it had within 7 days, known by `insert_id` and device. */
export class Amplitude implements Destination {
  readonly #client: Client
  readonly #mapping: AmplitudeMapping
  readonly #sayRefused = atMostEvery(1000)
  /** Users and devices to whom nothing is sent before an instant, ms since 1970. */
  readonly #throttled = new LRUCache<string, { cause: string; untilMs: number }>({ max: throttledRemembered })

  constructor(client: Client, mapping: AmplitudeMapping) {
    this.#client = client
    this.#mapping = mapping
  }

  async write(events: HubEvent[]): Promise<Refusal<HubEvent>[]> {
    const mapped = events.map((event) => {
      const made = amplitudeEvent(event, this.#mapping)
      return { event, made, bytes: Buffer.byteLength(JSON.stringify(made)) + 1 }
    })
    const refusals: Refusal<HubEvent>[] = []
    for (const part of this.#parts(mapped)) refusals.push(...(await this.#send(part)))
    return refusals
  }

  probe(): Promise<void> {
    return this.#client.probe()
  }

  async close(): Promise<void> {
    this.#client.close()
  }

  /** In order, none with more than one request may hold. */
  #parts(mapped: Mapped[]): Mapped[][] {
    const { events: most, bytes: mostBytes } = this.#client.bounds
    const parts: Mapped[][] = [[]]
    let bytes = 0
    for (const one of mapped) {
      bytes += one.bytes
      if (parts.at(-1)!.length === most || (bytes > mostBytes && parts.at(-1)!.length > 0)) {
        parts.push([])
        bytes = one.bytes
      }
      parts.at(-1)!.push(one)
    }
    return parts
  }

  /** Each round leaves at least one event out, or halves what is left. */
  async #send(mapped: Mapped[]): Promise<Refusal<HubEvent>[]> {
    const refusals: Refusal<HubEvent>[] = []
    let left = mapped.filter((one) => {
      const throttled = this.#throttleOf(one.made)
      if (throttled !== null) refusals.push(waiting(one.event, throttled))
      return throttled === null
    })
    while (left.length > 0) {
      const answer = await this.#client.send(left.map(({ made }) => made))
      if (answer.kind === 'taken') break
      if (answer.kind === 'whole') {
        if (left.length === 1) return [...refusals, this.#refusal(left[0]!.event, answer.cause)]
        const half = Math.ceil(left.length / 2)
        return [...refusals, ...(await this.#send(left.slice(0, half))), ...(await this.#send(left.slice(half)))]
      }
      const { bad, throttled } = answer
      for (const [index, { cause, waitMs }] of throttled) this.#throttle(left[index]!.made, cause, waitMs)
      left = left.filter((one, index) => {
        const cause = bad.get(index)
        const held = cause === undefined ? this.#throttleOf(one.made) : null
        if (cause !== undefined) refusals.push(this.#refusal(one.event, cause))
        else if (held !== null) refusals.push(waiting(one.event, held))
        return cause === undefined && held === null
      })
    }
    return refusals
  }

  #throttle(made: AmplitudeEvent, cause: string, waitMs: number): void {
    this.#throttled.set(whoOf(made), { cause, untilMs: Date.now() + waitMs })
  }

  #throttleOf(made: AmplitudeEvent): { cause: string; untilMs: number } | null {
    const throttled = this.#throttled.get(whoOf(made))
    return throttled === undefined || throttled.untilMs <= Date.now() ? null : throttled
  }

  #refusal(event: HubEvent, cause: string): Refusal<HubEvent> {
    this.#sayRefused((sinceLast) => {
      log.error('event_refused', { by: 'Amplitude', cause, event_id: event.id, since_last: sinceLast })
    })
    return { entry: event, cause }
  }
}

function whoOf({ user_id: userId, device_id: deviceId }: AmplitudeEvent): string {
  return userId === undefined ? `device ${deviceId}` : `user ${userId}`
}

/** Others pass meanwhile, and no wait for that counts as an attempt. */
function waiting(entry: HubEvent, { cause, untilMs }: { cause: string; untilMs: number }): Refusal<HubEvent> {
  return { entry, cause, mayPassLater: true, isInDoubt: true, afterMs: Math.max(1, untilMs - Date.now()) }
}
