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

  constructor(url: string) {
    this.#url = url
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
      timer = setTimeout(() => reject(new Silence()), answerTimeoutMs)
    })
    const work = sql.begin('read only', async (query) => {
      await query`select set_config('statement_timeout', ${String(statementTimeoutMs)}, true)`
      return await ask(query)
    })
    work.catch(() => {})
    try {
      return (await Promise.race([work, silence])) as T
    } catch (error) {
      if (error instanceof Silence) this.#letGo()
      throw this.#translate(error)
    } finally {
      clearTimeout(timer)
    }
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
  constructor() {
    super(`no answer for ${answerTimeoutMs / 1000} s`)
  }
}

/** Host, port and database of a connection URL, without user and password. */
function placeOf(url: string): string {
  if (!URL.canParse(url)) return 'galaxy.database_url'
  const { hostname, port, pathname } = new URL(url)
  return `${hostname}:${port || 5432}${pathname}`
}
