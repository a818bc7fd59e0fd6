import { Rabbitmq } from '../clients/rabbitmq.ts'
import type { DestinationSettings } from '../config/destinations.ts'
import type { Configuration } from '../config/load.ts'
import { destinationOf } from './destinations.ts'
import { type Finding, failure } from './finding.ts'

/**
 * Asks RabbitMQ, and each destination, whether they would take events; sends and declares none.
 *
 * @param answerMs how long one request may take
 */
export function checkEvents(configuration: Configuration, answerMs: number): Promise<Finding>[] {
  if (configuration.events === undefined) return []
  const { rabbitmq, destinations } = configuration.events
  const all = Object.entries(destinations).map(([name, settings]) =>
    checkDestination(name, settings, configuration.state_dir, answerMs),
  )
  return rabbitmq === null ? all : [checkRabbitmq(rabbitmq), ...all]
}

async function checkDestination(
  destination: string,
  settings: DestinationSettings,
  stateFolder: string,
  answerMs: number,
): Promise<Finding> {
  const name = `events to ${destination}`
  try {
    const there = await destinationOf(destination, settings, stateFolder, answerMs)
    await there.probe().finally(() => there.close())
    return { name, ok: true, ...wellOf(settings.kind) }
  } catch (error) {
    return failure(name, error)
  }
}

/** What it proves that a destination answers. */
function wellOf(kind: DestinationSettings['kind']): Pick<Finding, 'detail' | 'remedy'> {
  if (kind === 'google_analytics') {
    const remedy =
      'Google verifies neither measurement_id nor api_secret, and never says that they are wrong: see that events show in Realtime'
    return { detail: 'Google Analytics objects to nothing in an event', remedy }
  }
  if (kind === 'amplitude')
    return { detail: 'Amplitude answers', remedy: 'It may tell of a wrong api_key only when it gets an event' }
  return { detail: `${kind} would take events` }
}

async function checkRabbitmq(settings: { url: string; verify_ssl: boolean; ca_file: string | null }): Promise<Finding> {
  const { url, verify_ssl: verifySsl, ca_file: caFile } = settings
  const connection = new Rabbitmq({ url, verifySsl, caFile, name: 'workflow-reporting check' })
  try {
    await connection.probe()
    return { name: 'RabbitMQ', ok: true, detail: `${connection.where} can be reached` }
  } catch (error) {
    return failure('RabbitMQ', error)
  } finally {
    await connection.close()
  }
}
