import { messageOf, Unavailable } from '../base/errors.ts'
import { openToWrite, type SqliteFormat } from '../base/sqlite_file.ts'
import { isOutOfReach } from '../base/state.ts'

const format: SqliteFormat = {
  what: 'record of what was sent',
  key: 'state_dir',
  schema: `
    create table sent (
      event_id text primary key,
      state text not null check (state in ('sending', 'failed', 'sent')),
      times integer not null,
      at_ms integer not null
    ) without rowid;
    create index sent_at on sent (at_ms);
    create table flushed (times integer not null);
    insert into flushed values (0);
  `,
  schemaVersion: 1,
  applicationId: 0x77_66_73_74,
  remedy: "Give the file to this program's user. Without it, events that are delivered again count twice",
}
const dayMs = 86_400_000
const pruneEveryMs = 3_600_000

/**
 * What is known of an event: nothing was sent of it (`new`), or it was and an answer said no (`failed`); it was sent
 * and no answer is known (`sending`); it was taken (`sent`).
 */
export type SentState = 'new' | 'sending' | 'failed' | 'sent'

/**
 * Which events were sent to a service that does not know an event again: one row each. What `begin` and `flush` wrote
 * outlives a power cut, the rest a killed program: waiting for the disk keeps the whole process waiting. All throw `Unavailable` where the file cannot be used just now, and `Failed` where it never can.
 */
export class SentRecord {
  readonly #path: string
  readonly #keepMs: number
  #open: Statements | null = null
  #prunedMs = 0

  /** The file is opened, and made where there is none, when it is first needed. */
  constructor(path: string, keepDays: number) {
    this.#path = path
    this.#keepMs = keepDays * dayMs
  }

  stateOf(eventId: string): SentState {
    return this.#try(({ find }) => (find.get(eventId)?.['state'] ?? 'new') as SentState)
  }

  /** Before they are sent. */
  begin(eventIds: string[], nowMs: number): void {
    this.#together('full', ({ begin, prune }) => {
      for (const id of eventIds) begin.run(id, nowMs)
      if (nowMs - this.#prunedMs < pruneEveryMs) return
      prune.run(nowMs - this.#keepMs)
      this.#prunedMs = nowMs
    })
  }

  /** When the answer is known. */
  end(eventIds: string[], state: 'sent' | 'failed', nowMs: number): void {
    this.#together('normal', ({ end }) => {
      for (const id of eventIds) end.run(state, nowMs, id)
    })
  }

  /** Returns when everything that was written is on disk. */
  flush(): void {
    // Committing a change waits for all of the log before it, too.
    this.#together('full', ({ touch }) => touch.run())
  }

  close(): void {
    this.#open?.database.close()
    this.#open = null
  }

  #together(synchronous: 'full' | 'normal', work: (statements: Statements) => void): void {
    this.#try((statements) => {
      const { database } = statements
      database.exec(`pragma synchronous = ${synchronous}; begin immediate`)
      try {
        work(statements)
        database.exec('commit')
      } catch (error) {
        if (database.isTransaction) database.exec('rollback')
        throw error
      }
    })
  }

  #try<T>(work: (statements: Statements) => T): T {
    try {
      this.#open ??= opened(this.#path)
      return work(this.#open)
    } catch (error) {
      if (!isOutOfReach(error)) throw error
      const remedy = 'Make room on its disk, or let go of the file'
      throw new Unavailable({ what: format.what, where: this.#path, cause: messageOf(error), remedy })
    }
  }
}

type Statements = ReturnType<typeof opened>

function opened(path: string) {
  const database = openToWrite(path, format, 'full')
  return {
    database,
    find: database.prepare('select state from sent where event_id = ?'),
    begin: database.prepare(
      `insert into sent values (?, 'sending', 1, ?)
       on conflict do update set state = 'sending', times = times + 1, at_ms = excluded.at_ms where state <> 'sent'`,
    ),
    end: database.prepare('update sent set state = ?, at_ms = ? where event_id = ?'),
    touch: database.prepare('update flushed set times = times + 1'),
    prune: database.prepare('delete from sent where at_ms < ?'),
  }
}
