// A site whose past is told by a test: rows of Galaxy, lines of the log and points, each where the test wants it.
import { writeFile } from 'node:fs/promises'
import type { Test } from 'tap'
import type { StoredPoint } from '../services/influxql.ts'
import type { Finished } from '../services/program.ts'
import { localTime } from '../world/access_line.ts'
import { encodeId } from '../world/encoded_id.ts'
import { idSecret } from '../world/living_site.ts'
import type { Changes, Live, LiveSite } from './live.ts'

export const reader = { username: 'reader', password: 'readers-password' }

const none = { equal: 0, missing: 0, extra: 0, unmatched: 0 }

export interface Document {
  since: string
  until: string
  days: {
    day: string
    equal: number
    missing: number
    extra: number
    unmatched: number
    domains: { domain: string; equal: number; missing: number; extra: number; unmatched: number }[]
    missing_ids?: number[]
    extra_points?: { invocation_id: number; time: string; domain: string; why: string }[]
  }[]
  equal: number
  missing: number
  extra: number
  unmatched: number
  unmatched_share: number
  ids_left_out: number
  repaired?: number
  refused?: number
}

/** Counts of which only those that are not 0 are told. */
export const counts = (told: Partial<typeof none>) => ({ ...none, ...told })

export class Audited {
  readonly live: Live
  readonly site: LiveSite
  #nextId = 1
  #nextLog = 1

  private constructor(live: Live, site: LiveSite) {
    this.live = live
    this.site = site
  }

  static async start(t: Test, live: Live, influxdb = live.influxdb): Promise<Audited> {
    const site = await live.site(t, influxdb)
    await influxdb.query('', `GRANT READ ON "${site.name}" TO "${reader.username}"`)
    return new Audited(live, site)
  }

  /** A row of that workflow, made at that instant (UTC, to the microsecond); returns its number. */
  async row(workflow: number, at: string): Promise<number> {
    const id = this.#nextId++
    await this.sql`
      insert into workflow_invocation (id, workflow_id, history_id, state, create_time, update_time)
      values (${id}, ${workflow + 1000}, 1, 'new', ${at}::text::timestamp, ${at}::text::timestamp)`
    return id
  }

  /** A row of a subworkflow, which the parent's run made. */
  async inside(parent: number, workflow: number, at: string): Promise<number> {
    const id = await this.row(workflow, at)
    await this.sql`
      insert into workflow_invocation_to_subworkflow_invocation_association
        (workflow_invocation_id, subworkflow_invocation_id) values (${parent}, ${id})`
    return id
  }

  get sql() {
    return this.live.postgres.sql(this.site.name)
  }

  line(workflow: number, at: string, { status = 200, lab = 'genome.' }: { status?: number; lab?: string | null } = {}) {
    const time = localTime(Date.parse(`${at}Z`) * 1000)
    const referer = lab === null ? '-' : `https://${lab}usegalaxy.org.au/`
    const request = `POST /api/workflows/${encodeId(idSecret, workflow)}/invocations HTTP/1.1`
    return `203.0.113.7 - - [${time}] "${request}" ${status} 512 "${referer}" "Mozilla/5.0"\n`
  }

  /** Reads lines as a log of their own; returns the counters. */
  async backfill(...lines: string[]): Promise<Record<string, number>> {
    const log = this.site.folder.file(`old-${this.#nextLog++}.log`)
    await writeFile(log, lines.join(''))
    const { status, stdout, stderr } = await this.site.run(['backfill', '--json', log])
    if (status !== 0) throw new Error(stderr)
    return JSON.parse(stdout)
  }

  run(args: string[], changes: Changes = {}): Promise<Finished> {
    const influxdb = { read: reader, ...(changes['influxdb'] as object | undefined) }
    return this.site.run(['audit', ...args], { ...changes, influxdb })
  }

  async audit(...args: string[]): Promise<Document & { status: number | null; stderr: string }> {
    const { status, stdout, stderr } = await this.run(['--json', ...args])
    if (stdout === '') throw new Error(stderr)
    return { ...JSON.parse(stdout), status, stderr }
  }

  points(): Promise<StoredPoint[]> {
    return this.live.influxdb.pointsOf(this.site.name, 'workflow_invocation')
  }

  /** Takes the point of an invocation away. */
  async remove(id: number): Promise<void> {
    const point = (await this.points()).find(({ fields }) => fields['invocation_id'] === id)
    await this.live.influxdb.query(this.site.name, `DELETE FROM "workflow_invocation" WHERE time = ${point!.time}`)
  }

  /** A point that nobody of ours wrote. */
  async plant(id: number, at: string, domain = 'planted'): Promise<void> {
    const time = `${Date.parse(`${at}Z`)}000001`
    await this.live.influxdb.write(
      this.site.name,
      `workflow_invocation,domain=${domain},identity=local count=1,invocation_id=${id}i ${time}`,
    )
  }
}

/** The totals alone. */
export function totals({ equal, missing, extra, unmatched }: Document) {
  return { equal, missing, extra, unmatched }
}
