import { Failed, Misconfigured } from '../base/errors.ts'
import { loadConfiguration } from '../config/load.ts'
import { openOutbox } from '../outbox/file.ts'
import { type ApiKey, Keys, scopeShape, sourceShape } from '../outbox/keys.ts'
import { columns } from './columns.ts'
import { parseWhen } from './when.ts'

export interface KeyOptions {
  config: string
  /** `create`, `list` or `revoke ID`. */
  words: string[]
  source: string | undefined
  scopes: string[]
  /** A date or an instant. */
  expires: string | undefined
  json: boolean
}

/** Makes, lists and revokes the keys by which senders of events are known; also while `serve` runs. */
export async function key({ config, words, source, scopes, expires, json }: KeyOptions): Promise<number> {
  const [verb = '', id, ...more] = words
  const takesId = verb === 'revoke'
  if (!['create', 'list', 'revoke'].includes(verb)) throw new Misconfigured(['key needs create, list or revoke'])
  if ((id !== undefined) !== takesId || more.length > 0)
    throw new Misconfigured([
      takesId ? 'key revoke needs one ID, as key list shows it' : `key ${verb} takes no argument`,
    ])
  if (verb !== 'create' && (source !== undefined || scopes.length > 0 || expires !== undefined))
    throw new Misconfigured([`key ${verb} takes no --source, --scope or --expires`])
  const named = verb === 'create' ? namedBy(source, scopes, expires) : null
  const { events } = await loadConfiguration(config, { events: true })
  const database = openOutbox(events!.file, 'full')
  try {
    const keys = new Keys(database)
    if (named !== null) return create(keys, named, json)
    if (verb === 'list') return list(keys, json)
    if (!keys.revoke(id!, Date.now())) throw new Failed(`${id}: no key has this id. \`key list\` shows them`)
    process.stdout.write(json ? `${JSON.stringify({ id, revoked: true })}\n` : `${id} is revoked\n`)
    return 0
  } finally {
    database.close()
  }
}

type Named = Pick<ApiKey, 'source' | 'scopes' | 'expiresMs'>

function namedBy(source: string | undefined, scopes: string[], expires: string | undefined): Named {
  const mistakes: string[] = []
  if (source === undefined) mistakes.push('key create needs --source NAME: what sends with it, as galaxy')
  else if (!sourceShape.test(source))
    mistakes.push(`--source ${source}: expected up to 64 letters, digits, dots, _ and -, first a letter or a digit`)
  if (scopes.length === 0) mistakes.push('key create needs --scope, as events:write:job; it may be given several times')
  const known = 'events:write:CATEGORY, events:write:*, events:read, probes:read, probes:write'
  for (const scope of scopes)
    if (!scopeShape.test(scope)) mistakes.push(`--scope ${scope}: is none. Take some of ${known}`)
  const expiresMs = expires === undefined ? null : parseWhen(expires, 'expires')
  if (expiresMs !== null && expiresMs <= Date.now()) mistakes.push(`--expires ${expires}: is past. Name a later day`)
  if (mistakes.length > 0) throw new Misconfigured(mistakes)
  return { source: source!, scopes: [...new Set(scopes)], expiresMs }
}

function create(keys: Keys, named: Named, json: boolean): number {
  const { id, text } = keys.create(named, Date.now())
  const { source, scopes, expiresMs } = named
  if (json) {
    process.stdout.write(`${JSON.stringify({ id, key: text, source, scopes, expires: textOf(expiresMs) })}\n`)
    return 0
  }
  process.stdout.write(`${text}\n`)
  const until = expiresMs === null ? '' : ` until ${textOf(expiresMs)}`
  process.stderr.write(
    `Key ${id} of ${source}, for ${scopes.join(', ')}${until}. It is shown this once: keep it now.\n`,
  )
  return 0
}

function list(keys: Keys, json: boolean): number {
  const all = keys.list()
  if (json) {
    const rows = all.map(({ id, source, scopes, createdMs, expiresMs, revokedMs, lastUsedDay }) => ({
      ...{ id, source, scopes, created: textOf(createdMs), expires: textOf(expiresMs) },
      ...{ revoked: textOf(revokedMs), last_used: lastUsedDay },
    }))
    process.stdout.write(`${JSON.stringify(rows)}\n`)
    return 0
  }
  const nowMs = Date.now()
  const rows = all.map((one) => [
    one.id,
    one.source,
    stateOf(one, nowMs),
    one.lastUsedDay ?? 'never',
    one.scopes.join(' '),
  ])
  process.stdout.write(columns([['id', 'source', 'state', 'last used', 'scopes'], ...rows]))
  return 0
}

function stateOf({ expiresMs, revokedMs }: ApiKey, nowMs: number): string {
  if (revokedMs !== null) return `revoked ${textOf(revokedMs)!.slice(0, 10)}`
  if (expiresMs === null) return 'valid'
  return `${expiresMs <= nowMs ? 'expired' : 'until'} ${textOf(expiresMs)!.slice(0, 10)}`
}

function textOf(timeMs: number | null): string | null {
  return timeMs === null ? null : new Date(timeMs).toISOString()
}
