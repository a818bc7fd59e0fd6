import type { Influxdb as Client } from '../clients/influxdb.ts'
import type { Destination } from '../events/delivery.ts'
import type { HubEvent } from '../events/event.ts'
import { pointOf } from '../events/point_of.ts'
import type { Refusal } from '../pipeline/part.ts'
import { Influxdb } from './influxdb.ts'

/** Events as points in an InfluxDB. */
export class EventPoints implements Destination {
  readonly #client: Client
  readonly #sink: Influxdb

  constructor(client: Client) {
    this.#client = client
    this.#sink = new Influxdb(client)
  }

  async write(events: HubEvent[]): Promise<Refusal<HubEvent>[]> {
    const eventOf = new Map(events.map((event) => [pointOf(event), event]))
    const refusals = await this.#sink.write([...eventOf.keys()])
    return refusals.map((refusal) => ({ ...refusal, entry: eventOf.get(refusal.entry)! }))
  }

  probe(): Promise<void> {
    return this.#client.probe()
  }

  close(): Promise<void> {
    return this.#sink.close()
  }
}
