import type { Counters } from '../base/counters.ts'
import { Stopped } from '../base/errors.ts'
import { type Patience, untilAvailable } from '../base/retry.ts'
import type { Postgres } from '../clients/postgres.ts'
import type { Columns } from '../galaxy/columns.ts'
import type { IdentitySettings } from '../galaxy/identity.ts'
import { asUnavailable, type Ledger } from '../galaxy/ledger.ts'
import type { Revisions } from '../galaxy/revisions.ts'
import { unknownDomain } from '../galaxy/site.ts'
import { type InvocationRow, Tables } from '../galaxy/tables.ts'
import type { Point } from '../pipeline/entry.ts'
import type { Sink } from '../pipeline/part.ts'
import { pointOfRow } from '../transforms/invocation_point.ts'

export interface RepairParts {
  database: Postgres
  columns: Columns
  ledger: Ledger
  revisions: Revisions
  identity: IdentitySettings
  sink: Sink<Point>
  patience: Patience
}

const batchMax = 1000

/**
 * Writes the points of rows that have none.
 *
 * Why none of them becomes a second one: before a point leaves, its row is claimed in the ledger, in a transaction that
 * keeps every collector out. If a line has the row already (its point may be on its way at this moment, or was refused),
 * the claim gives that line's second and domain, so that the point is the very one that the line makes. If none has it,
 * none ever will, and the row keeps its own second and `unknown`. Either way all who make this row's point make the same
 * one, and written twice it is one. What fails between the claim and the writing leaves a row that is missing still, and
 * whose next repair makes that same point again.
 */
export class Repair {
  readonly #parts: RepairParts

  constructor(parts: RepairParts) {
    this.#parts = parts
  }

  /** @throws Unavailable when patience has ended, Stopped; what is written by then stays, and may be written again */
  async write(missing: { id: number }[]): Promise<void> {
    const { sink, patience } = this.#parts
    for (let at = 0; at < missing.length; at += batchMax) {
      if (patience.signal.aborted) throw new Stopped()
      const ids = missing.slice(at, at + batchMax).map(({ id }) => id)
      const points = await untilAvailable(() => this.#points(ids), patience)
      await untilAvailable(() => sink.write(points), patience)
    }
  }

  async #points(ids: number[]): Promise<Point[]> {
    const { database, columns, revisions, identity, ledger } = this.#parts
    const { rows, stored } = await database.read(async (query) => {
      const tables = new Tables(query, columns)
      const rows = await tables.invocationsById(ids)
      const storedIds = new Set(rows.flatMap(({ storedWorkflowId }) => storedWorkflowId ?? []))
      const workflows = await tables.storedWorkflows([...storedIds])
      await revisions.load(tables, rows, [], [])
      return { rows, stored: new Map(workflows.map((workflow) => [workflow.id, workflow])) }
    })
    const placed = claimAll(ledger, rows)
    return rows.map((row, index) => pointOfRow(row, placed[index]!, { stored, revisions, identity }))
  }
}

function claimAll(ledger: Ledger, rows: InvocationRow[]) {
  try {
    return ledger.transaction(() =>
      rows.map((row) => ledger.claim(row.id, Math.floor(row.createdMs / 1000), unknownDomain)),
    )
  } catch (error) {
    throw asUnavailable(error)
  }
}

/** What became of the points of a repair. */
export type Repaired = Pick<Counters, 'written' | 'refused'>
