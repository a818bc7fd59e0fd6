import { join } from 'node:path'
import { makeStateFolder } from '../base/state.ts'
import { Influxdb } from '../clients/influxdb.ts'
import { Mongodb as MongodbClient } from '../clients/mongodb.ts'
import type { DestinationSettings } from '../config/destinations.ts'
import type { Destination } from '../events/delivery.ts'
import { EventPoints } from '../sinks/event_points.ts'
import { Mongodb } from '../sinks/mongodb.ts'
import { TagValues } from '../sinks/tag_values.ts'
import { influxdbSettings } from './assemble.ts'

/** What a destination of the configuration is; `stateFolder` holds what some of them must remember, by `name`. */
export async function destinationOf(
  name: string,
  settings: DestinationSettings,
  stateFolder: string,
): Promise<Destination> {
  switch (settings.kind) {
    case 'influxdb': {
      makeStateFolder(stateFolder)
      const tagValues = new TagValues(join(stateFolder, `tag-values-${name}.sqlite`), settings.tag_values)
      return new EventPoints(new Influxdb(influxdbSettings(settings)), tagValues, settings.measurement)
    }
    case 'mongodb': {
      const { url, database, collection, verify_ssl: verifySsl, ca_file: caFile } = settings
      return new Mongodb(new MongodbClient({ url, database, collection, verifySsl, caFile }))
    }
  }
}
