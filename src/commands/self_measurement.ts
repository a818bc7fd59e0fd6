import { hostname } from 'node:os'
import { Unavailable } from '../base/errors.ts'
import type { Progress, ProgressReport } from '../base/progress.ts'
import { type Point, tagValue } from '../pipeline/entry.ts'
import type { Sink } from '../pipeline/part.ts'

const everyMs = 60_000

/**
 * Writes what the program says of itself, once a minute and for the first time when there is something. It goes past the
 * pipeline: a minute that could not be written is left out, waits for nobody, and is no point that was counted.
 */
export class SelfMeasurement {
  readonly #sink: Sink<Point>
  readonly #points: () => Point[]
  readonly #timer: NodeJS.Timeout
  #writing = false
  #dueMs = 0

  /** @param points those of this minute; none: not yet */
  constructor(sink: Sink<Point>, points: () => Point[]) {
    this.#sink = sink
    this.#points = points
    this.#timer = setInterval(() => this.#look(), 1000).unref()
  }

  stop(): void {
    clearInterval(this.#timer)
  }

  #look(): void {
    const now = performance.now()
    if (this.#writing || now < this.#dueMs) return
    const points = this.#points()
    if (points.length === 0) return
    this.#dueMs = now + everyMs
    this.#writing = true
    this.#sink
      .write(points)
      .catch((error) => {
        if (!(error instanceof Unavailable)) throw error
      })
      .finally(() => {
        this.#writing = false
      })
  }
}

/** What the collector says of itself; nothing before reading has begun. */
export function collectorPoints(progress: Progress): Point[] {
  return progress.begun ? [pointOf(progress.report(), Date.now())] : []
}

function pointOf({ since, lag_seconds, counters }: ProgressReport, nowMs: number): Point {
  const totals = Object.entries(counters).map(([name, total]) => [name, BigInt(total)] as const)
  const uptimeSeconds = Math.max(0, Math.floor((nowMs - Date.parse(since)) / 1000))
  return {
    measurement: 'workflow_reporting',
    tags: { host: tagValue(hostname()) || 'unknown' },
    fields: {
      ...Object.fromEntries(totals),
      lag_seconds: BigInt(lag_seconds),
      uptime_seconds: BigInt(uptimeSeconds),
    },
    timeNs: BigInt(nowMs) * 1_000_000n,
  }
}
