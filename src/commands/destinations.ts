import { join } from 'node:path'
import { keptSecret } from '../base/kept_secret.ts'
import { makeStateFolder } from '../base/state.ts'
import { Amplitude as AmplitudeClient } from '../clients/amplitude.ts'
import { GoogleAnalytics as GoogleAnalyticsClient } from '../clients/google_analytics.ts'
import { Influxdb } from '../clients/influxdb.ts'
import { Mongodb as MongodbClient } from '../clients/mongodb.ts'
import { amplitudeServer } from '../config/amplitude.ts'
import type { DestinationSettings } from '../config/destinations.ts'
import { googleAnalyticsServer } from '../config/google_analytics.ts'
import type { Choice } from '../events/choice.ts'
import type { Destination } from '../events/delivery.ts'
import { Pseudonyms } from '../events/person.ts'
import { SentRecord } from '../outbox/sent.ts'
import { Amplitude } from '../sinks/amplitude.ts'
import { EventPoints } from '../sinks/event_points.ts'
import { GoogleAnalytics } from '../sinks/google_analytics.ts'
import { Mongodb } from '../sinks/mongodb.ts'
import { TagValues } from '../sinks/tag_values.ts'
import { influxdbSettings } from './assemble.ts'

/**
 * What a destination of the configuration is.
 *
 * @param stateFolder where some keep what they must remember, by `name`; made when the first event is written
 * @param answerMs how long one request may take
 */
export async function destinationOf(
  name: string,
  settings: DestinationSettings,
  stateFolder: string,
  answerMs?: number,
): Promise<Destination> {
  switch (settings.kind) {
    case 'influxdb': {
      const there = influxdbSettings(settings, `events.destinations.${name}`)
      const tagValues = new TagValues(join(stateFolder, `tag-values-${name}.sqlite`), settings.tag_values)
      return new EventPoints(new Influxdb(there, answerMs), tagValues, settings.measurement)
    }
    case 'mongodb': {
      const { url, database, collection, verify_ssl: verifySsl, ca_file: caFile } = settings
      return new Mongodb(new MongodbClient({ url, database, collection, verifySsl, caFile }, answerMs))
    }
    case 'amplitude': {
      const { api, api_key: apiKey, server, names, min_id_length: minIdLength } = settings
      const client = new AmplitudeClient({ server: amplitudeServer(server), api, apiKey, minIdLength }, answerMs)
      const pseudonyms = pseudonymsOf(settings, stateFolder)
      return new Amplitude(client, { choice: settings, names, minIdLength, pseudonyms })
    }
    case 'google_analytics':
      return googleAnalytics(name, settings, stateFolder, answerMs)
  }
}

function googleAnalytics(
  name: string,
  settings: Extract<DestinationSettings, { kind: 'google_analytics' }>,
  stateFolder: string,
  answerMs: number | undefined,
): Destination {
  const { measurement_id: measurementId, api_secret: apiSecret, consent, late, names } = settings
  const client = new GoogleAnalyticsClient(
    { server: googleAnalyticsServer(settings.server), measurementId, apiSecret },
    answerMs,
  )
  const pseudonyms = pseudonymsOf(settings, stateFolder)
  const mapping = { choice: settings, names, userProperties: settings.user_properties, late, pseudonyms }
  const shared = {
    consent: {
      ad_user_data: upperCase(consent.ad_user_data),
      ad_personalization: upperCase(consent.ad_personalization),
    },
    validation_behavior: upperCase(settings.validation_behavior),
  }
  const record = new SentRecord(join(stateFolder, `sent-${name}.sqlite`), settings.record_days)
  return new GoogleAnalytics(client, mapping, shared, record)
}

/** Google's constants are upper case, the configuration's are not. */
function upperCase<T extends string>(text: T): Uppercase<T> {
  return text.toUpperCase() as Uppercase<T>
}

/**
 * What its worker leaves out. A destination that gives people pseudonyms has to see who it was, and leaves out the rest
 * itself.
 */
export function choiceOf(settings: Choice): Choice {
  return 'salt' in settings ? { filter: settings.filter, fields: null, personal: true } : settings
}

function pseudonymsOf({ kind, salt }: { kind: string; salt: string | null }, stateFolder: string): Pseudonyms {
  let kept = salt
  return new Pseudonyms(() => {
    if (kept === null) makeStateFolder(stateFolder)
    kept ??= keptSecret(join(stateFolder, 'pseudonym_salt'))
    return kept
  }, kind)
}
