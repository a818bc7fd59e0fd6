import { join } from 'node:path'
import { newCounters } from '../base/counters.ts'
import { messageOf } from '../base/errors.ts'
import { log } from '../base/log.ts'
import { Progress } from '../base/progress.ts'
import { isOutOfReach, lockAlone, makeStateFolder } from '../base/state.ts'
import { stopOnSignals } from '../base/stop.ts'
import { StatusSocket } from '../clients/status_socket.ts'
import { Systemd } from '../clients/systemd.ts'
import { loadConfiguration } from '../config/load.ts'
import type { Ledger } from '../galaxy/ledger.ts'
import { run } from '../pipeline/run.ts'
import { watchedSink, watchedSource } from '../pipeline/watched.ts'
import { countedSink } from '../sinks/counted.ts'
import { Files } from '../sources/files.ts'
import { Stdin } from '../sources/stdin.ts'
import { assembleReading, assembleSink, defaultIdSecret } from './assemble.ts'
import { collectorPoints, SelfMeasurement } from './self_measurement.ts'

const everMs = { sinceMs: Number.NEGATIVE_INFINITY, untilMs: Number.POSITIVE_INFINITY }
const pruneEveryMs = 3_600_000

export interface CollectOptions {
  config: string
  stdin: boolean
  dryRun: boolean
}

/** Follows the logs, or standard input, and writes points until it is stopped. */
export async function collect({ config, stdin, dryRun }: CollectOptions): Promise<number> {
  const configuration = await loadConfiguration(config, {
    database: true,
    idSecret: true,
    accessLog: !stdin,
    influxdb: !dryRun,
  })
  const { state_dir: stateFolder } = configuration
  if (configuration.galaxy.id_secret === defaultIdSecret) {
    log.warn('default_id_secret', {
      remedy: "Galaxy's id_secret is its default; anybody can make ids. Change it in galaxy.yml",
    })
  }
  if (!dryRun) makeStateFolder(stateFolder)
  using _lock = dryRun ? null : lockAlone(join(stateFolder, 'collect.lock'), 'another collector')
  const counters = newCounters()
  const progress = new Progress(counters)
  const reading = assembleReading(configuration, everMs, dryRun, Number.POSITIVE_INFINITY, counters)
  const { selector, lookBackMs, places } = reading
  const look = (found: boolean) => progress.looked(found)
  const source = stdin
    ? new Stdin(process.stdin, selector, counters, look)
    : new Files(
        {
          places,
          selector,
          lookBackMs,
          start: configuration.nginx.start,
          placeFile: dryRun ? null : join(stateFolder, 'place.json'),
          onLook: look,
        },
        counters,
      )
  const sink = await assembleSink(configuration, dryRun, false, Number.POSITIVE_INFINITY)
  const stop = stopOnSignals()
  const systemd = Systemd.fromEnvironment(progress)
  stop.asked.addEventListener('abort', () => systemd?.stopping())
  const statusSocket = dryRun ? null : StatusSocket.open(stateFolder, progress)
  const selfMeasurement = dryRun ? null : new SelfMeasurement(sink, () => collectorPoints(progress))
  const prune = setInterval(() => forget(), pruneEveryMs).unref()
  const forget = () => {
    if (!dryRun) pruneLedger(reading.ledger)
  }
  forget()
  let begun = false
  const begin = () => {
    if (begun) return
    begun = true
    const from = stdin ? 'standard input' : places.map(({ path }) => path).join(',')
    log.info('collecting', { from, pid: process.pid })
  }
  // Only when it is known where reading begins: what is logged from then on is counted.
  if (stdin) begin()
  try {
    await run({
      source: watchedSource(source, progress, ({ text }) => selector.timeMs(text)),
      transforms: reading.transforms,
      sink: watchedSink(countedSink(sink, counters), progress),
      stop,
      patience: { patienceMs: Number.POSITIVE_INFINITY, onWait: (what) => progress.waits(what) },
      onPull: begin,
    })
  } finally {
    clearInterval(prune)
    selfMeasurement?.stop()
    statusSocket?.close()
    await reading.close()
    await systemd?.close()
    log.info('collected', { ...counters })
  }
  return 0
}

/** Old lines may stay a while longer: a disk that is full, or another process at work, is no reason to stop. */
function pruneLedger(ledger: Ledger): void {
  try {
    const lines = ledger.prune()
    if (lines > 0) log.info('ledger_pruned', { lines })
  } catch (error) {
    if (!isOutOfReach(error)) throw error
    log.warn('ledger_not_pruned', { cause: messageOf(error) })
  }
}
