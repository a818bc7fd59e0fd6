import { existsSync } from 'node:fs'
import { DatabaseSync, type StatementSync } from 'node:sqlite'
import { Failed, messageOf, Unavailable } from '../base/errors.ts'
import { isOutOfReach } from '../base/state.ts'

/** What was decided of a line, for ever: reading it again must make the same points again. */
export interface DecidedLine {
  /** Seconds since 1970, of its points. */
  second: number
  domain: string
  /** Whether it has one point without a row. */
  rowless: boolean
  /** Rows made before this instant (ms) were not asked about yet: the line was only read as context. */
  fromMs: number | null
}

const schemaVersion = 1
const schema = `
  create table line (
    line text primary key,
    second integer not null,
    domain text not null,
    rowless integer not null,
    from_ms integer,
    seen_day integer not null
  ) without rowid;
  create table invocation (
    invocation_id integer primary key,
    line text not null
  );
  create index invocation_line on invocation (line);
  create index line_seen_day on line (seen_day);
  create table domain (name text primary key) without rowid;
`
const dayMs = 86_400_000
/** A line that was forgotten and is read again makes its points again; of a row without a line it would make another. */
const neverForgotten = 4_000_000
const busyMs = 10_000

/**
 * Remembers which line each `workflow_invocation` row belongs to, before its point is written. Shared by every process
 * on one `state_dir`: each batch is decided in one transaction that excludes the others, and is on disk when it ends.
 */
export class Ledger {
  readonly #database: DatabaseSync
  readonly #keepDays: number
  readonly #line: StatementSync
  readonly #invocationsOf: StatementSync
  readonly #lineOf: StatementSync
  readonly #putLine: StatementSync
  readonly #putInvocation: StatementSync
  readonly #touch: StatementSync
  readonly #domain: StatementSync
  readonly #countDomains: StatementSync
  readonly #putDomain: StatementSync

  private constructor(database: DatabaseSync, keepDays: number) {
    this.#database = database
    this.#keepDays = keepDays
    this.#line = database.prepare('select second, domain, rowless, from_ms, seen_day from line where line = ?')
    this.#invocationsOf = database.prepare('select invocation_id from invocation where line = ? order by invocation_id')
    this.#lineOf = database.prepare('select line from invocation where invocation_id = ?')
    this.#putLine = database.prepare('insert or replace into line values (?, ?, ?, ?, ?, ?)')
    this.#putInvocation = database.prepare('insert into invocation values (?, ?)')
    this.#touch = database.prepare('update line set seen_day = ? where line = ?')
    this.#domain = database.prepare('select 1 from domain where name = ?')
    this.#countDomains = database.prepare('select count(*) as kept from domain')
    this.#putDomain = database.prepare('insert into domain values (?)')
  }

  /**
   * @param path the file, or `null` for one in memory alone
   * @param keepDays how long a line is remembered after it was last read
   */
  static open(path: string | null, keepDays: number): Ledger {
    try {
      const database = new DatabaseSync(path ?? ':memory:', { timeout: busyMs })
      // A commit must outlive a power cut: the point that follows it goes to another machine.
      database.exec('pragma journal_mode = wal; pragma synchronous = full')
      migrate(database)
      return new Ledger(database, keepDays)
    } catch (error) {
      const remedy =
        "Give the file to this program's user; if it is damaged, restore it or move it away (lines read before are then decided anew)"
      throw new Failed(`ledger (${path}): ${messageOf(error)}. ${remedy}`)
    }
  }

