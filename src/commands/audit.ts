import { existsSync } from 'node:fs'
import { compare } from '../audit/compare.ts'
import { InfluxdbPoints } from '../audit/influxdb_points.ts'
import { Invocations } from '../audit/invocations.ts'
import type { RecordedPoints } from '../audit/recorded.ts'
import { Repair } from '../audit/repair.ts'
import { documentOf, isEqual, textOf } from '../audit/report.ts'
import { StorePoints } from '../audit/store_points.ts'
import { Tally } from '../audit/tally.ts'
import { newCounters } from '../base/counters.ts'
import { Failed, Misconfigured, Stopped } from '../base/errors.ts'
import { log } from '../base/log.ts'
import { type Patience, untilAvailable } from '../base/retry.ts'
import { makeStateFolder } from '../base/state.ts'
import { stopOnSignals } from '../base/stop.ts'
import { Postgres } from '../clients/postgres.ts'
import { type Configuration, loadConfiguration } from '../config/load.ts'
import { requireColumns } from '../galaxy/columns.ts'
import { registryNames } from '../galaxy/identity.ts'
import { Ledger } from '../galaxy/ledger.ts'
import { Revisions } from '../galaxy/revisions.ts'
import { countedSink } from '../sinks/counted.ts'
import { assembleSink, hasInfluxdb, influxdbReader, ledgerFileOf } from './assemble.ts'
import { showShare } from './progress.ts'

export interface AuditOptions {
  config: string
  sinceMs: number
  /** `null`: until now, as far as it can be judged. */
  untilMs: number | null
  repair: boolean
  patienceMs: number
  json: boolean
}

/** A row is judged when its request has ended at the latest, and so much later. */
const settleMs = 60_000
/** A row and its point are never so far from each other, unless `galaxy.max_request_seconds` is greater. */
const nearMs = 3_600_000
/** Some 3 MB of them. */
const sliceRows = 250_000

/** Compares the points with Galaxy's own table, and writes what is missing where that is asked for. */
export async function audit(options: AuditOptions): Promise<number> {
  const { sinceMs, repair, patienceMs, json } = options
  const configuration = await loadConfiguration(options.config, { database: true, influxdb: true })
  const { galaxy } = configuration
  const untilMs = judgedUntil(options, galaxy.max_request_seconds * 1000)
  if (!galaxy.match_invocations) {
    const cause = 'galaxy.match_invocations is false, so points have no number of a row'
    if (repair) throw new Misconfigured([`--repair: ${cause}, and each invocation would count twice`])
    log.warn('numbers_only', {
      cause,
      remedy: 'Compare how many are `missing` and `unmatched`: they stand for each other',
    })
  }
  const stop = stopOnSignals()
  const patience = { patienceMs, signal: stop.asked }
  const database = new Postgres(galaxy.database_url!, Math.max(1000, patienceMs))
  const tally = new Tally()
  const counters = newCounters()
  let now = { share: 0, rows: 0 }
  const progress = showShare(process.stderr, () => ({ share: now.share, text: `${now.rows} invocations` }))
  const releases: Release[] = [() => database.close()]
  try {
    const columns = await untilAvailable(() => requireColumns(database), patience)
    const invocations = new Invocations(database, columns, patience)
    const points = openPoints(configuration, patience, releases)
    const repairing = repair
      ? await assembleRepair(configuration, { database, columns, counters, patience, releases })
      : null
    await compare({
      invocations,
      points,
      sinceMs,
      untilMs,
      nearMs: Math.max(nearMs, galaxy.max_request_seconds * 1000),
      sliceRows,
      tally,
      onMissing: async (rows) => repairing?.write(rows),
      onProgress: (share, rows) => {
        now = { share, rows }
        progress.step()
      },
    })
  } catch (error) {
    if (counters.written > 0) log.info('repaired', { points: counters.written, next: 'run it again for the rest' })
    if (error instanceof Stopped) throw new Failed('stopped before the end; run it again, nothing is written twice')
    throw error
  } finally {
    progress.end()
    for (const release of releases.reverse()) await release()
  }
  const report = { sinceMs, untilMs, tally, repaired: repair ? counters : null }
  process.stdout.write(json ? `${JSON.stringify(documentOf(report))}\n` : textOf(report))
  return isEqual(report) ? 0 : 1
}

/** A row's point comes when its request has ended: what was made just now is not judged, and never repaired. */
function judgedUntil({ sinceMs, untilMs }: AuditOptions, maxRequestMs: number): number {
  if (untilMs !== null && untilMs <= sinceMs) throw new Misconfigured(['--until must be later than --since'])
  const settledMs = Date.now() - maxRequestMs - settleMs
  const until = new Date(settledMs).toISOString()
  if (sinceMs >= settledMs) {
    throw new Misconfigured([
      `--since: what was made after ${until} cannot be judged yet, its requests may not have ended`,
    ])
  }
  if (untilMs !== null && untilMs > settledMs) {
    log.info('judged_until', { until, cause: 'later requests may not have ended' })
  }
  return Math.min(settledMs, untilMs ?? settledMs)
}

type Release = () => Promise<void> | void

/** The points of InfluxDB, or of the store where that is instead of it. */
function openPoints(configuration: Configuration, patience: Patience, releases: Release[]): RecordedPoints {
  if (!hasInfluxdb(configuration)) {
    const points = new StorePoints(configuration.store!)
    releases.push(() => points.close())
    return points
  }
  const client = influxdbReader(configuration, patience.patienceMs)
  releases.push(() => client.close())
  return new InfluxdbPoints(client, patience)
}

async function assembleRepair(
  configuration: Configuration,
  {
    counters,
    releases,
    ...parts
  }: Pick<ConstructorParameters<typeof Repair>[0], 'database' | 'columns'> & {
    counters: ReturnType<typeof newCounters>
    patience: Patience
    releases: Release[]
  },
): Promise<Repair> {
  const { identity, state_dir: stateFolder } = configuration
  const file = ledgerFileOf(configuration)
  if (!existsSync(file)) {
    const remedy = 'Repair with the state_dir of the collector, or lines that it reads later count again'
    log.warn('ledger_is_new', { file, remedy })
  }
  makeStateFolder(stateFolder)
  const ledger = Ledger.open(file, configuration.ledger.keep_days)
  releases.push(() => ledger.close())
  const sink = countedSink(await assembleSink(configuration, false, false, parts.patience.patienceMs), counters)
  releases.push(() => sink.close())
  return new Repair({
    ...parts,
    ledger,
    sink,
    revisions: new Revisions(registryNames(identity.registries)),
    identity: { local: identity.local, hideUnpublishedNames: identity.hide_unpublished_names },
  })
}
