import { log } from '../base/log.ts'
import { stopOnSignals } from '../base/stop.ts'
import { Systemd } from '../clients/systemd.ts'
import { type Configuration, loadConfiguration } from '../config/load.ts'
import { listenAddress } from '../config/schema.ts'
import { Influxdb } from '../sinks/influxdb.ts'
import { hasInfluxdb, influxdbClient } from './assemble.ts'
import { Hub } from './hub.ts'
import { hubPoints } from './hub_points.ts'
import { SelfMeasurement } from './self_measurement.ts'
import { Serving } from './serving.ts'
import type { HubNumbers } from './shown_hub.ts'

const measurementPatienceMs = 10_000

/** Shows in a browser what the store holds, and takes events, until it is stopped. */
export async function serve(config: string): Promise<number> {
  const configuration = await loadConfiguration(config, { store: true })
  const { store, state_dir: stateFolder, serve: settings, events } = configuration
  // Only here: the other commands don't pay for a web server.
  const { PageServer } = await import('../web/server.ts')
  const stop = stopOnSignals('closing connections; a second signal stops at once')
  const hub = events === undefined ? null : await Hub.start(events, stateFolder, stop)
  const server = await PageServer.start({
    store,
    hub: hub?.api ?? null,
    shown: hub?.numbers ?? null,
    stateFolder,
    ...listenAddress(settings.listen)!,
    publicUrl: settings.public_url ?? null,
  })
  log.info('serving', { url: server.url, store: store ?? undefined, pid: process.pid })
  const measurement = hub === null || !hasInfluxdb(configuration) ? null : measure(configuration, hub.numbers)
  using serving = new Serving(server.url, () => hub?.workers.map(({ state }) => state) ?? [])
  const systemd = Systemd.fromEnvironment(serving)
  stop.asked.addEventListener('abort', () => systemd?.stopping())
  const asked = Promise.withResolvers<void>()
  stop.asked.addEventListener('abort', () => asked.resolve())
  await Promise.race([asked.promise, server.ended, ...(hub === null ? [] : [hub.ended])])
  measurement?.stop()
  await server.stop()
  await hub?.close()
  await systemd?.close()
  return 0
}

/** What the hub says of itself goes where the collector's points go. */
function measure(configuration: Configuration, hub: HubNumbers): SelfMeasurement {
  const sinceMs = Date.now()
  const sink = new Influxdb(influxdbClient(configuration, measurementPatienceMs))
  return new SelfMeasurement(sink, () => hubPoints(hub, sinceMs, Date.now()))
}
