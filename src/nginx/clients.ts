import { setTimeout as sleep } from 'node:timers/promises'
import { FollowedLog } from '../lines/followed_log.ts'
import type { LogFormat } from './log_format.ts'

/** Who was served in one minute. */
interface Minute {
  clients: Set<string>
  requests: number
  isExact: boolean
}

const minuteMs = 60_000
const newline = 0x0a
/** A line is written when its request has been answered, and a worker may be a little behind. */
const settledMs = 5000
const clientsMax = 500_000
/** A minute and the one before it; what is older is of no use to anybody. */
const minutesKept = 3
const drainPauseMs = 100

/** Counts the clients of an access log by the minute; their addresses stay in here, for three minutes at most. */
export class ClientCounter {
  readonly #log: FollowedLog
  readonly #format: LogFormat
  readonly #now: () => number
  readonly #minutes = new Map<number, Minute>()
  /** The minute in which reading began is not whole. */
  #firstWhole: number | null = null

  /** Reads `path` from its end on, and through its rotation where that keeps it in its folder or one of `rotated`. */
  constructor(path: string, rotated: string[], format: LogFormat, now: () => number = Date.now) {
    const timeMs = (line: string) => format.parse(line)?.timeMs ?? null
    const selector = { select: () => {}, timeMs }
    this.#log = new FollowedLog({ place: { path, rotated, byName: true }, selector, lookBackMs: 0 }, null, 'end')
    this.#format = format
    this.#now = now
  }

  /**
   * Reads what was logged since the last time, and tells of the last minute that is over and settled; `null` where that
   * one was not read whole.
   *
   * @throws Unavailable where the log cannot be read
   */
  async lastMinute(): Promise<{ clients: number; requests: number; isExact: boolean } | null> {
    this.#firstWhole ??= Math.ceil(this.#now() / minuteMs)
    const asked = Math.floor((this.#now() - settledMs) / minuteMs) - 1
    this.#forgetBefore(asked)
    await this.#read(asked)
    if (asked < this.#firstWhole) return null
    const minute = this.#minutes.get(asked)
    return { clients: minute?.clients.size ?? 0, requests: minute?.requests ?? 0, isExact: minute?.isExact ?? true }
  }

  close(): void {
    this.#log.close()
  }

  async #read(oldest: number): Promise<void> {
    for (;;) {
      const region = await this.#log.next()
      if (region !== null) {
        this.#take(region.bytes, oldest)
        // Other checks measure time meanwhile.
        await new Promise(setImmediate)
      } else if (this.#log.draining) await sleep(drainPauseMs)
      else return
    }
  }

  #take(bytes: Buffer, oldest: number): void {
    for (let from = 0; from < bytes.length; ) {
      const end = bytes.indexOf(newline, from)
      const line = bytes.toString('latin1', from, end < 0 ? bytes.length : end)
      from = end < 0 ? bytes.length : end + 1
      const logged = this.#format.clientOf(line)
      if (logged === null) continue
      const number = Math.floor(logged.timeMs / minuteMs)
      if (number >= oldest && number < oldest + minutesKept) this.#count(number, logged.client)
    }
  }

  #count(number: number, client: string): void {
    const minute = this.#minutes.get(number) ?? { clients: new Set(), requests: 0, isExact: true }
    this.#minutes.set(number, minute)
    minute.requests++
    if (minute.clients.size < clientsMax) minute.clients.add(client)
    else if (!minute.clients.has(client)) minute.isExact = false
  }

  #forgetBefore(number: number): void {
    for (const old of this.#minutes.keys()) if (old < number) this.#minutes.delete(old)
  }
}
