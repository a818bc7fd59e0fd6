import { Refused } from '../base/errors.ts'
import type { Influxdb as Client } from '../clients/influxdb.ts'
import type { Destination } from '../events/delivery.ts'
import type { HubEvent } from '../events/event.ts'
import { pointOf } from '../events/point_of.ts'
import type { Point } from '../pipeline/entry.ts'
import type { Refusal } from '../pipeline/part.ts'
import { Influxdb } from './influxdb.ts'
import type { TagValues } from './tag_values.ts'

/** Events as points in an InfluxDB. An event written again is the same point again. */
export class EventPoints implements Destination {
  readonly #client: Client
  readonly #sink: Influxdb
  readonly #tagValues: TagValues
  readonly #measurement: string

  /** @param measurement where `{category}` stands for the event's */
  constructor(client: Client, tagValues: TagValues, measurement: string) {
    this.#client = client
    this.#sink = new Influxdb(client)
    this.#tagValues = tagValues
    this.#measurement = measurement
  }

  async write(events: HubEvent[]): Promise<Refusal<HubEvent>[]> {
    const style = {
      measurement: this.#measurement,
      bounded: (tag: string, value: string) => this.#tagValues.bounded(tag, value),
    }
    const eventOf = new Map<Point, HubEvent>()
    const refusals: Refusal<HubEvent>[] = []
    for (const event of events) {
      try {
        eventOf.set(pointOf(event, style), event)
      } catch (error) {
        if (!(error instanceof Refused)) throw error
        refusals.push({ entry: event, cause: error.trouble.cause })
      }
    }
    if (eventOf.size === 0) return refusals
    const refused = await this.#sink.write([...eventOf.keys()])
    return [...refusals, ...refused.map((refusal) => ({ ...refusal, entry: eventOf.get(refusal.entry)! }))]
  }

  probe(): Promise<void> {
    return this.#client.probe()
  }

  async close(): Promise<void> {
    this.#tagValues.close()
    await this.#sink.close()
  }
}
