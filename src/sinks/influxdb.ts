import { Refused } from '../base/errors.ts'
import { atMostEvery, log } from '../base/log.ts'
import { type Influxdb as Client, linesMax } from '../clients/influxdb.ts'
import type { Point } from '../pipeline/entry.ts'
import type { Sink } from '../pipeline/part.ts'
import { maySwallowNext, toLineProtocol } from './line_protocol.ts'

/** Writes points to InfluxDB; those that it refuses are found by halving, and left out. */
export class Influxdb implements Sink<Point> {
  readonly #client: Client
  readonly #sayRefused = atMostEvery(1000)

  constructor(client: Client) {
    this.#client = client
  }

  async write(points: Point[]): Promise<number> {
    const lines = points.map(toLineProtocol)
    const together = lines.filter((line) => !maySwallowNext(line))
    let refused = 0
    for (let at = 0; at < together.length; at += linesMax)
      refused += await this.#send(together.slice(at, at + linesMax))
    for (const line of lines) if (maySwallowNext(line)) refused += await this.#send([line])
    return refused
  }

  close(): Promise<void> {
    return this.#client.close()
  }

  /** @returns how many of the lines were refused for good */
  async #send(lines: string[]): Promise<number> {
    try {
      await this.#client.write(lines)
      return 0
    } catch (error) {
      if (!(error instanceof Refused)) throw error
      if (lines.length === 1) {
        this.#sayRefused((sinceLast) => {
          log.error('point_refused', { cause: error.trouble.cause, point: lines[0]!, since_last: sinceLast })
        })
        return 1
      }
      const half = Math.ceil(lines.length / 2)
      return (await this.#send(lines.slice(0, half))) + (await this.#send(lines.slice(half)))
    }
  }
}
