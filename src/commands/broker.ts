import { hostname } from 'node:os'
import { declareDestination, declareExchanges, type Exchanges } from '../broker/topology.ts'
import { Rabbitmq } from '../clients/rabbitmq.ts'
import type { EventsSettings } from '../config/events.ts'

type RabbitmqConfiguration = NonNullable<EventsSettings['rabbitmq']>

export function exchangesOf({ exchange, clowder_exchange: clowderExchange }: RabbitmqConfiguration): Exchanges {
  return { exchange, clowderExchange }
}

/**
 * A connection to the RabbitMQ of the configuration, on which the exchanges and the queues of these destinations are
 * declared.
 *
 * @param role what RabbitMQ's own lists show it as, beside this host
 */
export function brokerConnection(
  settings: RabbitmqConfiguration,
  role: string,
  destinations: EventsSettings['destinations'],
): Rabbitmq {
  const { url, verify_ssl: verifySsl, ca_file: caFile } = settings
  const exchanges = exchangesOf(settings)
  return new Rabbitmq(
    { url, verifySsl, caFile, name: `workflow-reporting ${role} on ${hostname()}` },
    async (channel) => {
      await declareExchanges(channel, exchanges)
      for (const [name, { filter }] of Object.entries(destinations))
        await declareDestination(channel, exchanges, name, filter)
    },
  )
}
