// An InfluxDB 1.x server of a test's own, as Debian packages it, with authentication on.
import { randomBytes } from 'node:crypto'
import { writeFile } from 'node:fs/promises'
import { type Certificates, makeCertificates } from './certificates.ts'
import { type Child, startChild } from './child.ts'
import { type Answer, request } from './http.ts'
import { pointsOf, type Row, rowsOf, type StoredPoint, seriesOf } from './influxql.ts'
import { programPath } from './needed.ts'
import { pauseTree } from './process_tree.ts'
import { freePort, type TemporaryFolder, temporaryFolder } from './temporary.ts'

export type InfluxdbOptions = {
  /** Speaks HTTPS with a certificate from an authority of its own; see `caFile`. */
  tls?: boolean
  /** InfluxDB counts those that were there before a batch, so one batch may go beyond it. */
  maxValuesPerTag?: number
  maxSeriesPerDatabase?: number
  /** How many rows one answer to a query may have; the rest is cut off. */
  maxRowLimit?: number
}

export type Influxdb = {
  readonly url: string
  readonly port: number
  /** Changes with a restart. */
  readonly pid: number
  readonly admin: { username: string; password: string }
  /** With `tls`: the file of the authority to believe. */
  readonly caFile: string | undefined
  createDatabase(name: string): Promise<void>
  /** A user who may do in each database named what is said there, and nothing else. */
  addUser(name: string, password: string, grants?: Record<string, 'READ' | 'WRITE' | 'ALL'>): Promise<void>
  /** Asks as administrator. Times are bigint nanoseconds. */
  query(database: string, influxql: string): Promise<Row[]>
  /** Every point of a measurement, in the order of time. */
  pointsOf(database: string, measurement: string): Promise<StoredPoint[]>
  /** Each field's type: `float`, `integer`, `string` or `boolean`. */
  fieldTypes(database: string, measurement: string): Promise<Record<string, string>>
  /** Writes line protocol as administrator, times in nanoseconds. */
  write(database: string, lines: string): Promise<void>
  log(): string
  /** Stops the server and keeps its data; `restart` starts it again on the same port, also after `kill9`. */
  stop(): Promise<void>
  kill9(): Promise<void>
  restart(): Promise<void>
  /** Stops it in its tracks: connections stay open, new ones are taken by the kernel, and nobody answers. */
  pause(): Promise<void>
  resume(): void
  [Symbol.asyncDispose](): Promise<void>
}

