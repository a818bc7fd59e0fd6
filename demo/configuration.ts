import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { stringify } from 'yaml'
import { sites } from './catalogue.ts'
import { standInName } from './stand_in.ts'

const weekMs = 7 * 86_400_000
const weeksOfMaintenance = 5

export interface Configured {
  logPath: string
  /** Where points are kept. */
  store: string
  /** Of the page, and of the API for events. */
  port: number
  /** Where there is a hub of events: what stands in InfluxDB's place, and when the demonstration began. */
  events?: { standInUrl: string; nowMs: number }
}

/** Writes the configuration into a folder: what an operator writes, and nothing more. @returns its path */
export async function configure(folder: string, configured: Configured): Promise<string> {
  const { logPath, store, port, events } = configured
  const config = join(folder, 'config.yml')
  await writeFile(
    config,
    stringify({
      domains: Object.values(sites),
      nginx: { access_log: logPath, rotated: [`${logPath}-*`], start: 'beginning' },
      store,
      serve: { listen: `127.0.0.1:${port}` },
      ...(events && { events: eventsOf(folder, events) }),
    }),
  )
  return config
}

function eventsOf(folder: string, { standInUrl, nowMs }: NonNullable<Configured['events']>): object {
  const start = new Date(nowMs - weeksOfMaintenance * weekMs).toISOString().slice(0, 16)
  const window = { name: 'weekly upgrade', start, duration_minutes: 30, repeat: 'weekly', probes: ['training'] }
  const standIn = { kind: 'influxdb', url: standInUrl, database: 'events' }
  return {
    file: join(folder, 'events', 'events.sqlite'),
    keep_days: 1,
    maintenance: [window],
    destinations: { [standInName]: { ...standIn, filter: ['job.*', 'file.*', 'user_activity.*'] } },
  }
}

/** Writes what only the collector is to know beside the configuration. */
export async function confide(folder: string, galaxy: { databaseUrl: string; idSecret: string }): Promise<void> {
  const secrets = { galaxy: { database_url: galaxy.databaseUrl, id_secret: galaxy.idSecret } }
  await writeFile(join(folder, 'secret.yml'), stringify(secrets), { mode: 0o600 })
}
