import { startRabbitmq } from '../../test/services/rabbitmq.ts'
import type { Trouble } from './far_end.ts'

/** RabbitMQ between the hub and its workers. */
export interface Broker {
  /** What stands at `events.rabbitmq`. */
  settings: object
  faults: Trouble[]
  [Symbol.asyncDispose](): Promise<void>
}

export async function startBroker(): Promise<Broker> {
  const server = await startRabbitmq()
  return {
    settings: { url: server.url },
    faults: [
      {
        name: 'rabbitmq stopped and started',
        async begin() {
          await server.stop()
          return () => server.restart()
        },
      },
      {
        name: 'rabbitmq killed and started',
        async begin() {
          await server.kill9()
          return () => server.restart()
        },
      },
      {
        name: 'rabbitmq hangs',
        async begin() {
          await server.pause()
          return () => server.resume()
        },
      },
      {
        name: 'rabbitmq short of memory',
        async begin() {
          await server.alarm(true)
          return () => server.alarm(false)
        },
      },
    ],
    [Symbol.asyncDispose]: () => server[Symbol.asyncDispose](),
  }
}
