import { Failed, Stopped } from '../base/errors.ts'
import { type Patience, untilAvailable } from '../base/retry.ts'
import type { Influxdb } from '../clients/influxdb.ts'
import type { RecordedPoint, RecordedPoints } from './recorded.ts'

/** Of one answer, some 800 kB of JSON. */
const pagePointsMax = 10_000
const firstSpanSeconds = 3600
/** A statement opens every shard of its span, and a shard has a week by default. */
const longestSpanSeconds = 14 * 86_400

/** The points in InfluxDB, read in pages: spans of time that grow and shrink until a page holds what is in them. */
export class InfluxdbPoints implements RecordedPoints {
  readonly #client: Influxdb
  readonly #patience: Patience
  #spanSeconds = firstSpanSeconds

  constructor(client: Influxdb, patience: Patience) {
    this.#client = client
    this.#patience = patience
  }

  async *invocationsBetween(sinceSecond: number, untilSecond: number): AsyncGenerator<RecordedPoint> {
    let fromSecond = sinceSecond
    let from = instant(sinceSecond)
    while (fromSecond < untilSecond) {
      if (this.#patience.signal.aborted) throw new Stopped()
      const toSecond = Math.min(untilSecond, fromSecond + this.#spanSeconds)
      const { rows, isCut } = await untilAvailable(() => this.#client.select(select(from, toSecond)), this.#patience)
      if (!isCut && rows.length < pagePointsMax) {
        yield* rows.map(recorded)
        fromSecond = toSecond
        from = instant(toSecond)
        this.#spanSeconds = Math.min(longestSpanSeconds, this.#spanSeconds * 2)
        continue
      }
      // Points of the last instant may have been cut off, so the next page begins with that instant.
      const last = String(rows.at(-1)?.[0])
      const whole = rows.slice(
        0,
        rows.findIndex(([time]) => time === last),
      )
      if (whole.length === 0) {
        throw new Failed(`InfluxDB (${this.#client.where}): more points at ${last} than one answer holds`)
      }
      yield* whole.map(recorded)
      from = last
      fromSecond = secondOf(last)
      this.#spanSeconds = Math.max(1, Math.floor(this.#spanSeconds / 2))
    }
  }
}

/** `count` is in every point; without it, points without an invocation's number would be left out. */
function select(from: string, toSecond: number): string {
  return `SELECT "count", "invocation_id", "domain" FROM "workflow_invocation" WHERE time >= '${from}' AND time < '${instant(toSecond)}' ORDER BY time LIMIT ${pagePointsMax}`
}

function recorded([time, , invocationId, domain]: unknown[]): RecordedPoint {
  return {
    invocationId: typeof invocationId === 'number' ? invocationId : null,
    second: secondOf(String(time)),
    domain: String(domain ?? ''),
  }
}

function instant(second: number): string {
  return new Date(second * 1000).toISOString()
}

/** InfluxDB's texts have up to nine digits below the second, or none. */
function secondOf(time: string): number {
  return Date.parse(`${time.slice(0, 19)}Z`) / 1000
}
