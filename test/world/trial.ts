// A world, the servers it lives in, and a program that reads it.
import { rm } from 'node:fs/promises'
import type { Child } from '../services/child.ts'
import { type Influxdb, startInfluxdb } from '../services/influxdb.ts'
import { type Postgres, startPostgres } from '../services/postgres.ts'
import { run, start, writeConfig } from '../services/program.ts'
import { type TemporaryFolder, temporaryFolder } from '../services/temporary.ts'
import { type ActualPoint, asStored, comparePoints, report } from './compare.ts'
import { parseLines } from './line_protocol.ts'
import { loadGalaxy } from './load.ts'
import { writeLog } from './log_files.ts'
import type { ExpectedPoint } from './oracle/expected.ts'
import { configurationOf, type Settings } from './settings.ts'
import type { LoggedLine } from './stage.ts'
import type { World } from './world.ts'

export type Summary = Record<string, number>

export const measurements = ['workflow_invocation', 'workflow_invocation_rejected']

export type StoresTo = 'influxdb' | 'store' | 'both'

const writer = { username: 'writer', password: 'only for writing' }

/** PostgreSQL and InfluxDB for the tests of one file. */
export class Servers {
  readonly postgres: Postgres
  readonly influxdb: Influxdb
  readonly folder: TemporaryFolder
  #databases = 0

  private constructor(postgres: Postgres, influxdb: Influxdb, folder: TemporaryFolder) {
    this.postgres = postgres
    this.influxdb = influxdb
    this.folder = folder
  }

  static async start(): Promise<Servers> {
    const [postgres, influxdb, folder] = await Promise.all([startPostgres(), startInfluxdb(), temporaryFolder('world')])
    await influxdb.addUser(writer.username, writer.password)
    return new Servers(postgres, influxdb, folder)
  }

  /** Loads a world's rows; returns the address to read them at. */
  async load(world: World): Promise<string> {
    const name = this.newName()
    const options = { sourceMetadata: world.settings.hasSourceMetadata }
    const address = await this.postgres.createGalaxyDatabase(name, options)
    await loadGalaxy(this.postgres.sql(name), world.galaxy)
    return address
  }

  /** A name that no database, folder or file here has yet. */
  newName(): string {
    this.#databases += 1
    return `n${this.#databases}`
  }

  async [Symbol.asyncDispose]() {
    await this.postgres[Symbol.asyncDispose]()
    await this.influxdb[Symbol.asyncDispose]()
    await this.folder.remove()
  }
}

/** One database of points and one state folder, into which files are read in one or more runs. */
export class Trial {
  readonly #servers: Servers
  readonly #galaxyUrl: string
  readonly #settings: Settings
  readonly #database: string
  readonly #stateFolder: string
  readonly #storesTo: StoresTo

  private constructor(servers: Servers, galaxyUrl: string, settings: Settings, storesTo: StoresTo, name: string) {
    this.#storesTo = storesTo
    this.#servers = servers
    this.#galaxyUrl = galaxyUrl
    this.#settings = settings
    this.#database = name
    this.#stateFolder = servers.folder.file(`state-${name}`)
  }

  static async start(
    servers: Servers,
    galaxyUrl: string,
    settings: Settings,
    storesTo: StoresTo = 'influxdb',
  ): Promise<Trial> {
    const name = servers.newName()
    await servers.influxdb.createDatabase(name)
    await servers.influxdb.query('', `GRANT WRITE ON "${name}" TO "${writer.username}"`)
    return new Trial(servers, galaxyUrl, settings, storesTo, name)
  }

  get configuration(): Record<string, unknown> {
    return {
      ...configurationOf(this.#settings, this.#galaxyUrl),
      ...(this.#storesTo !== 'store' && {
        influxdb: { url: this.#servers.influxdb.url, database: this.#database, ...writer },
      }),
      ...(this.#storesTo !== 'influxdb' && { store: this.storeFile }),
      state_dir: this.#stateFolder,
    }
  }

  get storeFile(): string {
    return this.#servers.folder.file(`${this.#database}.sqlite`)
  }

  /** A file with these lines, to be read later. */
  async file(lines: readonly LoggedLine[], ending = '.log'): Promise<string> {
    return writeLog(this.#servers.folder.file(`${this.#servers.newName()}${ending}`), lines)
  }

  /** Reads files with `backfill --json`; fails unless the program is content. */
  async backfill(files: string[], options: string[] = []): Promise<Summary> {
    const finished = await this.#run(['backfill', '--json', ...options, ...files])
    return JSON.parse(finished.stdout) as Summary
  }

  /** What `backfill --dry-run` prints. */
  async dryRun(
    files: string[],
    options: string[] = [],
  ): Promise<{ points: ActualPoint[]; text: string; stderr: string }> {
    const { stdout, stderr } = await this.#run(['backfill', '--dry-run', ...options, ...files])
    return { points: parseLines(stdout).map(asStored), text: stdout, stderr }
  }

  /** Begins to read files and kills the program, as the power does, so many milliseconds later. */
  async killedBackfill(files: string[], afterMs: number): Promise<void> {
    const child = await this.start(['backfill', ...files])
    const timer = setTimeout(() => child.signal('SIGKILL'), afterMs)
    await child.exited
    clearTimeout(timer)
  }

  /** Starts a command, to be ended by the test. */
  async start(args: string[]): Promise<Child> {
    const config = await writeConfig(this.#servers.folder.path, this.configuration, `${this.#database}.yml`)
    return start(args, { config, stdin: '' })
  }

  async #run(args: string[]) {
    const finished = await run(args, { config: this.configuration, timeoutMs: 180_000 })
    const { status, signal, stderr } = finished
    if (status !== 0)
      throw new Error(`${args.slice(0, 3).join(' ')} ended with ${signal ?? status}:\n${stderr.slice(-4000)}`)
    return finished
  }

  /** All points that are in the database now. */
  async points(): Promise<ActualPoint[]> {
    const lists = measurements.map(async (measurement) => {
      const points = await this.#servers.influxdb.pointsOf(this.#database, measurement)
      return points.map((point) => ({ ...point, measurement }))
    })
    return (await Promise.all(lists)).flat()
  }

  fieldTypes(measurement: string): Promise<Record<string, string>> {
    return this.#servers.influxdb.fieldTypes(this.#database, measurement)
  }

  /** How the database differs from what is expected, in words. */
  async differences(world: World, expected: readonly ExpectedPoint[]): Promise<string[]> {
    return differencesOf(world, expected, await this.points())
  }

  /** Forgets the saved place and the ledger. */
  async loseState(): Promise<void> {
    await rm(this.#stateFolder, { recursive: true, force: true })
  }
}

/** How points differ from what is expected, in words, with the log's lines. */
export function differencesOf(world: World, expected: readonly ExpectedPoint[], actual: readonly ActualPoint[]) {
  return report(comparePoints(expected, actual), (line) => world.lines[line]?.bytes.toString('latin1') ?? '')
}
