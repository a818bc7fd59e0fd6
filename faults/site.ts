// One Galaxy with its log, a collector beside it and a database of points: what a series of rounds is done to.
import { mkdir, readdir, rm } from 'node:fs/promises'
import { setTimeout as sleep } from 'node:timers/promises'
import { type Influxdb, startInfluxdb } from '../test/services/influxdb.ts'
import { type Postgres, startPostgres } from '../test/services/postgres.ts'
import { writeConfig } from '../test/services/program.ts'
import { type TemporaryFolder, temporaryFolder } from '../test/services/temporary.ts'
import { LivingSite } from '../test/world/living_site.ts'
import { type Clock, makeClock } from './clock.ts'
import { Collector } from './collector.ts'
import { compare, type Difference } from './comparison.ts'
import type { Surroundings } from './fault.ts'
import { type Gate, startGate } from './gate.ts'
import { unreadOf } from './saved_place.ts'
import { mountSmallDisk, type SmallDisk } from './small_disk.ts'
import { uncertainWorkflows } from './traffic.ts'

export interface Servers {
  postgres: Postgres
  influxdb: Influxdb
}

/** As with logrotate's `rotate`. */
const rotatedMost = 6

export class Site {
  readonly name: string
  readonly living: LivingSite
  readonly collector: Collector
  readonly influxdb: Influxdb
  readonly postgres: Postgres
  readonly user: { username: string; password: string }
  readonly stateFolder: string
  readonly rotatedFolder: string
  readonly #gate: Gate | undefined
  readonly #disk: SmallDisk | undefined
  readonly #clock: Clock | undefined
  readonly #folder: TemporaryFolder
  readonly #undo: AsyncDisposableStack
  /** Invocations of which InfluxDB refuses the point for good. */
  readonly refusable = new Set<number>()
  #markers = 0

  private constructor(
    parts: Pick<Site, 'name' | 'living' | 'collector' | 'influxdb' | 'postgres' | 'user' | 'stateFolder'>,
    instruments: { gate: Gate | undefined; disk: SmallDisk | undefined; clock: Clock | undefined },
    folder: TemporaryFolder,
    undo: AsyncDisposableStack,
  ) {
    this.name = parts.name
    this.living = parts.living
    this.collector = parts.collector
    this.influxdb = parts.influxdb
    this.postgres = parts.postgres
    this.user = parts.user
    this.stateFolder = parts.stateFolder
    this.rotatedFolder = folder.file('olddir')
    this.#gate = instruments.gate
    this.#disk = instruments.disk
    this.#clock = instruments.clock
    this.#folder = folder
    this.#undo = undo
  }

  /** @param program the built file */
  static async start(servers: Servers, name: string, program: string, needs: Surroundings): Promise<Site> {
    await using undo = new AsyncDisposableStack()
    const folder = undo.use(await temporaryFolder(name))
    const influxdb = needs.own === 'influxdb' ? undo.use(await startInfluxdb()) : servers.influxdb
    const postgres = needs.own === 'postgres' ? undo.use(await startPostgres()) : servers.postgres
    const gate = needs.gate ? undo.use(await startGate(influxdb.port)) : undefined
    const clock = needs.clock ? makeClock(folder.file('clock')) : undefined
    const user = { username: `writer-${name}`, password: 'writers-password' }
    await influxdb.createDatabase(name)
    await influxdb.addUser(user.username, user.password, { [name]: 'WRITE' })

    const living = await LivingSite.start(postgres, name, folder, clock && { env: clock.env })
    undo.defer(async () => {
      await living.nginx.stop()
      await postgres.sql(name).end({ timeout: 1 })
    })
    await postgres.sql(name)`
      insert into stored_workflow (id, user_id, name, published)
      select id, 1, 'workflow ' || id, true
      from generate_series(${uncertainWorkflows.first}::int, ${uncertainWorkflows.first + uncertainWorkflows.count}) as id`
    await postgres.sql(name)`
      insert into workflow (id, stored_workflow_id, name, create_time, update_time)
      select id + 1000, id, name, '2020-01-01', '2020-01-01'
      from stored_workflow where id >= ${uncertainWorkflows.first}`

    await mkdir(folder.file('state'), { mode: 0o700 })
    const disk = needs.smallDisk ? undo.use(await mountSmallDisk(folder.file('state'))) : undefined
    const configuration = living.configuration(influxdb, name, user) as Record<string, unknown>
    if (gate) configuration['influxdb'] = { ...(configuration['influxdb'] as object), url: gate.url }
    const config = await writeConfig(folder.path, configuration)
    const through = disk?.through ?? (needs.bound ? boundByPermissions : [])
    const collector = new Collector({ program, config, through, ...(clock && { env: clock.env }) })
    undo.defer(() => collector.kill())
    await collector.start()
    const stateFolder = disk?.folder ?? folder.file('state')
    const parts = { name, living, collector, influxdb, postgres, user, stateFolder }
    return new Site(parts, { gate, disk, clock }, folder, undo.move())
  }

  get log(): string {
    return this.living.accessLog
  }

  get placeFile(): string {
    return `${this.stateFolder}/place.json`
  }

  get gate(): Gate {
    return had(this.#gate, 'gate')
  }

  get disk(): SmallDisk {
    return had(this.#disk, 'disk')
  }

  get clock(): Clock {
    return had(this.#clock, 'clock')
  }

  /** A path of its own in the site's folder; nothing is made. */
  file(name: string): string {
    return this.#folder.file(name)
  }

  /**
   * Waits until the saved place says that everything logged was read and accepted; the reason where it does not within
   * the time. nginx writes a line just after its answer, so one request more has to be answered first.
   */
  async catchUp(timeoutMs: number, signal?: AbortSignal): Promise<string | null> {
    const deadline = performance.now() + timeoutMs
    await this.living.nginx.request(`/marker/${++this.#markers}`, { method: 'GET' })
    for (;;) {
      const unread = await unreadOf(this.placeFile, this.log, this.rotatedFolder)
      if (unread === null) return null
      if (performance.now() > deadline || signal?.aborted) return unread
      if (!this.collector.running) return 'the collector does not run'
      await sleep(20)
    }
  }

  /** The same, in the middle of a fault. */
  async mustCatchUp(): Promise<void> {
    const unread = await this.catchUp(30_000)
    if (unread !== null) throw new Error(`not caught up after 30 s: ${unread}`)
  }

  compare(): Promise<Difference> {
    return compare(this.influxdb, this.name, this.living, this.refusable)
  }

  /** Rotated files go when there are enough newer ones. */
  async forgetOldLogs(): Promise<void> {
    const names = (await readdir(this.rotatedFolder)).sort()
    for (const name of names.slice(0, -rotatedMost)) await rm(`${this.rotatedFolder}/${name}`)
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#undo.disposeAsync()
  }
}

/** Root reads what it may not, by these two capabilities; the owner it stays. Everybody else is bound anyway. */
const boundByPermissions =
  process.getuid?.() === 0 ? ['setpriv', '--bounding-set=-dac_override,-dac_read_search', '--inh-caps=-all', '--'] : []

function had<T>(part: T | undefined, name: string): T {
  if (part === undefined) throw new Error(`this site has no ${name}: the fault's surroundings must name it`)
  return part
}
