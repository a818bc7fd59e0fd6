import { Refused } from '../base/errors.ts'
import { atMostEvery, log } from '../base/log.ts'
import { type Influxdb as Client, linesMax } from '../clients/influxdb.ts'
import type { Point } from '../pipeline/entry.ts'
import type { Refusal, Sink } from '../pipeline/part.ts'
import { maySwallowNext, toLineProtocol } from './line_protocol.ts'

/** Writes points to InfluxDB; those that it refuses are found by halving, and left out. */
export class Influxdb implements Sink<Point> {
  readonly #client: Client
  readonly #sayRefused = atMostEvery(1000)

  constructor(client: Client) {
    this.#client = client
  }

  async write(points: Point[]): Promise<Refusal<Point>[]> {
    const written = points.map((point) => ({ point, line: toLineProtocol(point) }))
    const together = written.filter(({ line }) => !maySwallowNext(line))
    const refusals: Refusal<Point>[] = []
    for (let at = 0; at < together.length; at += linesMax)
      refusals.push(...(await this.#send(together.slice(at, at + linesMax))))
    for (const one of written) if (maySwallowNext(one.line)) refusals.push(...(await this.#send([one])))
    return refusals
  }

  close(): Promise<void> {
    return this.#client.close()
  }

  async #send(written: Written[]): Promise<Refusal<Point>[]> {
    try {
      await this.#client.write(written.map(({ line }) => line))
      return []
    } catch (error) {
      if (!(error instanceof Refused)) throw error
      const { cause } = error.trouble
      if (written.length === 1) {
        const { point, line } = written[0]!
        this.#sayRefused((sinceLast) => log.error('point_refused', { cause, point: line, since_last: sinceLast }))
        return [{ entry: point, cause }]
      }
      const half = Math.ceil(written.length / 2)
      return [...(await this.#send(written.slice(0, half))), ...(await this.#send(written.slice(half)))]
    }
  }
}

interface Written {
  point: Point
  line: string
}
