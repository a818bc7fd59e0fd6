import { type Patience, pause, untilAvailable } from '../base/retry.ts'
import type { Postgres } from '../clients/postgres.ts'
import type { Columns } from '../galaxy/columns.ts'
import { type CountedRow, idMax, Tables } from '../galaxy/tables.ts'

const pageRows = 10_000
const longestPauseMs = 1000
/** Ids and times are taken one after the other, and not by all at once: so far apart they may be in another order. */
const disorderMs = 86_400_000

/** Galaxy's `workflow_invocation` rows of a span of time, without an index on time and without pressing the database. */
export class Invocations {
  readonly #database: Postgres
  readonly #columns: Columns
  readonly #patience: Patience

  constructor(database: Postgres, columns: Columns, patience: Patience) {
    this.#database = database
    this.#columns = columns
    this.#patience = patience
  }

  /**
   * Pages of rows by id, every row of the span among them and others around it, each with the share that is done then.
   * `create_time` has no index, so the ids between which the span lies are found by bisection. After each page the
   * database is left alone for as long as the page took.
   *
   * @throws Unavailable
   */
  async *pages(sinceMs: number, untilMs: number): AsyncGenerator<{ rows: CountedRow[]; share: number }> {
    const greatest = await this.#ask((tables) => tables.lastInvocationId())
    const madeFrom = (timeMs: number) => async (id: number) => {
      const [row] = await this.#ask((tables) => tables.invocationsAfter(id - 1, 1))
      return row === undefined || row.createdMs >= timeMs
    }
    const first = await leastWhere(1, greatest, madeFrom(sinceMs - disorderMs))
    const end = await leastWhere(first, greatest, madeFrom(untilMs + disorderMs))
    let after = first - 1
    while (after < end - 1) {
      const startedMs = performance.now()
      const rows = await this.#ask((tables) => tables.invocationsAfter(after, pageRows))
      if (rows.length === 0) return
      after = rows.at(-1)!.id
      yield { rows, share: Math.min(1, (after - first + 1) / (end - first)) }
      await pause(Math.min(longestPauseMs, performance.now() - startedMs), this.#patience.signal)
    }
  }

  async byId(ids: number[]): Promise<Map<number, CountedRow>> {
    // A point may have been written by anybody, with any number.
    const possible = ids.filter((id) => Number.isInteger(id) && id > 0 && id <= idMax)
    const rows = await this.#ask((tables) => tables.countedById(possible))
    return new Map(rows.map((row) => [row.id, row]))
  }

  #ask<T>(question: (tables: Tables) => Promise<T>): Promise<T> {
    return untilAvailable(
      () => this.#database.read((query) => question(new Tables(query, this.#columns))),
      this.#patience,
    )
  }
}

/** The least number from `low` to `high` for which it holds, and so for all greater ones; `high + 1` where it is none. */
export async function leastWhere(
  low: number,
  high: number,
  holds: (number: number) => Promise<boolean>,
): Promise<number> {
  let [from, to] = [low, high + 1]
  while (from < to) {
    const middle = Math.floor((from + to) / 2)
    if (await holds(middle)) to = middle
    else from = middle + 1
  }
  return from
}
