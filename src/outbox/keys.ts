import { createHash, randomBytes, timingSafeEqual } from 'node:crypto'
import type { DatabaseSync, StatementSync } from 'node:sqlite'
import { isOutOfReach } from '../base/state.ts'

export const keyTables = `
  create table api_key (
    id text primary key,
    hash blob not null,
    source text not null,
    scopes text not null,
    created_ms integer not null,
    expires_ms integer,
    revoked_ms integer,
    last_used_day text
  ) without rowid;
`

/** What a key may do: `events:write:CATEGORY`, where `*` is all of them, or one of the others as it stands. */
export const scopeShape = /^(?:events:write:(?:[A-Za-z0-9_-]{1,64}|\*)|events:read|probes:read|probes:write)$/
export const sourceShape = /^[A-Za-z0-9][A-Za-z0-9_.-]{0,63}$/

const shape = /^wr_([\da-f]{12})_([\w-]{43})$/

/** A key without what is secret in it. */
export interface ApiKey {
  /** Stands in the key itself, too, and is no secret. */
  id: string
  /** The `source` of the events that are sent with it. */
  source: string
  scopes: string[]
  createdMs: number
  expiresMs: number | null
  revokedMs: number | null
  /** The UTC day, as 2026-06-25. */
  lastUsedDay: string | null
}

export type Verdict = { key: ApiKey } | { refused: 'is no key of this hub' | 'is revoked' | 'has expired' }

/**
 * The keys by which senders are known. A key holds 256 random bits, which nobody can try through: one SHA-256 keeps it as
 * well as a slow hash made for passwords would, and costs nothing at each request. Hashes are compared in constant time,
 * so that how long it takes tells nothing of them.
 */
export class Keys {
  readonly #database: DatabaseSync
  readonly #find: StatementSync
  readonly #use: StatementSync
  /** The day of each that was written down last, so that one day is written once. */
  readonly #usedDay = new Map<string, string>()

  /** @param database as `openOutbox` opens it; other processes may change keys meanwhile */
  constructor(database: DatabaseSync) {
    this.#database = database
    this.#find = database.prepare('select * from api_key where id = ?')
    this.#use = database.prepare('update api_key set last_used_day = ? where id = ?')
  }

  /** Makes a key. Its text is nowhere but in what is returned. */
  create(named: Pick<ApiKey, 'source' | 'scopes' | 'expiresMs'>, nowMs: number): { id: string; text: string } {
    const id = randomBytes(6).toString('hex')
    const secret = randomBytes(32).toString('base64url')
    this.#database
      .prepare('insert into api_key values (?, ?, ?, ?, ?, ?, null, null)')
      .run(id, hashOf(secret), named.source, named.scopes.join(' '), nowMs, named.expiresMs)
    return { id, text: `wr_${id}_${secret}` }
  }

  /** All of them, the oldest first. */
  list(): ApiKey[] {
    return this.#database.prepare('select * from api_key order by created_ms, id').all().map(keyOf)
  }

  /** Whether there is such a key; one that is revoked already stays so since then. */
  revoke(id: string, nowMs: number): boolean {
    const revoke = this.#database.prepare('update api_key set revoked_ms = coalesce(revoked_ms, ?) where id = ?')
    return revoke.run(nowMs, id).changes === 1
  }

  /** The key that a sender showed, and that it was used today. */
  verify(text: string, nowMs: number): Verdict {
    const [, id = '', secret = ''] = shape.exec(text) ?? []
    const row = this.#find.get(id)
    if (row === undefined || !timingSafeEqual(hashOf(secret), row['hash'] as Uint8Array))
      return { refused: 'is no key of this hub' }
    const key = keyOf(row)
    if (key.revokedMs !== null) return { refused: 'is revoked' }
    if (key.expiresMs !== null && key.expiresMs <= nowMs) return { refused: 'has expired' }
    this.#used(key, new Date(nowMs).toISOString().slice(0, 10))
    return { key }
  }

  /** A day that cannot be written, as on a full disk, keeps nobody out. */
  #used({ id, lastUsedDay }: ApiKey, day: string): void {
    if (lastUsedDay === day || this.#usedDay.get(id) === day) return
    this.#usedDay.set(id, day)
    try {
      this.#use.run(day, id)
    } catch (error) {
      if (!isOutOfReach(error)) throw error
    }
  }
}

/** Whether the scopes of a key let it write events of a category. */
export function mayWrite({ scopes }: ApiKey, category: string): boolean {
  return scopes.includes('events:write:*') || scopes.includes(`events:write:${category}`)
}

function hashOf(secret: string): Uint8Array {
  return createHash('sha256').update(secret).digest()
}

function keyOf(row: Record<string, unknown>): ApiKey {
  const number = (name: string) => (row[name] === null ? null : Number(row[name]))
  return {
    id: String(row['id']),
    source: String(row['source']),
    scopes: String(row['scopes']).split(' '),
    createdMs: Number(row['created_ms']),
    expiresMs: number('expires_ms'),
    revokedMs: number('revoked_ms'),
    lastUsedDay: row['last_used_day'] === null ? null : String(row['last_used_day']),
  }
}