  /** A copy in memory, so that a dry run sees what was decided and changes nothing. */
  static openCopy(path: string, keepDays: number): Ledger {
    const ledger = Ledger.open(null, keepDays)
    if (existsSync(path)) {
      ledger.#database.prepare('attach database ? as saved').run(path)
      ledger.#database.exec(
        'insert into line select * from saved.line; insert into invocation select * from saved.invocation; insert into domain select * from saved.domain; detach saved',
      )
    }
    return ledger
  }

  /** Runs `decide` with every other process kept out; what it put is on disk when this returns. */
  transaction<T>(decide: () => T): T {
    this.#database.exec('begin immediate')
    try {
      const result = decide()
      this.#database.exec('commit')
      return result
    } catch (error) {
      // After some failures, a full disk among them, SQLite has rolled back by itself.
      if (this.#database.isTransaction) this.#database.exec('rollback')
      throw error
    }
  }

  line(line: string): DecidedLine | null {
    const row = this.#line.get(line)
    if (row === undefined) return null
    return {
      second: Number(row['second']),
      domain: String(row['domain']),
      rowless: row['rowless'] === 1,
      fromMs: row['from_ms'] === null ? null : Number(row['from_ms']),
    }
  }

  /**
   * Whose a row is: that line's second and domain; where it is nobody's, it becomes the property of no line with those
   * given, and no line can take it any more, however late it is read. To be called in a transaction.
   */
  claim(invocationId: number, second: number, domain: string): Pick<DecidedLine, 'second' | 'domain'> {
    const owner = this.lineOf(invocationId)
    if (owner !== null) return this.line(owner)!
    // A line's own name is hexadecimal, so it is never one of these.
    const name = `row:${invocationId}`
    this.#putLine.run(name, second, domain, 0, null, neverForgotten)
    this.putInvocation(invocationId, name)
    return { second, domain }
  }

  /** The rows that are this line's. */
  invocationsOf(line: string): number[] {
    return this.#invocationsOf.all(line).map((row) => Number(row['invocation_id']))
  }

  /** The line whose a row is. */
  lineOf(invocationId: number): string | null {
    const row = this.#lineOf.get(invocationId)
    return row === undefined ? null : String(row['line'])
  }

  putLine(line: string, decided: DecidedLine): void {
    this.#putLine.run(line, decided.second, decided.domain, decided.rowless ? 1 : 0, decided.fromMs, today())
  }

  putInvocation(invocationId: number, line: string): void {
    this.#putInvocation.run(invocationId, line)
  }

  /** Notes that the line was read again, so that it is kept as long as it can be met. */
  touch(line: string): void {
    const row = this.#line.get(line)
    if (row !== undefined && Number(row['seen_day']) !== today()) this.#touch.run(today(), line)
  }

  /** Takes a further host among those that keep their names, while there are fewer than `most`; false beyond that. */
  keepDomain(name: string, most: number): boolean {
    if (this.#domain.get(name) !== undefined) return true
    if (Number(this.#countDomains.get()!['kept']) >= most) return false
    this.#putDomain.run(name)
    return true
  }

  /** Forgets the lines, and their rows, that were not read for the days to keep. */
  prune(): number {
    const before = today() - this.#keepDays
    return this.transaction(() => {
      this.#database
        .prepare('delete from invocation where line in (select line from line where seen_day < ?)')
        .run(before)
      return Number(this.#database.prepare('delete from line where seen_day < ?').run(before).changes)
    })
  }

  close(): void {
    if (this.#database.isOpen) this.#database.close()
  }
}

/** What is thrown for an error of the ledger's file: one that time or room may mend is to be waited for. */
export function asUnavailable(error: unknown): unknown {
  if (!isOutOfReach(error)) return error
  const cause = messageOf(error)
  return new Unavailable({ what: 'ledger', where: 'state_dir', cause, remedy: 'Is the disk full?' })
}

function migrate(database: DatabaseSync): void {
  const found = () => Number(database.prepare('pragma user_version').get()!['user_version'])
  if (found() === schemaVersion) return
  database.exec('begin immediate')
  const version = found()
  if (version === 0) database.exec(`${schema}; pragma user_version = ${schemaVersion}`)
  database.exec('commit')
  if (version > schemaVersion) throw new Error(`it was made by a newer version of this program (format ${version})`)
}

function today(): number {
  return Math.floor(Date.now() / dayMs)
}
