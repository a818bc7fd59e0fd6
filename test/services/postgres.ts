// A PostgreSQL server of a test's own, as Debian packages it.
import { randomBytes } from 'node:crypto'
import { chmod, readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import postgres from 'postgres'
import { type Child, startChild } from './child.ts'
import { programPath } from './needed.ts'
import { allGone, descendants, pauseTree, signalTree } from './process_tree.ts'
import { freePort, temporaryFolder } from './temporary.ts'

export type Postgres = {
  /** As superuser, to the database `postgres`. */
  readonly url: string
  readonly port: number
  /** Changes with a restart. */
  readonly pid: number
  /** As superuser, to any database. */
  superuserUrl(database: string): string
  /** As `reader`, who may read just the columns of Galaxy that the collector needs. */
  readerUrl(database: string): string
  createDatabase(name: string): Promise<void>
  /** A database with Galaxy's empty tables; returns the reader's URL. Before 22.05 there was no `source_metadata`. */
  createGalaxyDatabase(name: string, options?: { sourceMetadata?: boolean }): Promise<string>
  /** A superuser's client, the same one at each call; closed with the server. */
  sql(database: string): postgres.Sql
  /** What the server wrote to its log since it was last started. */
  log(): string
  /** Stops the server and keeps its data; `restart` starts it again on the same port, also after `kill9`. */
  stop(): Promise<void>
  kill9(): Promise<void>
  restart(): Promise<void>
  /** Stops all its processes in their tracks: connections stay open and nobody answers. */
  pause(): Promise<void>
  resume(): Promise<void>
  [Symbol.asyncDispose](): Promise<void>
}

const settings = {
  listen_addresses: '127.0.0.1',
  unix_socket_directories: '',
  fsync: 'off',
  full_page_writes: 'off',
  max_connections: '60',
  password_encryption: 'scram-sha-256',
  // Not UTC: Galaxy's times are UTC whatever the server thinks, and code that lets the server convert them is wrong.
  timezone: '<+10>-10',
  log_timezone: 'GMT',
}

/** Starts a server on a free port; about a second. Share one over a test file, with a database for each test. */
export async function startPostgres(): Promise<Postgres> {
  const programs = programPath('postgres')
  const folder = await temporaryFolder('postgres')
  await chmod(folder.path, 0o777)
  const data = folder.file('data')
  const password = randomBytes(12).toString('hex')
  const readerPassword = randomBytes(12).toString('hex')
  const port = await freePort()
  const clients = new Map<string, postgres.Sql>()

  const start = async () => {
    const assignments = Object.entries({ ...settings, port }).flatMap(([key, value]) => ['-c', `${key}=${value}`])
    const child = await startChild(join(programs, 'postgres'), ['-D', data, ...assignments], {
      cwd: folder.path,
      user: 'postgres',
      env: { PATH: process.env.PATH },
      lastSignal: 'SIGQUIT',
      stopSignal: 'SIGINT', // The fast way: it disconnects its clients. SIGTERM would wait for them.
    })
    await child.waitFor(/database system is ready to accept connections/).catch(async (error) => {
      await child.stop()
      throw error
    })
    return child
  }

  const superuserUrl = (database: string) => `postgres://postgres:${password}@127.0.0.1:${port}/${database}`
  const readerUrl = (database: string) => `postgres://reader:${readerPassword}@127.0.0.1:${port}/${database}`
  const sql = (database: string) => {
    const known = clients.get(database)
    if (known) return known
    const client = postgres(superuserUrl(database), { max: 4, onnotice: () => {} })
    clients.set(database, client)
    return client
  }
  const disconnect = async () => {
    await Promise.all([...clients.values()].map((client) => client.end({ timeout: 1 })))
    clients.clear()
  }

  let started: Child | undefined
  try {
    const passwordFile = folder.file('password')
    await writeFile(passwordFile, password)
    await chmod(passwordFile, 0o644)
    await initialize(join(programs, 'initdb'), data, passwordFile)
    started = await start()
    await sql('postgres').unsafe(`CREATE ROLE reader LOGIN PASSWORD '${readerPassword}'`)
  } catch (error) {
    await disconnect()
    await started?.stop()
    await folder.remove()
    throw error
  }

  let server = started
  const resume = async () => {
    if (server.running()) await signalTree(server.pid, 'SIGCONT')
  }
  const stop = async () => {
    await resume()
    await disconnect()
    const processes = await descendants(server.pid)
    await server.stop()
    await allGone(processes)
  }
  const createDatabase = async (name: string) => {
    await sql('postgres').unsafe(`CREATE DATABASE "${name}"`)
  }

  return {
    url: superuserUrl('postgres'),
    port,
    get pid() {
      return server.pid
    },
    superuserUrl,
    readerUrl,
    createDatabase,
    async createGalaxyDatabase(name, { sourceMetadata = true } = {}) {
      await createDatabase(name)
      await sql(name).unsafe(await readFile(join(import.meta.dirname, 'galaxy.sql'), 'utf8'))
      if (!sourceMetadata) await sql(name).unsafe('ALTER TABLE workflow DROP COLUMN source_metadata')
      return readerUrl(name)
    },
    sql,
    log: () => server.stderr(),
    stop,
    async kill9() {
      await disconnect()
      const processes = await signalTree(server.pid, 'SIGKILL')
      await server.exited
      await allGone(processes)
    },
    async restart() {
      if (server.running()) await stop()
      server = await start()
    },
    async pause() {
      await pauseTree(server.pid)
    },
    resume,
    async [Symbol.asyncDispose]() {
      await stop()
      await folder.remove()
    },
  }
}

async function initialize(initdb: string, data: string, passwordFile: string) {
  const options = ['--no-sync', '--no-locale', '--encoding=UTF8', '--auth=scram-sha-256', '--username=postgres']
  const child = await startChild(initdb, ['-D', data, ...options, `--pwfile=${passwordFile}`], { user: 'postgres' })
  const { status } = await child.exited
  if (status !== 0) throw new Error(`initdb failed:\n${child.stderr()}`)
}
