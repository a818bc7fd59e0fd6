import { globSync } from 'node:fs'
import { Unavailable } from '../base/errors.ts'
import { Postgres } from '../clients/postgres.ts'
import type { Configuration } from '../config/load.ts'
import { examineColumns } from '../galaxy/columns.ts'
import { idCodec } from '../galaxy/ids.ts'
import { meaningOf } from '../galaxy/meaning.ts'
import { LogFile } from '../lines/log_file.ts'
import { invocationPath } from '../nginx/invocation.ts'
import { compileLogFormat, type LoggedRequest } from '../nginx/log_format.ts'
import { defaultIdSecret } from './assemble.ts'
import { type Finding, failure } from './finding.ts'

/** So much of the end of each log is looked at. */
const sampleBytes = 16 * 1024 * 1024
const shapeLinesMax = 200

/** Looks at nginx's logs, and whether the ids in them are this Galaxy's. */
export function checkLogs(configuration: Configuration): Finding[] {
  const ids: string[] = []
  const logs = (configuration.nginx.access_log ?? []).flatMap((path) => checkLog(path, configuration, ids))
  return [...logs, checkRotated(configuration), checkIds(configuration, ids)]
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

/** Asks Galaxy's database for the columns that are read. */
export async function checkDatabase({ galaxy }: Configuration, answerMs: number): Promise<Finding> {
  const name = 'database'
  const database = new Postgres(galaxy.database_url!, answerMs)
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
