import type { DatabaseSync, StatementSync } from 'node:sqlite'
import { messageOf, Unavailable } from '../base/errors.ts'
import { atMostEvery, log } from '../base/log.ts'
import { isOutOfReach } from '../base/state.ts'
import type { NewEvent } from '../events/event.ts'
import { derivedEventId } from '../events/event_id.ts'
import { heardType, hubSource, type ProbeName, probeCategory, silentType } from './probe_result.ts'

/** So many results may be missing before a probe is silent, and then this long for their way. */
const intervalsMissing = 3
const graceMs = 15_000
const lookEveryMs = 5000
/** A look that comes so late says that this process, or its machine, did not run; or that the clock was set. */
const absentMs = 15_000

export interface Listening {
  accept(events: NewEvent[]): Promise<unknown>
  /** When something that was sent could last not be kept, ms since 1970; 0: never. */
  failedMs(): number
  isMaintained(probe: ProbeName, atMs: number): boolean
}

/**
 * Makes an event of it when a probe is not heard any more, and another when it is heard again. Only time in which the hub
 * itself could listen counts: after a start, a sleep or a full disk each probe has its whole time again.
 */
export class SilenceWatch {
  readonly #listening: Listening
  readonly #overdue: StatementSync
  readonly #heardAgain: StatementSync
  readonly #sayUnavailable = atMostEvery(60_000)
  /** Since when nothing kept the hub from hearing. */
  #listeningSinceMs: number
  #lookedMs: number
  /** Nobody minds silence in maintenance, and its time begins anew afterwards. */
  readonly #maintainedMs = new Map<string, number>()
  #timer: NodeJS.Timeout | undefined
  #looking: Promise<void> = Promise.resolve()

  constructor(database: DatabaseSync, listening: Listening, nowMs: number) {
    this.#listening = listening
    this.#listeningSinceMs = this.#lookedMs = nowMs
    this.#overdue = database.prepare(
      `select how, name, region, heard_ms, interval_ms from probe_state
       where state <> 'silent' and interval_ms is not null and heard_ms < ? - ${intervalsMissing} * interval_ms`,
    )
    this.#heardAgain = database.prepare('select * from probe_silence where until_ms is not null and told = 0')
  }

  start(): void {
    this.#timer = setInterval(() => {
      this.#looking = this.#looking.then(() => this.look(Date.now()))
    }, lookEveryMs).unref()
  }

  async stop(): Promise<void> {
    clearInterval(this.#timer)
    await this.#looking
  }

  /** Makes the events that are due at an instant; what could not be kept is made another time. */
  async look(nowMs: number): Promise<void> {
    if (Math.abs(nowMs - this.#lookedMs) > absentMs + lookEveryMs) this.#listeningSinceMs = nowMs
    this.#lookedMs = nowMs
    this.#listeningSinceMs = Math.max(this.#listeningSinceMs, this.#listening.failedMs())
    try {
      const events = [...this.#silent(nowMs), ...this.#heard()]
      if (events.length === 0) return
      await this.#listening.accept(events)
      for (const { type, payload } of events) {
        const details = { probe: String(payload['probe']), region: String(payload['region']) }
        if (type === silentType) log.warn('probe_silent', details)
        else log.info('probe_heard_again', details)
      }
    } catch (error) {
      if (!(error instanceof Unavailable) && !isOutOfReach(error)) throw error
      this.#sayUnavailable(() => log.warn('silence_not_looked_for', { cause: messageOf(error) }))
    }
  }

  #silent(nowMs: number): NewEvent[] {
    return this.#overdue.all(nowMs).flatMap((row) => {
      const probe = probeOf(row)
      const [heardMs, intervalMs] = [Number(row['heard_ms']), Number(row['interval_ms'])]
      const key = JSON.stringify(probe)
      if (this.#listening.isMaintained(probe, nowMs)) {
        this.#maintainedMs.set(key, nowMs)
        return []
      }
      const listenedFromMs = Math.max(heardMs, this.#listeningSinceMs, this.#maintainedMs.get(key) ?? 0)
      if (nowMs - listenedFromMs <= intervalsMissing * intervalMs + graceMs) return []
      this.#maintainedMs.delete(key)
      // The hub's own absence is nobody's silence.
      const fromMs = listenedFromMs + intervalMs
      const last = `${new Date(heardMs).toISOString().slice(0, 19).replace('T', ' ')} UTC`
      const message = `nothing was heard of it since ${last}, and it tells something every ${intervalMs / 1000} s`
      const id = derivedEventId(heardMs, silentType, probe.how, probe.name, probe.region, String(heardMs))
      return [ownEvent(id, silentType, nowMs, { ...told(probe, fromMs, intervalMs), success: false, message })]
    })
  }

  #heard(): NewEvent[] {
    return this.#heardAgain.all().map((row) => {
      const probe = probeOf(row)
      const [fromMs, untilMs] = [Number(row['from_ms']), Number(row['until_ms'])]
      const silentSeconds = Math.round((untilMs - fromMs) / 1000)
      const message = `it is heard again, after ${silentSeconds} s without a result`
      const id = derivedEventId(untilMs, heardType, probe.how, probe.name, probe.region, String(fromMs))
      const payload = { ...told(probe, fromMs, Number(row['interval_ms'])), success: true, message }
      return ownEvent(id, heardType, untilMs, { ...payload, silent_seconds: silentSeconds })
    })
  }
}

function probeOf(row: Record<string, unknown>): ProbeName {
  const { how, name, region } = row
  return { how: how as ProbeName['how'], name: String(name), region: String(region) }
}

function told({ how, name, region }: ProbeName, fromMs: number, intervalMs: number) {
  return { probe: name, region, how, from_ms: fromMs, interval_seconds: intervalMs / 1000 }
}

function ownEvent(id: string, type: string, occurredMs: number, payload: NewEvent['payload']): NewEvent {
  const names = { source: hubSource, category: probeCategory, type, schemaVersion: '1', known: true }
  return { id, occurredMs, ...names, payload, extensions: {} }
}
