import type { Counters } from './counters.ts'
import { instantText } from './instant.ts'

/** What the running collector does; the names are an interface (contract, section 1, `status --json`). */
export interface ProgressReport {
  running: true
  pid: number
  since: string
  last_line: string | null
  last_point: string | null
  lag_seconds: number
  waiting_for: string | null
  counters: Counters
}

/** What the collector says of itself, or why there is nothing to be heard. */
export type CollectorState = ProgressReport | { running: false; why: string }

/**
 * How the work goes, told by the pipeline as it happens. `last_line` is when a line was last read, `last_point` when a
 * point was last accepted; `lag_seconds` is the age of the oldest logged line whose point may still be missing.
 */
export class Progress {
  readonly counters: Counters
  readonly #sinceMs: number
  readonly #now: () => number
  #signs = 0
  #linesSeen = 0
  #lastLineMs: number | null = null
  #lastPointMs: number | null = null
  /** The instant that the oldest line in hand tells; `null` where nothing is known to be behind. */
  #behindMs: number | null = null
  /** The instant from which reading goes on once the lines in hand are written. */
  #newestMs: number | null = null
  #waiting: { what: string; sinceMs: number } | null = null
  #begun = false

  constructor(counters: Counters, now: () => number = Date.now) {
    this.counters = counters
    this.#now = now
    this.#sinceMs = now()
  }

  /** Grows with every sign that the work goes on; a watchdog is fed for as long as it does. */
  get signs(): number {
    return this.#signs
  }

  /** Whether reading has begun, be it with waiting for a log. */
  get begun(): boolean {
    return this.#begun
  }

  /** A look at the logs: something new was `found`, or everything logged so far has been read. */
  looked(found: boolean): void {
    this.#signs++
    this.#begun = true
    if (!found) this.#behindMs = null
  }

  /** A batch was read; the instants are those of its first and last line, `null` where it has none that tell. */
  pulled(oldestMs: number | null, newestMs: number | null): void {
    this.#signs++
    this.#begun = true
    if (this.counters.lines > this.#linesSeen) this.#lastLineMs = this.#now()
    this.#linesSeen = this.counters.lines
    this.#behindMs = oldestMs ?? this.#behindMs
    this.#newestMs = newestMs
  }

  /** Points were accepted, or refused for good. */
  wrote(): void {
    this.#signs++
    this.#lastPointMs = this.#now()
  }

  /** Everything of the batch is done. */
  finished(): void {
    this.#signs++
    this.#behindMs = this.#newestMs ?? this.#behindMs
  }

  /** Something out of reach is asked again and again; `null`: no longer. */
  waits(what: string | null): void {
    this.#signs++
    this.#begun = true
    if (what === null) this.#waiting = null
    else this.#waiting = { what, sinceMs: this.#waiting?.sinceMs ?? this.#now() }
  }

  sentence(): string {
    return sentenceOf(this.report())
  }

  report(): ProgressReport {
    const oldestMs = this.#behindMs ?? this.#waiting?.sinceMs ?? null
    return {
      running: true,
      pid: process.pid,
      since: instantText(this.#sinceMs / 1000),
      last_line: this.#lastLineMs === null ? null : instantText(this.#lastLineMs / 1000),
      last_point: this.#lastPointMs === null ? null : instantText(this.#lastPointMs / 1000),
      lag_seconds: oldestMs === null ? 0 : Math.max(0, Math.floor((this.#now() - oldestMs) / 1000)),
      waiting_for: this.#waiting?.what ?? null,
      counters: { ...this.counters },
    }
  }
}

/** One line for a person: is it well, and if not, what does it wait for? */
export function sentenceOf({
  since,
  last_line,
  last_point,
  lag_seconds,
  waiting_for,
  counters,
}: ProgressReport): string {
  const state = waiting_for === null ? 'Counting' : `Waiting for ${waiting_for}`
  const line = last_line === null ? `no line since ${short(since)}` : `last line ${short(last_line)}`
  const point = last_point === null ? 'no point yet' : `last point ${short(last_point)}`
  return `${state}: ${line}, ${point}, lag ${lag_seconds} s, ${counters.written} points written, ${counters.refused} refused`
}

/** `11-22 04:12:07Z`: a status line is short, and the year is known. */
function short(time: string): string {
  return time.slice(5).replace('T', ' ')
}