/** Starts a server on free ports; some 50 ms. Its administrator's password is new, so no other server can answer. */
export async function startInfluxdb(options: InfluxdbOptions = {}): Promise<Influxdb> {
  const folder = await temporaryFolder('influxdb')
  const port = await freePort()
  const admin = { username: 'admin', password: randomBytes(12).toString('hex') }
  const scheme = options.tls ? 'https' : 'http'
  const url = `${scheme}://127.0.0.1:${port}`
  const authorization = `Basic ${Buffer.from(`${admin.username}:${admin.password}`).toString('base64')}`
  let certificates: Certificates | undefined

  const ask = (path: string, body: string, headers: Record<string, string> = { authorization }) =>
    request(`${url}${path}`, { method: 'POST', headers, body, ca: certificates?.ca })
  const series = async (database: string, influxql: string) => {
    const form = new URLSearchParams({ db: database, q: influxql, epoch: 'ns' }).toString()
    const headers = { authorization, 'content-type': 'application/x-www-form-urlencoded' }
    return seriesOf(expectSuccess(await ask('/query', form, headers)))
  }
  const start = async () => {
    const child = await startChild(programPath('influxd'), ['-config', folder.file('influxdb.conf')], {
      cwd: folder.path,
    })
    await child.waitFor(/msg="Listening for signals"/).catch(async (error) => {
      await child.stop()
      throw error
    })
    return child
  }

  let started: Child | undefined
  try {
    if (options.tls) certificates = await makeCertificates(folder.path)
    const settings = configuration(folder, port, await freePort(), options, certificates)
    await writeFile(folder.file('influxdb.conf'), settings)
    started = await start()
    await makeAdmin(url, admin, certificates?.ca)
  } catch (error) {
    await started?.stop()
    await folder.remove()
    throw error
  }

  let server = started
  const stop = async () => {
    await server.stop()
  }

  return {
    url,
    port,
    get pid() {
      return server.pid
    },
    admin,
    caFile: certificates?.caFile,
    async createDatabase(name) {
      await series('', `CREATE DATABASE ${quoted(name)}`)
    },
    async addUser(name, password, grants = {}) {
      await series('', `CREATE USER ${quoted(name)} WITH PASSWORD ${literal(password)}`)
      for (const [database, grant] of Object.entries(grants))
        await series('', `GRANT ${grant} ON ${quoted(database)} TO ${quoted(name)}`)
    },
    query: async (database, influxql) => rowsOf(await series(database, influxql)),
    pointsOf: async (database, measurement) =>
      pointsOf(await series(database, `SELECT * FROM ${quoted(measurement)} GROUP BY *`)),
    async fieldTypes(database, measurement) {
      const rows = rowsOf(await series(database, `SHOW FIELD KEYS FROM ${quoted(measurement)}`))
      return Object.fromEntries(rows.map(({ fieldKey, fieldType }) => [fieldKey, fieldType]))
    },
    async write(database, lines) {
      expectSuccess(await ask(`/write?${new URLSearchParams({ db: database, precision: 'ns' })}`, lines))
    },
    log: () => server.stderr(),
    stop,
    async kill9() {
      server.signal('SIGKILL')
      await server.exited
    },
    async restart() {
      if (server.running()) await stop()
      server = await start()
    },
    pause: () => pauseTree(server.pid),
    resume: () => server.signal('SIGCONT'),
    async [Symbol.asyncDispose]() {
      await stop()
      await folder.remove()
    },
  }
}

/** The first user has to be an administrator; until there is one, nothing else is allowed, and that without a name. */
async function makeAdmin(url: string, admin: Influxdb['admin'], ca: string | undefined) {
  const statement = `CREATE USER ${quoted(admin.username)} WITH PASSWORD ${literal(admin.password)} WITH ALL PRIVILEGES`
  const headers = { 'content-type': 'application/x-www-form-urlencoded' }
  const body = new URLSearchParams({ q: statement }).toString()
  seriesOf(expectSuccess(await request(`${url}/query`, { method: 'POST', headers, body, ca })))
}

function expectSuccess({ status, body }: Answer): string {
  if (status >= 300) throw new Error(`InfluxDB answered ${status}: ${body.trim()}`)
  return body
}

const quoted = (name: string) => `"${name.replace(/["\\]/g, '\\$&')}"`
const literal = (text: string) => `'${text.replace(/['\\]/g, '\\$&')}'`

function configuration(
  folder: TemporaryFolder,
  port: number,
  backupPort: number,
  { maxValuesPerTag = 100_000, maxSeriesPerDatabase = 1_000_000, maxRowLimit = 0 }: InfluxdbOptions,
  certificates: Certificates | undefined,
): string {
  const https = certificates
    ? `https-enabled = true
https-certificate = "${certificates.certificateFile}"
https-private-key = "${certificates.keyFile}"`
    : ''
  return `reporting-disabled = true
bind-address = "127.0.0.1:${backupPort}"
[meta]
dir = "${folder.file('meta')}"
[data]
dir = "${folder.file('data')}"
wal-dir = "${folder.file('wal')}"
max-values-per-tag = ${maxValuesPerTag}
max-series-per-database = ${maxSeriesPerDatabase}
query-log-enabled = false
[monitor]
store-enabled = false
[http]
bind-address = "127.0.0.1:${port}"
auth-enabled = true
max-row-limit = ${maxRowLimit}
log-enabled = false
${https}
`
}
