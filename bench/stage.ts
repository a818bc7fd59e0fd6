// PostgreSQL and InfluxDB of the bench, and a Galaxy's database for each log.
import { rmSync } from 'node:fs'
import { type Influxdb, startInfluxdb } from '../test/services/influxdb.ts'
import { type Postgres, startPostgres } from '../test/services/postgres.ts'
import { writeConfig } from '../test/services/program.ts'
import { type TemporaryFolder, temporaryFolder } from '../test/services/temporary.ts'
import { type Invocation, idSecret, workflowCount } from './log.ts'
import { type Measured, measure } from './measure.ts'

export const program = `${import.meta.dirname}/../dist/workflow-reporting.mjs`
const user = { username: 'writer', password: 'writers-password' }

export class Stage {
  readonly folder: TemporaryFolder
  readonly postgres: Postgres
  readonly influxdb: Influxdb

  private constructor(folder: TemporaryFolder, postgres: Postgres, influxdb: Influxdb) {
    this.folder = folder
    this.postgres = postgres
    this.influxdb = influxdb
  }

  static async start(): Promise<Stage> {
    const [folder, postgres, influxdb] = await Promise.all([temporaryFolder('bench'), startPostgres(), startInfluxdb()])
    await influxdb.addUser(user.username, user.password)
    return new Stage(folder, postgres, influxdb)
  }

  /** A Galaxy that made these invocations, and a database for their points. */
  async site(name: string, invocations: Invocation[], influxdbUrl = this.influxdb.url): Promise<Site> {
    const databaseUrl = await this.postgres.createGalaxyDatabase(name)
    const sql = this.postgres.sql(name)
    await sql`insert into galaxy_user (id, email, username, password) values (1, 'a@example.org', 'ann', '-')`
    await sql`insert into history (id, user_id) values (1, 1)`
    await sql`
      insert into stored_workflow (id, user_id, name, published)
      select id, 1, 'workflow ' || id, true from generate_series(1, ${workflowCount}) as id`
    await sql`
      insert into workflow (id, stored_workflow_id, name, create_time, update_time)
      select id, id, 'workflow ' || id, '2020-01-01', '2020-01-01' from generate_series(1, ${workflowCount}) as id`
    const times = invocations.map(({ endMs }) => new Date(endMs - 500).toISOString().slice(0, -1))
    await sql`
      insert into workflow_invocation (workflow_id, history_id, state, create_time, update_time)
      select made.workflow, 1, 'new', made.at, made.at
      from unnest(${invocations.map(({ workflow }) => workflow)}::int[], ${times}::text[]::timestamp[]) as made (workflow, at)`
    await sql`analyze`
    await this.influxdb.createDatabase(name)
    await this.influxdb.query('', `GRANT WRITE ON "${name}" TO "${user.username}"`)
    const log = this.folder.file(`${name}.log`)
    const stateFolder = this.folder.file(`${name}-state`)
    const config = await writeConfig(
      this.folder.path,
      {
        galaxy: { database_url: databaseUrl, id_secret: idSecret },
        domains: ['usegalaxy.org.au'],
        nginx: { access_log: log },
        influxdb: { url: influxdbUrl, database: name, ...user },
        state_dir: stateFolder,
      },
      `${name}.yml`,
    )
    return { name, log, config, stateFolder, databaseUrl, writeUrl: this.#writeUrl(name) }
  }

  /** Reads files as for the first time, and sees to it that every invocation in them became a point. */
  async backfill(site: Site, paths: string[], invocations: number): Promise<Measured> {
    rmSync(site.stateFolder, { recursive: true, force: true })
    const command = [process.execPath, program, 'backfill', '--json', '--config', site.config, ...paths]
    const measured = await measure(command)
    const { accepted, written } = JSON.parse(measured.stdout) as { accepted: number; written: number }
    const stored = (await this.influxdb.pointsOf(site.name, 'workflow_invocation')).length
    if (accepted !== invocations || written !== invocations || stored !== invocations)
      throw new Error(`${accepted} accepted, ${written} written, ${stored} stored, instead of ${invocations}`)
    return measured
  }

  #writeUrl(database: string): string {
    const { username, password } = user
    const query = new URLSearchParams({ db: database, u: username, p: password, precision: 'ns' })
    return `${this.influxdb.url}/write?${query}`
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.postgres[Symbol.asyncDispose]()
    await this.influxdb[Symbol.asyncDispose]()
    await this.folder.remove()
  }
}

export interface Site {
  name: string
  /** The log that `collect` follows. */
  log: string
  config: string
  stateFolder: string
  databaseUrl: string
  /** Where one who writes points without this program sends them. */
  writeUrl: string
}
