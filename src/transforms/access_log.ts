import { hash } from 'node:crypto'
import { LRUCache } from 'lru-cache'
import type { Counters } from '../base/counters.ts'
import type { InvocationRequest } from '../galaxy/request.ts'
import { invocationPath } from '../nginx/invocation.ts'
import type { LogFormat } from '../nginx/log_format.ts'
import type { LogLine } from '../pipeline/entry.ts'
import type { Transform } from '../pipeline/part.ts'

export interface AccessLogSettings {
  format: LogFormat
  urlPrefix: string
  /** Lines before it are context where they lie within the window, lines at or after `untilMs` are left out. */
  sinceMs: number
  untilMs: number
  lookBackMs: number
}

/** Identical lines tell the same second, and workers write within moments of each other: older ones don't come again. */
const forgetIdenticalMs = 60_000
/** Nor after so many others: no server writes as many requests within the second that identical lines tell. */
const recentMax = 250_000
const streamsMax = 64
/** Context is what was logged before the reading begins; the workers' clocks may differ by this. */
const contextSlackMs = 2000

/** How often each line stood in one stream, over the last minute or two of its own time. */
class Identical {
  #recent = new Map<string, number>()
  #older = new Map<string, number>()
  #sinceMs = Number.NEGATIVE_INFINITY

  ordinal(digest: string, timeMs: number): number {
    const ageMs = timeMs - this.#sinceMs
    if (ageMs > forgetIdenticalMs || ageMs < -2 * forgetIdenticalMs || this.#recent.size >= recentMax) {
      this.#older = this.#recent
      this.#recent = new Map()
      this.#sinceMs = timeMs
    }
    const seen = this.#recent.get(digest) ?? this.#older.get(digest) ?? 0
    this.#recent.set(digest, seen + 1)
    return seen
  }
}

/** Reads the lines that a source picked, and keeps those that ask for an invocation. */
export class AccessLog implements Transform<LogLine, InvocationRequest> {
  readonly #settings: AccessLogSettings
  readonly #counters: Counters
  readonly #streams = new LRUCache<string, Identical>({ max: streamsMax })

  constructor(settings: AccessLogSettings, counters: Counters) {
    this.#settings = settings
    this.#counters = counters
  }

  apply(lines: LogLine[]): InvocationRequest[] {
    return lines.flatMap((line) => this.#read(line) ?? [])
  }

  #read({ text, stream, contextMs }: LogLine): InvocationRequest | null {
    const { format, urlPrefix, sinceMs, untilMs, lookBackMs } = this.#settings
    const logged = format.parse(text)
    if (logged === null) {
      if (contextMs === undefined) this.#counters.malformed++
      return null
    }
    const path = invocationPath(logged, urlPrefix)
    if (path === null || logged.timeMs >= untilMs) return null
    const beginsMs = Math.max(
      contextMs ?? Number.NEGATIVE_INFINITY,
      logged.timeMs < sinceMs ? sinceMs : Number.NEGATIVE_INFINITY,
    )
    const isContext = beginsMs !== Number.NEGATIVE_INFINITY
    if (isContext && (logged.timeMs < beginsMs - lookBackMs || logged.timeMs > beginsMs + contextSlackMs)) return null
    if (!isContext) this.#counters.requests++
    const { timeMs, durationMs, status, host, referer } = logged
    const line = this.#identify(text, stream, timeMs)
    return { line, timeMs, durationMs, status, ...path, host, referer, contextMs: isContext ? beginsMs : null }
  }

  #identify(text: string, stream: string, timeMs: number): string {
    const digest = hash('sha256', Buffer.from(text, 'latin1'), 'hex').slice(0, 32)
    const identical = this.#streams.get(stream) ?? new Identical()
    this.#streams.set(stream, identical)
    const ordinal = identical.ordinal(digest, timeMs)
    return ordinal === 0 ? digest : hash('sha256', `${digest} ${ordinal}`, 'hex').slice(0, 32)
  }
}
