import type { DatabaseSync } from 'node:sqlite'

/** What the outbox still has for a destination. */
export interface Backlog {
  /** Not tried yet; those that its filter will leave out are among them. */
  waiting: number
  /** When the oldest of these was accepted, ms since 1970; `null` where none waits. */
  waitingSinceMs: number | null
  /** Failed, and tried again later. */
  retrying: number
  dead: number
  /** Why the last one could not be delivered; `null` where none is dead. */
  lastCause: string | null
}

/** @param database as `openOutbox` opens it */
export function backlogOf(database: DatabaseSync, destination: string): Backlog {
  const one = (sql: string, ...values: (string | number)[]) => Object.values(database.prepare(sql).get(...values) ?? {})
  const number = (sql: string, ...values: (string | number)[]) => Number(one(sql, ...values)[0] ?? 0)
  const counted = (state: string) =>
    number(`select count(*) from delivery where destination = ? and state = '${state}'`, destination)
  const last = number("select seq from sqlite_sequence where name = 'event'")
  const cursor = one('select cursor from destination where name = ?', destination)[0]
  const waiting = cursor === undefined ? 0 : Math.max(0, last - Number(cursor))
  const oldest =
    waiting === 0 ? [] : one('select received_ms from event where seq > ? order by seq limit 1', Number(cursor))
  const [lastCause = null] = one(
    "select cause from delivery where destination = ? and state = 'dead' order by at_ms desc limit 1",
    destination,
  )
  return {
    waiting,
    waitingSinceMs: oldest[0] === undefined ? null : Number(oldest[0]),
    retrying: counted('retrying'),
    dead: counted('dead'),
    lastCause: lastCause === null ? null : String(lastCause),
  }
}
