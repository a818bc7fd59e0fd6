import { join } from 'node:path'
import type { Counters } from '../base/counters.ts'
import { makeStateFolder } from '../base/state.ts'
import { Influxdb as InfluxdbClient, type InfluxdbSettings } from '../clients/influxdb.ts'
import { Postgres } from '../clients/postgres.ts'
import type { Configuration } from '../config/load.ts'
import { registryNames } from '../galaxy/identity.ts'
import { idCodec } from '../galaxy/ids.ts'
import { Ledger } from '../galaxy/ledger.ts'
import { Revisions } from '../galaxy/revisions.ts'
import type { LogPlace } from '../lines/survey.ts'
import { compileLogFormat } from '../nginx/log_format.ts'
import { invocationSelector } from '../nginx/selector.ts'
import type { Point } from '../pipeline/entry.ts'
import type { Sink } from '../pipeline/part.ts'
import { inTurn } from '../sinks/in_turn.ts'
import { Influxdb } from '../sinks/influxdb.ts'
import { Stdout } from '../sinks/stdout.ts'
import { Store } from '../sinks/store.ts'
import { AccessLog } from '../transforms/access_log.ts'
import { Workflow } from '../transforms/workflow.ts'

/** Beyond one window, for the order of lines that workers write at once. */
const lookBackSlackMs = 5000

/** Galaxy's default, with which anybody can make ids. */
export const defaultIdSecret = 'USING THE DEFAULT IS NOT SECURE!'

export interface Span {
  sinceMs: number
  untilMs: number
}

/** How lines are read and looked up, the same for `collect` and `backfill`. */
export interface Reading {
  selector: ReturnType<typeof invocationSelector>
  lookBackMs: number
  places: LogPlace[]
  transforms: [AccessLog, Workflow]
  ledger: Ledger
  close(): Promise<void>
}

/**
 * @param dryRun the ledger is only looked at
 * @param patienceMs a server that does not answer is given up after it
 */
export function assembleReading(
  configuration: Configuration,
  span: Span,
  dryRun: boolean,
  patienceMs: number,
  counters: Counters,
): Reading {
  const { galaxy, nginx, identity, state_dir: stateFolder } = configuration
  const format = compileLogFormat(nginx.log_format.text, nginx.log_format.escape)
  const maxRequestMs = galaxy.max_request_seconds * 1000
  const lookBackMs = maxRequestMs + lookBackSlackMs
  if (!dryRun) makeStateFolder(stateFolder)
  const ledgerFile = ledgerFileOf(configuration)
  const keepDays = configuration.ledger.keep_days
  const ledger = dryRun ? Ledger.openCopy(ledgerFile, keepDays) : Ledger.open(ledgerFile, keepDays)
  const database = new Postgres(galaxy.database_url!, answerMs(patienceMs))
  const revisions = new Revisions(registryNames(identity.registries))
  const workflow = new Workflow(
    { database, codec: idCodec(galaxy.id_secret!), ledger, revisions },
    {
      domains: configuration.domains,
      maxDomains: configuration.max_domains,
      matchInvocations: galaxy.match_invocations,
      maxRequestMs,
      identity: { local: identity.local, hideUnpublishedNames: identity.hide_unpublished_names },
    },
    counters,
  )
  return {
    selector: invocationSelector(format, galaxy.url_prefix),
    lookBackMs,
    places: placesOf(configuration),
    transforms: [new AccessLog({ format, urlPrefix: galaxy.url_prefix, ...span, lookBackMs }, counters), workflow],
    ledger,
    close: async () => {
      ledger.close()
      await database.close()
    },
  }
}

export function ledgerFileOf({ state_dir: stateFolder }: Configuration): string {
  return join(stateFolder, 'ledger.sqlite')
}

/** The logs that nginx writes, each with where its rotated files are. */
function placesOf({ nginx }: Configuration): LogPlace[] {
  const paths = nginx.access_log ?? []
  return paths.map((path) => ({ path, rotated: nginx.rotated, byName: paths.length > 1 }))
}

/** Where points go; a dry run prints them, unless standard output is for a document (`quiet`). */
export async function assembleSink(
  configuration: Configuration,
  dryRun: boolean,
  quiet: boolean,
  patienceMs: number,
): Promise<Sink<Point>> {
  if (dryRun) return new Stdout(quiet ? null : process.stdout)
  const sinks: Sink<Point>[] = []
  // The store first: it is quick, and what waits for InfluxDB can be seen in it.
  if (configuration.store !== null) sinks.push(new Store(configuration.store))
  if (goesThroughExchange(configuration)) sinks.push(await exchangeSink(configuration))
  else if (hasInfluxdb(configuration)) sinks.push(new Influxdb(influxdbClient(configuration, patienceMs)))
  return inTurn(sinks)
}

function goesThroughExchange({ collect }: Configuration): boolean {
  return collect.through === 'exchange'
}

/** Points wait where no destination is bound for them: they are nowhere else. */
async function exchangeSink({ events }: Configuration): Promise<Sink<Point>> {
  // Only here: who writes to InfluxDB needs nothing of RabbitMQ and of events.
  const { brokerConnection } = await import('./broker.ts')
  const { Exchange } = await import('../sinks/exchange.ts')
  const { PointExchange } = await import('../sinks/point_exchange.ts')
  const { rabbitmq, destinations } = events!
  const connection = brokerConnection(rabbitmq!, 'collect publishes', destinations)
  return new PointExchange(new Exchange(connection, rabbitmq!.exchange, true))
}

/** It may be left out where there is a store. */
export function hasInfluxdb({ influxdb }: Configuration): boolean {
  return influxdb.url !== undefined || influxdb.host !== undefined
}

/** Even who has no patience gives a server a moment to answer. */
function answerMs(patienceMs: number): number {
  return Math.max(1000, patienceMs)
}

/** A client for whoever may read: that of `influxdb.read` where it is given, else the one that writes. */
export function influxdbReader(configuration: Configuration, patienceMs: number): InfluxdbClient {
  const { read, ...influxdb } = configuration.influxdb
  if (read === undefined) return influxdbClient(configuration, patienceMs)
  const { username, password, token } = read
  return influxdbClient({ ...configuration, influxdb: { ...influxdb, username, password, token } }, patienceMs)
}

export function influxdbClient({ influxdb }: Configuration, patienceMs: number): InfluxdbClient {
  return new InfluxdbClient(influxdbSettings(influxdb, 'influxdb'), answerMs(patienceMs))
}

/** An InfluxDB of the configuration, as its client takes it. @param section where in the configuration it stands */
export function influxdbSettings(influxdb: Omit<Configuration['influxdb'], 'read'>, section: string): InfluxdbSettings {
  return {
    section,
    url: influxdb.url ?? `${influxdb.ssl ? 'https' : 'http'}://${influxdb.host}:${influxdb.port}`,
    database: influxdb.database ?? null,
    username: influxdb.username ?? null,
    password: influxdb.password ?? null,
    org: influxdb.org ?? null,
    bucket: influxdb.bucket ?? null,
    token: influxdb.token ?? null,
    verifySsl: influxdb.verify_ssl,
    caFile: influxdb.ca_file,
  }
}
