import { Influxdb } from '../clients/influxdb.ts'
import type { DestinationSettings } from '../config/destinations.ts'
import type { Destination } from '../events/delivery.ts'
import { EventPoints } from '../sinks/event_points.ts'
import { influxdbSettings } from './assemble.ts'

/** What a destination of the configuration is. */
export async function destinationOf(settings: DestinationSettings): Promise<Destination> {
  switch (settings.kind) {
    case 'influxdb':
      return new EventPoints(new Influxdb(influxdbSettings(settings)))
  }
}
