import { hostname } from 'node:os'
import { eventOfPoint } from '../events/point_event.ts'
import type { Point } from '../pipeline/entry.ts'
import type { Sink } from '../pipeline/part.ts'
import type { Exchange } from './exchange.ts'

/** Sends points as events; accepted when RabbitMQ has confirmed them for at least one destination. */
export class PointExchange implements Sink<Point> {
  readonly #exchange: Exchange

  constructor(exchange: Exchange) {
    this.#exchange = exchange
  }

  async write(points: Point[]): Promise<[]> {
    const nowMs = Date.now()
    return this.#exchange.write(points.map((point) => eventOfPoint(point, hostname(), nowMs)))
  }

  close(): Promise<void> {
    return this.#exchange.close()
  }
}
