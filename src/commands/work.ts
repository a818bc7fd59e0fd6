import { join } from 'node:path'
import { Misconfigured } from '../base/errors.ts'
import { log } from '../base/log.ts'
import { lockAlone, makeStateFolder } from '../base/state.ts'
import { stopOnSignals } from '../base/stop.ts'
import { loadConfiguration } from '../config/load.ts'
import { RabbitQueue } from '../sources/rabbitmq.ts'
import { brokerConnection } from './broker.ts'
import { destinationOf } from './destinations.ts'
import { Pauses } from './pauses.ts'
import { Worker } from './worker.ts'
import { WorkerNotice } from './worker_notice.ts'
import { WorkerWords } from './worker_words.ts'

/** Delivers what RabbitMQ holds for one destination, until it is stopped. One for each destination on a host. */
export async function work({ config, destination: name }: { config: string; destination: string }): Promise<number> {
  const { events, state_dir: stateFolder } = await loadConfiguration(config, {})
  const settings = events === undefined ? undefined : destinationNamed(name, events.destinations)
  const rabbitmq = events?.rabbitmq ?? null
  if (settings === undefined || rabbitmq === null)
    throw new Misconfigured(['events.rabbitmq: is missing. Without it `serve` delivers by itself, and needs no `work`'])
  makeStateFolder(stateFolder)
  // A destination's own record of what was sent is for one writer.
  using _lock = lockAlone(join(stateFolder, `work-${name}.lock`), `another worker for ${name}`)
  const only = { [name]: settings }
  const taking = brokerConnection(rabbitmq, `work ${name} takes`, only)
  const telling = brokerConnection(rabbitmq, `work ${name} tells`, only)
  const queue = new RabbitQueue(rabbitmq.exchange, name, [taking, telling], settings.batch)
  const pauses = new Pauses(stateFolder)
  const worker = new Worker(name, settings, await destinationOf(name, settings, stateFolder), queue, () =>
    pauses.isPaused(name),
  )
  const stop = stopOnSignals()
  const saying = brokerConnection(rabbitmq, `work ${name} says`, {})
  await using _words = new WorkerWords(worker, queue, saying, rabbitmq.exchange)
  const notice = WorkerNotice.fromEnvironment(worker)
  log.info('working', { destination: name, from: taking.where, pid: process.pid })
  try {
    await worker.run(stop)
  } finally {
    await notice?.close()
    const { delivered, retried, dead } = worker.state
    log.info('worked', { destination: name, delivered, retried, dead })
  }
  return 0
}

/** @throws Misconfigured where there is none of that name */
export function destinationNamed<Settings>(name: string, destinations: Record<string, Settings>): Settings {
  const found = Object.hasOwn(destinations, name) ? destinations[name] : undefined
  if (found !== undefined) return found
  const names = Object.keys(destinations)
  const known = names.length === 0 ? 'None is configured under events.destinations' : `Known are ${names.join(', ')}`
  throw new Misconfigured([`--destination ${name}: there is no such destination. ${known}`])
}
