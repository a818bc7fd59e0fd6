// What the tests of one file share: servers, sites with logs of their own, and collectors that end with their test.
import { appendFile, readFile } from 'node:fs/promises'
import { setTimeout as sleep } from 'node:timers/promises'
import type { Test } from 'tap'
import type { Child } from '../services/child.ts'
import { type Influxdb, startInfluxdb } from '../services/influxdb.ts'
import { type Postgres, startPostgres } from '../services/postgres.ts'
import { type Finished, run, start, writeConfig } from '../services/program.ts'
import { type TemporaryFolder, temporaryFolder } from '../services/temporary.ts'
import { localTime } from '../world/access_line.ts'
import { encodeId } from '../world/encoded_id.ts'
import { foundIn, idSecret, LivingSite } from '../world/living_site.ts'

export const user = { username: 'writer', password: 'writers-password' }

type Section = Record<string, unknown>
/** Keys of a configuration that take the place of the site's own, within each section. */
export type Changes = Record<string, Section | string | string[] | number | null>

/** Asks until the answer is yes. For what no event tells, as that a database of another process holds a point. */
export async function until(what: string, holds: () => Promise<boolean> | boolean, timeoutMs = 20_000): Promise<void> {
  const deadline = Date.now() + timeoutMs
  while (!(await holds())) {
    if (Date.now() > deadline) throw new Error(`not within ${timeoutMs} ms: ${what}`)
    await sleep(20)
  }
}

/** An access log's line: so many seconds after midnight somebody invoked that workflow. */
export function requestLine(workflow: number | string, second: number, { status = 200 } = {}): string {
  const time = localTime((Date.UTC(2026, 5, 25) + second * 1000) * 1000)
  const id = typeof workflow === 'number' ? encodeId(idSecret, workflow) : workflow
  const request = `POST /api/workflows/${id}/invocations HTTP/1.1`
  return `203.0.113.7 - - [${time}] "${request}" ${status} 512 "https://usegalaxy.org.au/" "Mozilla/5.0"\n`
}

/** PostgreSQL and InfluxDB for the tests of one file. */
export class Live {
  readonly postgres: Postgres
  readonly influxdb: Influxdb
  #sites = 0

  private constructor(postgres: Postgres, influxdb: Influxdb) {
    this.postgres = postgres
    this.influxdb = influxdb
  }

  static async start(t: Test): Promise<Live> {
    const [postgres, influxdb] = await Promise.all([startPostgres(), startInfluxdb()])
    t.teardown(() => Promise.all([postgres[Symbol.asyncDispose](), influxdb[Symbol.asyncDispose]()]))
    await influxdb.addUser(user.username, user.password)
    return new Live(postgres, influxdb)
  }

  /** A site with a log, rows and a database of points that no other test has. It ends with the test. */
  async site(t: Test, influxdb = this.influxdb): Promise<LiveSite> {
    const name = `live${++this.#sites}`
    const folder = await temporaryFolder(name)
    const site = await LivingSite.start(this.postgres, name, folder)
    t.teardown(async () => {
      await site.nginx.stop()
      await folder.remove()
    })
    await influxdb.createDatabase(name)
    await influxdb.query('', `GRANT WRITE ON "${name}" TO "${user.username}"`)
    return new LiveSite(t, site, folder, name, influxdb)
  }
}

export class LiveSite {
  readonly site: LivingSite
  readonly folder: TemporaryFolder
  /** Of Galaxy's database, and of that of points. */
  readonly name: string
  readonly #t: Test
  readonly #influxdb: Influxdb
  #configurations = 0

  constructor(t: Test, site: LivingSite, folder: TemporaryFolder, name: string, influxdb: Influxdb) {
    this.#t = t
    this.site = site
    this.folder = folder
    this.name = name
    this.#influxdb = influxdb
  }

  configuration(changes: Changes = {}): Record<string, unknown> {
    const own = this.site.configuration(this.#influxdb, this.name, user) as Record<string, unknown>
    const merged = Object.entries(changes).map(([key, value]) => [
      key,
      isSection(value) && isSection(own[key]) ? { ...own[key], ...value } : value,
    ])
    return { ...own, ...(Object.fromEntries(merged) as object) }
  }

  config(changes?: Changes): Promise<string> {
    return writeConfig(this.folder.path, this.configuration(changes), `config-${++this.#configurations}.yml`)
  }

  /** Starts `collect` and waits until it reads, or says what it waits for. */
  async collect(changes?: Changes, args: string[] = []): Promise<Child> {
    const collector = await start(['collect', ...args], { config: await this.config(changes) })
    this.#t.teardown(() => collector.stop())
    await collector.waitFor(/event=(collecting|waiting) /)
    return collector
  }

  async run(args: string[], changes?: Changes): Promise<Finished> {
    return await run(args, { config: await this.config(changes) })
  }

  found() {
    return foundIn(this.#influxdb, this.name)
  }

  /** Waits until everything that was made is found, and fails where there is more. */
  async wholeWithin(timeoutMs = 20_000): Promise<void> {
    const { made } = this.site
    const wanted = made.invocations.length + made.withoutRow + made.refused
    await until(
      `${wanted} points in ${this.name}`,
      async () => {
        const { invocations, withoutRow, refused } = await this.found()
        return invocations.length + withoutRow + refused >= wanted
      },
      timeoutMs,
    )
    const { invocations, ...rest } = await this.found()
    this.#t.same(
      { ...rest, invocations: invocations.sort((a, b) => a - b) },
      { ...made, invocations: [...made.invocations].sort((a, b) => a - b) },
      'each invocation once',
    )
  }

  /** Adds text to the log, beside what nginx writes. */
  async write(text: string): Promise<void> {
    await appendFile(this.site.accessLog, text)
  }

  readLog(): Promise<string> {
    return readFile(this.site.accessLog, 'utf8')
  }
}

function isSection(value: unknown): value is Section {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}

/** The counters that a collector tells when it ends. */
export function countersOf(stderr: string): Record<string, number> {
  const line = /event=collected (.*)/.exec(stderr)?.[1] ?? ''
  return Object.fromEntries([...line.matchAll(/(\w+)=(\d+)/g)].map(([, name, value]) => [name, Number(value)]))
}
