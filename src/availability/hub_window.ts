import * as z from 'zod'
import { maintenanceAt } from '../events/maintenance.ts'
import { maintenanceWindow } from '../events/maintenance_window.ts'
import type { Definitions } from './definitions.ts'
import type { ProbeName } from './probe_result.ts'

const names = (what: string) => z.array(z.string().min(1).max(100), `expected a list of ${what}`).max(200).default([])

/** A window of maintenance that the hub keeps, for probed and for pushed. */
export const hubWindow = maintenanceWindow.safeExtend({
  probes: names('names').describe('Of which probes and services; empty: of all.'),
  regions: names('regions').describe('As seen from which regions; empty: from all.'),
})

export type HubWindow = z.output<typeof hubWindow>

/** Those of the configuration, and those that were given through the API. */
export class HubWindows {
  readonly #configured: HubWindow[]
  readonly #definitions: Definitions
  #given: HubWindow[] = []

  constructor(configured: HubWindow[], definitions: Definitions) {
    this.#configured = configured
    this.#definitions = definitions
    this.reload()
  }

  /** After a change through the API. */
  reload(): void {
    this.#given = this.#definitions.all().map(({ body }) => body as HubWindow)
  }

  isMaintained({ name, region }: ProbeName, atMs: number): boolean {
    const isOf = (list: string[], one: string) => list.length === 0 || list.includes(one)
    const windows = [...this.#configured, ...this.#given].filter(
      ({ probes, regions }) => isOf(probes, name) && isOf(regions, region),
    )
    return windows.length > 0 && maintenanceAt(windows, atMs) !== null
  }
}
