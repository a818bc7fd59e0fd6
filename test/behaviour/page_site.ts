// What the tests of the page look at: a made-up Galaxy, its logs read by `backfill`, and `collect` and `serve` beside it.
import type { Test } from 'tap'
import { confide, configure } from '../../demo/configuration.ts'
import { visits } from '../../demo/day.ts'
import { Galaxy } from '../../demo/galaxy.ts'
import { AccessLog } from '../../demo/nginx.ts'
import { writePast } from '../../demo/past.ts'
import { Random } from '../../demo/random.ts'
import { type StoredPoint, StoredPoints } from '../../demo/stored_points.ts'
import { makeWorld } from '../../demo/world.ts'
import { idCodec } from '../../src/galaxy/ids.ts'
import type { Child } from '../services/child.ts'
import { run, start } from '../services/program.ts'
import { freePort, temporaryFolder } from '../services/temporary.ts'

const idSecret = 'secret of the tests'
const dayMs = 86_400_000
const daysBefore = 20

export class PageSite {
  readonly address: string
  /** Everything counted at the beginning, as it stands in the store. */
  readonly points: StoredPoint[]
  readonly #config: string
  readonly #galaxy: Galaxy
  readonly #log: AccessLog
  readonly #visits: ReturnType<typeof visits>
  #server: Child | undefined

  private constructor(
    address: string,
    points: StoredPoint[],
    config: string,
    galaxy: Galaxy,
    log: AccessLog,
    days: ReturnType<typeof visits>,
  ) {
    this.address = address
    this.points = points
    this.#config = config
    this.#galaxy = galaxy
    this.#log = log
    this.#visits = days
  }

  /** It ends with the test. */
  static async start(t: Test): Promise<PageSite> {
    const releases = new AsyncDisposableStack()
    t.teardown(() => releases.disposeAsync())
    const folder = releases.use(await temporaryFolder('page'))
    const world = makeWorld(new Random(1))
    const startMs = Date.now() - daysBefore * dayMs
    const galaxy = releases.use(new Galaxy({ world, startMs }))
    const log = releases.use(await AccessLog.create(folder.file('access.log')))
    const codec = idCodec(idSecret)
    const days = visits(world, new Random(2), (id) => codec.encode(BigInt(id)))
    const started = galaxy.started()
    const past = await writePast(days, startMs, (daysBefore - 1) * dayMs, `${log.path}-past`)
    await started
    await galaxy.haveInvoked(past)
    const [port, store] = [await freePort(), folder.file('points.sqlite')]
    const config = await configure(folder.path, { logPath: log.path, store, port })
    await confide(folder.path, { databaseUrl: galaxy.databaseUrl, idSecret })
    const { status, stderr } = await run(['backfill', `${log.path}-past`], { config })
    if (status !== 0) throw new Error(`backfill ended with ${status}:\n${stderr}`)

    using stored = new StoredPoints(store)
    const site = new PageSite(`http://127.0.0.1:${port}/`, stored.news(), config, galaxy, log, days)
    const collector = releases.use(await start(['collect'], { config }))
    await collector.waitFor(/event=collecting /)
    releases.defer(() => site.stopServer())
    await site.startServer()
    return site
  }

  async startServer(): Promise<void> {
    this.#server = await start(['serve'], { config: this.#config })
    await this.#server.waitFor(/event=serving /)
  }

  async stopServer(): Promise<void> {
    await this.#server?.stop()
  }

  /** Somebody runs a workflow now. @returns how many invocations that makes */
  async invoke(): Promise<number> {
    for (;;) {
      const { value } = this.#visits.next()
      const { request, rows } = value!
      if (rows.length === 0 || request.status !== 200) continue
      const endMs = Date.now()
      await this.#galaxy.invoke(rows, endMs)
      await this.#log.append(request, endMs)
      return rows.length
    }
  }
}
