// A Galaxy server that is used while a test goes on: real nginx writes the log, rows are there before the answer.
import { execFile } from 'node:child_process'
import { mkdir, rename, writeFile } from 'node:fs/promises'
import { setTimeout as sleep } from 'node:timers/promises'
import { promisify } from 'node:util'
import type { Influxdb } from '../services/influxdb.ts'
import { type Nginx, type NginxOptions, startNginx } from '../services/nginx.ts'
import type { Postgres } from '../services/postgres.ts'
import type { TemporaryFolder } from '../services/temporary.ts'
import { encodeId } from './encoded_id.ts'

export const idSecret = 'a secret of the living site'
const labs = ['genome', 'proteomics', 'singlecell', 'microbiology']
/** Workflows that get rows, and one that never does: Galaxy answered, and what it made was deleted since. */
const workflowCount = 8
const rowlessWorkflow = 99

export type Invoking = {
  /** One of those that get rows; the next in turn when left out. */
  workflow?: number
  status?: number
  /** How long Galaxy takes from the rows to its answer. */
  answerMs?: number
}

export class LivingSite {
  readonly nginx: Nginx
  readonly accessLog: string
  readonly readerUrl: string
  readonly rotatedPattern: string
  /** What must be found in the end. */
  readonly made = { invocations: [] as number[], withoutRow: 0, refused: 0 }
  /** How far the clock that Galaxy's rows are made by is ahead; nginx's is its own. */
  clockAheadMs = 0
  /** What clients call themselves; many of them are told apart by it. */
  userAgent: () => string | undefined = () => undefined
  readonly #postgres: Postgres
  readonly #database: string
  readonly #rotatedFolder: string
  #rotations = 0
  #nextInvocation = 1

  private constructor(nginx: Nginx, folder: TemporaryFolder, postgres: Postgres, database: string, readerUrl: string) {
    this.nginx = nginx
    this.accessLog = folder.file('access.log')
    this.#rotatedFolder = folder.file('olddir')
    this.rotatedPattern = `${this.#rotatedFolder}/access.log-*`
    this.#postgres = postgres
    this.#database = database
    this.readerUrl = readerUrl
  }

  static async start(
    postgres: Postgres,
    database: string,
    folder: TemporaryFolder,
    options: Omit<NginxOptions, 'accessLog'> = {},
  ): Promise<LivingSite> {
    const readerUrl = await postgres.createGalaxyDatabase(database)
    const sql = postgres.sql(database)
    await sql`insert into galaxy_user (id, email, username, password) values (1, 'a@example.org', 'ann', '-')`
    await sql`insert into history (id, user_id) values (1, 1)`
    for (const id of [...Array(workflowCount).keys(), rowlessWorkflow - 1].map((index) => index + 1)) {
      await sql`insert into stored_workflow (id, user_id, name, published) values (${id}, 1, ${`workflow ${id}`}, true)`
      await sql`insert into workflow (id, stored_workflow_id, name, create_time, update_time) values (${id + 1000}, ${id}, ${`workflow ${id}`}, '2020-01-01', '2020-01-01')`
    }
    await mkdir(folder.file('olddir'))
    const nginx = await startNginx({ ...options, accessLog: folder.file('access.log') })
    return new LivingSite(nginx, folder, postgres, database, readerUrl)
  }

  configuration(influxdb: Influxdb, database: string, user: { username: string; password: string }): object {
    return {
      galaxy: { database_url: this.readerUrl, id_secret: idSecret, max_request_seconds: 10 },
      domains: ['usegalaxy.org.au'],
      nginx: { access_log: this.accessLog, rotated: [this.rotatedPattern], start: 'beginning' },
      influxdb: { url: influxdb.url, database, ...user },
    }
  }

  /** One request that makes this many invocations, as a batch does. */
  async invoke(count = 1, { status, answerMs = 0, ...asked }: Invoking = {}): Promise<number[]> {
    const workflow = asked.workflow ?? 1 + (this.#nextInvocation % workflowCount)
    const ids = Array.from({ length: count }, () => this.#nextInvocation++)
    await this.#postgres.sql(this.#database)`
      insert into workflow_invocation (id, workflow_id, history_id, state, create_time, update_time)
      select id, ${workflow + 1000}, 1, 'new', now.time, now.time
      from unnest(${ids}::int[]) as id,
        (select clock_timestamp() at time zone 'UTC' + ${this.clockAheadMs} * interval '1 ms' as time) as now`
    if (answerMs > 0) await sleep(answerMs)
    await this.#post(workflow, status)
    this.made.invocations.push(...ids)
    return ids
  }

  async invokeWithoutRow(): Promise<void> {
    await this.#post(rowlessWorkflow)
    this.made.withoutRow++
  }

  /** By its status; one that says that Galaxy failed is sent to the workflow without rows, or it might have made one. */
  async refuse(status = 403): Promise<void> {
    await this.#post(status < 500 ? 1 : rowlessWorkflow, status)
    this.made.refused++
  }

  async browse(): Promise<void> {
    await this.nginx.request('/api/histories', { method: 'GET' })
  }

  /**
   * Renames the log into another folder and makes a new one, as logrotate does with `create`; until nginx is told, it
   * goes on writing to the old file.
   */
  async rotate(beforeReopen: () => Promise<unknown>): Promise<string> {
    const rotated = `${this.#rotatedFolder}/access.log-${20_260_000 + ++this.#rotations}`
    await rename(this.accessLog, rotated)
    await writeFile(this.accessLog, '', { flag: 'a' })
    // So that whoever takes the new file for the only one has time to.
    await sleep(300)
    await beforeReopen()
    await this.nginx.reopen()
    return rotated
  }

  async compress(rotated: string): Promise<void> {
    await promisify(execFile)('gzip', [rotated])
  }

  async #post(workflow: number, status = 200): Promise<void> {
    const lab = labs[this.#nextInvocation % labs.length]
    const userAgent = this.userAgent()
    await this.nginx.request(invocationPath(workflow), {
      headers: {
        referer: `https://${lab}.usegalaxy.org.au/workflows/list`,
        'x-status': String(status),
        ...(userAgent !== undefined && { 'user-agent': userAgent }),
      },
    })
  }
}

export const invocationPath = (workflow: number) => `/api/workflows/${encodeId(idSecret, workflow)}/invocations`

/** What a database of points holds of a living site, for comparison with what was made. */
export async function foundIn(influxdb: Influxdb, database: string) {
  const points = await influxdb.pointsOf(database, 'workflow_invocation')
  const invocations = points.flatMap(({ fields }) =>
    fields['invocation_id'] === undefined ? [] : [Number(fields['invocation_id'])],
  )
  const refused = await influxdb.pointsOf(database, 'workflow_invocation_rejected')
  return { invocations, withoutRow: points.length - invocations.length, refused: refused.length }
}
