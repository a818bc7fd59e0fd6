import { type Configuration, loadConfiguration, type Needs } from '../config/load.ts'
import { partsOf } from '../config/parts.ts'
import { openOutboxToRead } from '../outbox/file.ts'
import { openToRead } from '../store/file.ts'
import { hasInfluxdb, influxdbClient } from './assemble.ts'
import { checkDatabase, checkLogs } from './check_collector.ts'
import { checkEvents } from './check_events.ts'
import { checkFile, checkFolder } from './check_files.ts'
import { checkHub, checkSpool } from './check_probe.ts'
import { checkServe } from './check_serve.ts'
import { type Finding, failure } from './finding.ts'

/** So long is a server waited for. */
const checkMs = 15_000

/** Tries everything that the configuration names; a line each, and writes nothing. */
export async function check({
  config,
  offline,
  json,
}: {
  config: string
  offline: boolean
  json: boolean
}): Promise<number> {
  const configuration = await loadConfiguration(config, needsOf)
  const { collector, hub, probe } = partsOf({ ...configuration })
  const parts = Object.entries({ collector, hub, probe }).flatMap(([name, isThere]) => (isThere ? [name] : []))
  const detail = `${configuration.path} makes this host a ${parts.join(', a ')}`
  const findings: Finding[] = [{ name: 'configuration', ok: true, detail }]
  if (collector && configuration.domains.length === 0) {
    const remedy = 'List the hosts of this server and its labs in `domains`'
    findings.push({ name: 'domains', ok: true, detail: 'none is listed: every host becomes `other`', remedy })
  }
  if (!offline) findings.push(...(await tried(configuration)))
  const ok = findings.every((finding) => finding.ok)
  process.stdout.write(json ? `${JSON.stringify({ ok, checks: findings })}\n` : table(findings))
  return ok ? 0 : 1
}

/** What the parts of a host cannot do without. */
function needsOf(data: Record<string, unknown>): Needs {
  const { collector, probe } = partsOf(data)
  const reading = { database: collector, idSecret: collector, accessLog: collector }
  return { ...reading, influxdb: collector || data['influxdb'] !== undefined, hub: probe }
}

async function tried(configuration: Configuration): Promise<Finding[]> {
  const { collector, hub, probe } = partsOf({ ...configuration })
  const { store, events, state_dir: stateFolder } = configuration
  const findings: Finding[] = collector ? checkLogs(configuration) : []
  if (collector || hub) findings.push(checkFolder('state folder', stateFolder))
  if (store !== null) findings.push(checkFile('store', store, openToRead, 'points'))
  if (events !== undefined) findings.push(checkFile('events file', events.file, openOutboxToRead, 'events'))
  if (probe) findings.push(checkSpool(configuration))
  const servers: Promise<Finding>[] = []
  if (store !== null || hub) servers.push(checkServe(configuration, checkMs))
  if (collector) servers.push(checkDatabase(configuration, checkMs))
  if (configuration.collect.through === 'influxdb' && hasInfluxdb(configuration))
    servers.push(checkInfluxdb(configuration))
  servers.push(...checkEvents(configuration, checkMs))
  if (probe) servers.push(checkHub(configuration, checkMs))
  return [...findings, ...(await Promise.all(servers))]
}

function table(findings: Finding[]): string {
  const width = Math.max(...findings.map(({ name }) => name.length)) + 2
  return findings
    .map(({ name, ok, detail, remedy }) => {
      const next = remedy === undefined ? '' : `. ${remedy}`
      return `${ok ? 'ok  ' : 'FAIL'}  ${name.padEnd(width)}${detail}${next}\n`
    })
    .join('')
}

async function checkInfluxdb(configuration: Configuration): Promise<Finding> {
  const name = 'InfluxDB'
  try {
    const client = influxdbClient(configuration, checkMs)
    await client.probe()
    await client.close()
    return { name, ok: true, detail: `${client.where} would take points` }
  } catch (error) {
    return failure(name, error)
  }
}
