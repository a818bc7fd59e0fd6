import postgres from 'postgres'
import { codeOf, messageOf, Unavailable } from '../base/errors.ts'

export type Query = postgres.TransactionSql

const connectTimeoutSeconds = 10
const statementTimeoutMs = 30_000
/** A server that hangs never ends the statement by itself. */
const answerTimeoutMs = 45_000
const connectionsMax = 2

/** Our own mistake in a statement (SQLSTATE classes: syntax, data); everything else may be otherwise tomorrow. */
const ownMistakes = /^(42601|42P02|42803|22[0-9A-Z]{3})$/

/** Reads a PostgreSQL database, and can do nothing else to it. */
export class Postgres {
  readonly #url: string
  readonly where: string
  #sql: postgres.Sql | null = null

  readonly #answerMs: number

  /** @param answerMs how long one transaction may take, at most 45 s */
  constructor(url: string, answerMs: number = answerTimeoutMs) {
    this.#url = url
    this.#answerMs = Math.min(answerTimeoutMs, answerMs)
    this.where = placeOf(url)
  }

  /**
   * Runs the queries of `ask` in one read-only transaction with a statement time-out.
   *
   * @throws Unavailable whatever the server or the way to it says, but for a mistake in the statement itself
   */
  async read<T>(ask: (query: Query) => Promise<T>): Promise<T> {
    this.#sql ??= this.#connect()
    const sql = this.#sql
    let timer: NodeJS.Timeout | undefined
    const silence = new Promise<never>((_, reject) => {
      timer = setTimeout(() => reject(new Silence(this.#answerMs)), this.#answerMs)
    })
    const work = this.#transaction(sql, ask)
    work.catch(() => {})
    try {
      return await Promise.race([work, silence])
    } catch (error) {
      this.#letGo()
      throw this.#translate(error)
    } finally {
      clearTimeout(timer)
    }
  }

  /**
   * After a failure the library would send a rollback, and that on a connection which may just have been lost ends the
   * program. So it is never told of one: the failure goes past it, and the connection is given up, at which the server
   * rolls back by itself.
   */
  #transaction<T>(sql: postgres.Sql, ask: (query: Query) => Promise<T>): Promise<T> {
    const { promise, resolve, reject } = Promise.withResolvers<T>()
    const transaction = sql.begin('read only', async (query) => {
      try {
        await query`select set_config('statement_timeout', ${String(statementTimeoutMs)}, true)`
        return await ask(query)
      } catch (error) {
        reject(error)
        return await new Promise<never>(() => {})
      }
    })
    transaction.then((answer) => resolve(answer as T), reject)
    return promise
  }

  async close(): Promise<void> {
    const sql = this.#sql
    this.#sql = null
    await sql?.end({ timeout: 1 })
  }

  #connect(): postgres.Sql {
    return postgres(this.#url, {
      max: connectionsMax,
      connect_timeout: connectTimeoutSeconds,
      idle_timeout: 300,
      backoff: false,
      // Statements that are prepared by name fail behind a pooler such as PgBouncer.
      prepare: false,
      // Asking for the server's types takes a further query; arrays are written as texts instead.
      fetch_types: false,
      onnotice: () => {},
      connection: { application_name: 'workflow-reporting' },
    })
  }

  #letGo(): void {
    void this.#sql?.end({ timeout: 0 }).catch(() => {})
    this.#sql = null
  }

  #translate(error: unknown): unknown {
    const code = codeOf(error)
    const isDatabase = error instanceof postgres.PostgresError
    if (isDatabase && ownMistakes.test(code)) return error
    const isConnection =
      error instanceof Silence || isDatabase || typeof (error as { code?: unknown })?.code === 'string'
    if (!isConnection) return error
    const remedy = remedies[code]
    return new Unavailable(
      {
        what: "Galaxy's database",
        where: this.where,
        cause: messageOf(error),
        ...(remedy !== undefined && { remedy }),
      },
      { cause: error },
    )
  }
}

const remedies: Record<string, string> = {
  '28P01': 'Check the password in galaxy.database_url',
  '28000': 'Check the user in galaxy.database_url, and pg_hba.conf on the server',
  '3D000': 'Check the database name in galaxy.database_url',
  '42501': 'Grant the SELECT rights that the README lists to the user of galaxy.database_url',
  '42P01': "Check that galaxy.database_url names Galaxy's own database",
  ECONNREFUSED: 'Is the server up, and the port right?',
  ENOTFOUND: 'Check the host in galaxy.database_url',
  '57014': 'A query took too long; is the server overloaded?',
}

class Silence extends Error {
  override name = 'Silence'
  readonly code = 'NO_ANSWER'
  constructor(waitedMs: number) {
    super(`no answer for ${waitedMs / 1000} s`)
  }
}

/** An array as PostgreSQL reads it from a text, to be cast where it is used: `${arrayOf(ids)}::int[]`. */
export function arrayOf(values: (number | string)[]): string {
  return `{${values.map((value) => (typeof value === 'number' ? value : `"${value.replace(/["\\]/g, '\\$&')}"`)).join(',')}}`
}

/** Host, port and database of a connection URL, without user and password. */
function placeOf(url: string): string {
  if (!URL.canParse(url)) return 'galaxy.database_url'
  const { hostname, port, pathname } = new URL(url)
  return `${hostname}:${port || 5432}${pathname}`
}
