import { createHash } from 'node:crypto'
import type { DatabaseSync } from 'node:sqlite'

/** Probes and maintenance windows that were given through the API, as they were given. */
export const definitionTables = `
  create table definition (
    kind text not null check (kind in ('probe', 'maintenance')),
    name text not null,
    body text not null,
    changed_ms integer not null,
    primary key (kind, name)
  ) without rowid;
`
export type DefinitionKind = 'probe' | 'maintenance'

export interface Definition {
  name: string
  body: unknown
  changedMs: number
  /** Another where anything in it is another (RFC 9110, 8.8.3). */
  etag: string
}

/** More are taken for a mistake of a program. */
export const definitionsMax = 2000

/** What the API was told to keep of one kind. Each change is on disk when the call returns. */
export class Definitions {
  readonly #database: DatabaseSync
  readonly #kind: DefinitionKind

  /** @param database as `openOutbox` opens it, `full` */
  constructor(database: DatabaseSync, kind: DefinitionKind) {
    this.#database = database
    this.#kind = kind
  }

  /** By name. */
  all(): Definition[] {
    const rows = this.#database.prepare('select * from definition where kind = ? order by name').all(this.#kind)
    return rows.map(definitionOf)
  }

  find(name: string): Definition | null {
    const row = this.#database.prepare('select * from definition where kind = ? and name = ?').get(this.#kind, name)
    return row === undefined ? null : definitionOf(row)
  }

  /** @returns whether there was none of that name; `full` where there are too many to take another */
  put(name: string, body: unknown, nowMs: number): 'made' | 'changed' | 'full' {
    const before = this.find(name)
    if (before === null && this.all().length >= definitionsMax) return 'full'
    this.#database
      .prepare('insert or replace into definition values (?, ?, ?, ?)')
      .run(this.#kind, name, JSON.stringify(body), nowMs)
    return before === null ? 'made' : 'changed'
  }

  /** @returns whether there was one */
  remove(name: string): boolean {
    const done = this.#database.prepare('delete from definition where kind = ? and name = ?').run(this.#kind, name)
    return Number(done.changes) > 0
  }
}

function definitionOf(row: Record<string, unknown>): Definition {
  const body = String(row['body'])
  return { name: String(row['name']), body: JSON.parse(body), changedMs: Number(row['changed_ms']), etag: etagOf(body) }
}

/** The same for the same text. */
export function etagOf(text: string): string {
  return `"${createHash('sha256').update(text).digest('base64url').slice(0, 22)}"`
}
