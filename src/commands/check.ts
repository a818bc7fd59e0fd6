import { accessSync, constants, existsSync, globSync } from 'node:fs'
import { dirname } from 'node:path'
import { messageOf, Unavailable } from '../base/errors.ts'
import { Postgres } from '../clients/postgres.ts'
import { type Configuration, loadConfiguration } from '../config/load.ts'
import { examineColumns } from '../galaxy/columns.ts'
import { idCodec } from '../galaxy/ids.ts'
import { meaningOf } from '../galaxy/meaning.ts'
import { LogFile } from '../lines/log_file.ts'
import { invocationPath } from '../nginx/invocation.ts'
import { compileLogFormat, type LoggedRequest } from '../nginx/log_format.ts'
import { openToRead } from '../store/file.ts'
import { defaultIdSecret, hasInfluxdb, influxdbClient } from './assemble.ts'
import { checkEvents } from './check_events.ts'
import { type Finding, failure } from './finding.ts'

/** So much of the end of each log is looked at. */
const sampleBytes = 16 * 1024 * 1024
const shapeLinesMax = 200
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
  const configuration = await loadConfiguration(config, {
    database: true,
    idSecret: true,
    accessLog: true,
    influxdb: true,
  })
  const findings: Finding[] = [{ name: 'configuration', ok: true, detail: configuration.path }]
  if (configuration.domains.length === 0) {
    const remedy = 'List the hosts of this server and its labs in `domains`'
    findings.push({ name: 'domains', ok: true, detail: 'none is listed: every host becomes `other`', remedy })
  }
  if (!offline) {
    const ids: string[] = []
    for (const path of configuration.nginx.access_log ?? []) findings.push(...checkLog(path, configuration, ids))
    findings.push(checkRotated(configuration), checkIds(configuration, ids), checkState(configuration))
    if (configuration.store !== null) findings.push(checkStore(configuration.store))
    const servers = [checkDatabase(configuration)]
    if (configuration.collect.through === 'influxdb' && hasInfluxdb(configuration))
      servers.push(checkInfluxdb(configuration))
    servers.push(...checkEvents(configuration, checkMs))
    findings.push(...(await Promise.all(servers)))
  }
  const ok = findings.every((finding) => finding.ok)
  process.stdout.write(json ? `${JSON.stringify({ ok, checks: findings })}\n` : findings.map(sentence).join(''))
  return ok ? 0 : 1
}

function sentence({ name, ok, detail, remedy }: Finding): string {
  return `${ok ? 'ok  ' : 'FAIL'}  ${name.padEnd(14)}${detail}${remedy === undefined ? '' : `. ${remedy}`}\n`
}

function checkLog(path: string, { nginx, galaxy }: Configuration, ids: string[]): Finding[] {
  const name = 'access log'
  let file: LogFile | null
  try {
    file = LogFile.open(path)
  } catch (error) {
    if (!(error instanceof Unavailable)) throw error
    return [failure(name, error)]
  }
  if (file === null)
    return [
      { name, ok: false, detail: `${path} is not there`, remedy: '`collect` waits for it; check nginx.access_log' },
    ]
  const format = compileLogFormat(nginx.log_format.text, nginx.log_format.escape)
  const start = Math.max(0, file.size - sampleBytes)
  const text = file.bytesAt(start, Math.min(sampleBytes, file.size)).toString('latin1')
  file.close()
  const lines = text.split('\n').slice(start > 0 ? 1 : 0, -1)
  for (const line of lines) {
    if (!line.includes('/api/workflows/')) continue
    const path = idIn(format.parse(line), galaxy.url_prefix)
    if (path !== null) ids.push(path)
  }
  const last = lines.slice(-shapeLinesMax)
  const fitting = last.filter((line) => format.parse(line) !== null).length
  const findings: Finding[] = [{ name, ok: true, detail: `${path} is readable` }]
  const fits = last.length === 0 || fitting / last.length > 0.5
  findings.push({
    name: 'log format',
    ok: fits,
    detail:
      last.length === 0
        ? `${path} is empty, nothing to try it on`
        : `fits ${fitting} of the last ${last.length} lines of ${path}`,
    ...(!fits && {
      remedy: "Give nginx.log_format the text of the log_format that this access_log names in nginx's configuration",
    }),
  })
  return findings
}

