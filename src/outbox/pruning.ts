import type { DatabaseSync } from 'node:sqlite'

const dayMs = 86_400_000
/** Of one transaction, so that nobody waits long for it. */
const eventsMax = 1000

export interface Keeping {
  keepDays: number
  /** How long an event is kept that one of the destinations did not take. */
  keepDeadDays: number
  /** Those that are configured; what others have not got keeps nothing. */
  destinations: string[]
}

/**
 * Forgets events that every destination has, or has given up, once they were kept long enough; at most a thousand, so
 * it is called again until it forgets none.
 *
 * @returns how many were forgotten
 * @throws SQLite's own error; `isOutOfReach` tells whether to try again
 */
export function prune(
  database: DatabaseSync,
  { keepDays, keepDeadDays, destinations }: Keeping,
  nowMs: number,
): number {
  const names = JSON.stringify(destinations)
  database.exec('begin immediate')
  try {
    const found = database
      .prepare(
        `select seq from event
         where received_ms < :before
           and seq <= (select coalesce(min(cursor), 9e18) from destination
                       where name in (select value from json_each(:names)))
           and not exists (select 1 from delivery
                           where delivery.seq = event.seq and destination in (select value from json_each(:names))
                             and (state = 'retrying' or state = 'dead' and received_ms >= :beforeDead))
         order by received_ms limit ${eventsMax}`,
      )
      .all({ before: nowMs - keepDays * dayMs, beforeDead: nowMs - keepDeadDays * dayMs, names })
    const seqs = JSON.stringify(found.map(({ seq }) => Number(seq)))
    for (const table of ['delivery', 'event'])
      database.prepare(`delete from ${table} where seq in (select value from json_each(?))`).run(seqs)
    database.exec('commit')
    return found.length
  } catch (error) {
    if (database.isTransaction) database.exec('rollback')
    throw error
  }
}
