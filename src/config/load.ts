import { statSync } from 'node:fs'
import { dirname, resolve } from 'node:path'
import { Misconfigured } from '../base/errors.ts'
import { log } from '../base/log.ts'
import { compileLogFormat } from '../nginx/log_format.ts'
import { influxdbMistakes } from './influxdb.ts'
import { at, inOrder, type Mistake, mistakesOf } from './mistakes.ts'
import { absolute } from './paths.ts'
import { everyday, type Settings, schemaOf } from './schema.ts'
import { readYaml, type YamlFile } from './yaml_file.ts'

/** What a command cannot do without; `local` needs nothing that is opened. */
export interface Needs {
  database?: boolean
  idSecret?: boolean
  accessLog?: boolean
  /** Somewhere to write points to: InfluxDB, or the store instead. */
  influxdb?: boolean
  /** Something for `serve` to serve: the store, or a hub of events. */
  store?: boolean
  events?: boolean
  probe?: boolean
  hub?: boolean
}

export interface Configuration extends Settings {
  /** The file it was read from. */
  path: string
}

/** Keys of an existing secrets file that other programs read. */
const foreignSecrets = new Set(['salt'])

/**
 * Reads the configuration and the secrets file, and checks both whole: paths come out absolute, whatever has a default
 * has it.
 *
 * @param needs also as what they are where the files say so much, however wrong
 * @throws Misconfigured with every mistake at once, each with file, line, key and remedy
 */
export async function loadConfiguration(
  path: string,
  needs: Needs | ((data: Record<string, unknown>) => Needs),
): Promise<Configuration> {
  const file = readYaml(resolve(path))
  if (file === null) {
    throw new Misconfigured([
      `${resolve(path)}: no such file. Write a configuration there, or name another with --config`,
    ])
  }
  const folder = dirname(file.path)
  const secrets = readSecrets(file, folder)
  const files = secrets === null ? [file] : [file, secrets]
  const data = merge(file.data, secrets?.data ?? {})
  const parsed = (await schemaOf((name) => Object.hasOwn(data, name))).safeParse(data)
  const mistakes = parsed.success ? [] : await mistakesOf(parsed.error, data, files)
  mistakes.push(
    ...lacks(data, typeof needs === 'function' ? needs(data) : needs, files),
    ...formatMistakes(data, files),
  )
  if (!parsed.success || mistakes.length > 0) throw new Misconfigured(inOrder(mistakes))
  return { ...absolute(parsed.data, folder), path: file.path }
}

function formatMistakes(data: Record<string, unknown>, files: YamlFile[]): Mistake[] {
  const format = everyday.shape.nginx.safeParse({ log_format: sectionOf(data, 'nginx')['log_format'] })
  if (!format.success) return []
  try {
    compileLogFormat(format.data.log_format.text, format.data.log_format.escape)
    return []
  } catch (error) {
    if (!(error instanceof Misconfigured)) throw error
    return error.mistakes.map((mistake) => at(files, ['nginx', 'log_format'], mistake))
  }
}

function sectionOf(data: Record<string, unknown>, name: string): Record<string, unknown> {
  const found = data[name]
  return isSection(found) ? found : {}
}

function readSecrets(file: YamlFile, folder: string): YamlFile | null {
  const named = file.data['secrets_file']
  const path = resolve(folder, typeof named === 'string' ? named : 'secret.yml')
  const secrets = readYaml(path)
  if (secrets === null) {
    if (typeof named !== 'string') return null
    throw new Misconfigured([`${file.path}:${file.lineOf(['secrets_file'])}: secrets_file: no such file: ${path}`])
  }
  const mode = statSync(path).mode
  if ((mode & 0o077) !== 0) {
    const remedy = `chmod 600 ${path}`
    log.warn('secrets_readable_by_others', { file: path, mode: (mode & 0o777).toString(8), remedy })
  }
  const { pgconn, ...data } = secrets.data
  for (const key of foreignSecrets) delete data[key]
  const url = (pgconn as { main?: unknown } | null | undefined)?.main
  if (url !== undefined) data['galaxy'] = { database_url: url, ...(data['galaxy'] as object | undefined) }
  return { ...secrets, data }
}

/** The configuration over the secrets, key by key. An address that it gives in one way is not mixed with the other way's. */
function merge(over: Record<string, unknown>, under: Record<string, unknown>): Record<string, unknown> {
  const merged: Record<string, unknown> = { ...under }
  for (const [key, value] of Object.entries(over)) {
    const below = merged[key]
    merged[key] = isSection(value) && isSection(below) ? merge(value, below) : value
  }
  if ('host' in over) delete merged['url']
  if ('url' in over) for (const key of ['host', 'port', 'ssl']) if (!(key in over)) delete merged[key]
  return merged
}

function isSection(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}

/** What a command needs and nobody gave; asked of the files as they stand, so that it is told beside other mistakes. */
function lacks(data: Record<string, unknown>, needs: Needs, files: YamlFile[]): Mistake[] {
  const [galaxy, nginx, influxdb] = ['galaxy', 'nginx', 'influxdb'].map((name) => sectionOf(data, name)) as [
    Record<string, unknown>,
    Record<string, unknown>,
    Record<string, unknown>,
  ]
  const mistakes: Mistake[] = []
  const missing = (keys: string[], remedy: string) =>
    mistakes.push(at(files, keys, `${keys.join('.')}: is missing. ${remedy}`))
  if (needs.database && galaxy['database_url'] === undefined) {
    missing(
      ['galaxy', 'database_url'],
      "Give the address of Galaxy's database, postgres://USER:PASSWORD@HOST:5432/galaxy",
    )
  }
  if (needs.idSecret && galaxy['id_secret'] === undefined)
    missing(['galaxy', 'id_secret'], "It stands in Galaxy's galaxy.yml")
  if (needs.accessLog && nginx['access_log'] === undefined)
    missing(['nginx', 'access_log'], 'Name the log that nginx writes')
  const hasStore = (data['store'] ?? null) !== null
  if (needs.store && !hasStore && data['events'] === undefined)
    missing(['store'], 'Name a file for the points, which `collect` and `backfill` write, or configure `events`')
  if (needs.events && data['events'] === undefined)
    missing(['events'], 'Name its `file` at least, as in events: {file: events.sqlite}')
  if (needs.probe && data['probe'] === undefined)
    missing(['probe'], 'Say in `probe.region` where it stands, and in `probe.checks` what it looks at')
  if (needs.hub && data['hub'] === undefined) missing(['hub'], 'Say in `hub.url` and `hub.key` where results go')
  else if (needs.hub && isSection(data['hub'])) {
    if (data['hub']['url'] === undefined) missing(['hub', 'url'], "Give the address of the hub's `serve`")
    if (data['hub']['key'] === undefined)
      missing(['hub', 'key'], '`key create --source NAME --scope events:write:probe` on the hub makes one')
  }
  if (!needs.influxdb || !isSection(data['influxdb'] ?? {})) return mistakes
  if (sectionOf(data, 'collect')['through'] === 'exchange') {
    if (!isSection(sectionOf(data, 'events')['rabbitmq']))
      missing(['events', 'rabbitmq'], 'Say where RabbitMQ is, because collect.through is exchange')
    return mistakes
  }
  if (hasStore && data['influxdb'] === undefined) return mistakes
  for (const { key, message } of influxdbMistakes(influxdb, ', or name a file in `store` and leave `influxdb` out'))
    mistakes.push(at(files, ['influxdb', key], `influxdb.${key}: ${message}`))
  return mistakes
}