/** Only of requests that Galaxy took: anybody can send an id that is none. */
function idIn(logged: LoggedRequest | null, urlPrefix: string): string | null {
  if (logged === null || logged.status < 200 || logged.status > 299) return null
  return invocationPath(logged, urlPrefix)?.id ?? null
}

function checkRotated({ nginx }: Configuration): Finding {
  const name = 'rotated logs'
  if (nginx.rotated.length === 0) {
    const remedy =
      'Name them in nginx.rotated, or lines written around a rotation are lost when this program is not running'
    return { name, ok: true, detail: 'no pattern is given', remedy }
  }
  return { name, ok: true, detail: `${globSync(nginx.rotated).length} files match nginx.rotated` }
}

function checkIds({ galaxy }: Configuration, ids: string[]): Finding {
  const name = 'id secret'
  const remedy = galaxy.id_secret === defaultIdSecret ? "It is Galaxy's default: change it in galaxy.yml" : undefined
  const codec = idCodec(galaxy.id_secret!)
  const encoded = ids.map((id) => meaningOf({ id, instance: false }, codec)).filter(({ kind }) => kind !== 'uuid')
  if (encoded.length === 0)
    return { name, ok: true, detail: 'no invocation in the logs to try it on', ...(remedy && { remedy }) }
  const decoded = encoded.filter(({ kind }) => kind !== 'none').length
  const ok = decoded > encoded.length / 10
  const wrong = 'galaxy.id_secret is probably not the id_secret of this Galaxy'
  return {
    name,
    ok,
    detail: `decodes ${decoded} of the ${encoded.length} ids in the logs`,
    ...(ok ? remedy && { remedy } : { remedy: wrong }),
  }
}

function checkState({ state_dir: folder }: Configuration): Finding {
  return checkFolder('state folder', folder)
}

function checkStore(path: string): Finding {
  const name = 'store'
  const folder = checkFolder(name, dirname(path))
  if (!folder.ok) return folder
  try {
    const database = openToRead(path)
    if (database === null) return { name, ok: true, detail: `${path} can be made` }
    database.close()
    accessSync(path, constants.W_OK)
    return { name, ok: true, detail: `${path} would take points` }
  } catch (error) {
    return { name, ok: false, detail: messageOf(error) }
  }
}

function checkFolder(name: string, folder: string): Finding {
  let nearest = folder
  while (!existsSync(nearest)) nearest = dirname(nearest)
  try {
    accessSync(nearest, constants.W_OK | constants.X_OK)
    return { name, ok: true, detail: nearest === folder ? `${folder} is writable` : `${folder} can be made` }
  } catch {
    return { name, ok: false, detail: `${nearest} is not writable`, remedy: 'Give it to the user of this program' }
  }
}

async function checkDatabase({ galaxy }: Configuration): Promise<Finding> {
  const name = 'database'
  const database = new Postgres(galaxy.database_url!, checkMs)
  try {
    const { columns, missing, forbidden } = await examineColumns(database)
    const lacking = [...missing.map((it) => `${it} is not there`), ...forbidden.map((it) => `${it} may not be read`)]
    if (lacking.length > 0)
      return {
        name,
        ok: false,
        detail: `${database.where}: ${lacking.join(', ')}`,
        remedy: 'The README lists the grants',
      }
    const note = columns.sourceMetadata
      ? ''
      : ', but for workflow.source_metadata (Galaxy before 22.05): every workflow is local'
    return { name, ok: true, detail: `${database.where} has the columns needed${note}` }
  } catch (error) {
    return failure(name, error)
  } finally {
    await database.close()
  }
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
