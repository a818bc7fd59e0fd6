// A MongoDB-compatible server of a test's own: FerretDB over SQLite, with users.
import { randomBytes } from 'node:crypto'
import { mkdir } from 'node:fs/promises'
import { type Document, MongoClient } from 'mongodb'
import { makeCertificates } from './certificates.ts'
import { startChild } from './child.ts'
import { ferretdbPath } from './ferretdb_program.ts'
import { pauseTree } from './process_tree.ts'
import { freePort, temporaryFolder } from './temporary.ts'

export type Ferretdb = {
  readonly port: number
  /** With user and password. */
  readonly url: string
  readonly password: string
  /** With `tls`: the file of the authority to believe. */
  readonly caFile: string | undefined
  /** Another address of the same user, such as through a proxy. */
  urlAt(port: number): string
  /** Every document of a collection, in the order of `_id`. */
  documentsOf(database: string, collection: string): Promise<Document[]>
  /** Works on a collection as the same user. */
  inCollection<T>(
    database: string,
    collection: string,
    work: (collection: import('mongodb').Collection) => Promise<T>,
  ): Promise<T>
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

export async function startFerretdb(options: { tls?: boolean } = {}): Promise<Ferretdb> {
  const folder = await temporaryFolder('ferretdb')
  const port = await freePort()
  const password = randomBytes(12).toString('hex')
  const certificates = options.tls ? await makeCertificates(folder.path) : undefined
  await mkdir(folder.file('data'))
  const listen = certificates
    ? [
        ...['--listen-addr=', `--listen-tls=127.0.0.1:${port}`],
        ...[`--listen-tls-cert-file=${certificates.certificateFile}`, `--listen-tls-key-file=${certificates.keyFile}`],
      ]
    : [`--listen-addr=127.0.0.1:${port}`]
  const setup = ['--setup-database=admin', '--setup-username=writer', `--setup-password=${password}`]
  const start = async () => {
    const child = await startChild(
      ferretdbPath,
      [
        ...['--handler=sqlite', `--sqlite-url=file:${folder.file('data')}/`, `--state-dir=${folder.path}`],
        ...['--debug-addr=-', '--telemetry=disable', '--test-enable-new-auth', ...setup, ...listen],
      ],
      { cwd: folder.path },
    )
    await child.waitFor(/Listening on (?:TCP|TLS)/).catch(async (error) => {
      await child.stop()
      throw error
    })
    return child
  }
  let server = await start().catch(async (error) => {
    await folder.remove()
    throw error
  })
  const urlAt = (at: number) => `mongodb://writer:${password}@127.0.0.1:${at}/`
  const caFile = certificates?.caFile
  const inCollection: Ferretdb['inCollection'] = async (database, collection, work) => {
    const client = new MongoClient(urlAt(port), caFile === undefined ? {} : { tls: true, tlsCAFile: caFile })
    try {
      return await work(client.db(database).collection(collection))
    } finally {
      await client.close()
    }
  }
  const stop = async () => {
    await server.stop()
  }
  return {
    port,
    url: urlAt(port),
    password,
    caFile,
    urlAt,
    inCollection,
    documentsOf: (database, collection) =>
      inCollection(database, collection, (all) => all.find().sort({ _id: 1 }).toArray()),
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
