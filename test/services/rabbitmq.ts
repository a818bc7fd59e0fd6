// A RabbitMQ of a test's own, as Debian packages it: own ports, cookie, name and epmd, so that no other node meets it.
import { execFile } from 'node:child_process'
import { randomBytes } from 'node:crypto'
import { writeFile } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { promisify } from 'node:util'
import { type Certificates, makeCertificates } from './certificates.ts'
import { type Child, startChild } from './child.ts'
import { programPath } from './needed.ts'
import { allGone, descendants, pauseTree, signalTree } from './process_tree.ts'
import { freePort, temporaryFolder } from './temporary.ts'

export type RabbitmqOptions = {
  /** Also speaks TLS on `tlsPort`, with a certificate from an authority of its own; see `caFile`. */
  tls?: boolean
}

export type Rabbitmq = {
  /** As administrator, with the password. */
  readonly url: string
  readonly port: number
  readonly tlsPort: number
  readonly caFile: string | undefined
  readonly pid: number
  /** Runs `rabbitmqctl`; a second or two. */
  control(...args: string[]): Promise<string>
  /** Blocks whoever publishes, as when memory runs low; `false` lets them go on. */
  alarm(on: boolean): Promise<void>
  log(): string
  /** Stops the server and keeps its data; `restart` starts it again on the same port, also after `kill9`. */
  stop(): Promise<void>
  kill9(): Promise<void>
  restart(): Promise<void>
  /** Stops it in its tracks: connections stay open and nobody answers. */
  pause(): Promise<void>
  resume(): Promise<void>
  [Symbol.asyncDispose](): Promise<void>
}

const run = promisify(execFile)

/**
 * RabbitMQ writes the names of new quorum queues down some time later, and nothing tells when: one whose name is not
 * written when the server is killed cannot be used for ever after (seen with 3.10.8).
 */
const writeNamesDown = '[dets:sync(Table) || Table <- dets:all()].'

/** Starts a server on free ports; some five seconds. Share one over a test file, with an exchange for each test. */
export async function startRabbitmq(options: RabbitmqOptions = {}): Promise<Rabbitmq> {
  const server = programPath('rabbitmq-server')
  const folder = await temporaryFolder('rabbitmq')
  const [port, tlsPort, nodesPort, epmdPort] = [await freePort(), await freePort(), await freePort(), await freePort()]
  const password = randomBytes(12).toString('hex')
  const certificates = options.tls ? await makeCertificates(folder.path) : undefined
  await writeFile(folder.file('.erlang.cookie'), randomBytes(12).toString('hex'), { mode: 0o400 })
  await writeFile(folder.file('rabbitmq.conf'), configuration(port, tlsPort, password, certificates))
  await writeFile(folder.file('plugins'), '[].\n')
  const env = {
    PATH: process.env.PATH,
    LANG: 'C.UTF-8',
    HOME: folder.path,
    RABBITMQ_NODENAME: `test${port}@localhost`,
    RABBITMQ_DIST_PORT: String(nodesPort),
    ERL_EPMD_PORT: String(epmdPort),
    ERL_EPMD_ADDRESS: '127.0.0.1',
    RABBITMQ_MNESIA_BASE: folder.file('data'),
    RABBITMQ_LOGS: '-',
    RABBITMQ_CONFIG_FILE: folder.file('rabbitmq.conf'),
    RABBITMQ_CONF_ENV_FILE: folder.file('none'),
    RABBITMQ_ENABLED_PLUGINS_FILE: folder.file('plugins'),
    RABBITMQ_PID_FILE: folder.file('pid'),
    RABBITMQ_SERVER_ADDITIONAL_ERL_ARGS: '+S 2:2',
    // The script becomes the server, which then has the pid that we know.
    RUNNING_UNDER_SYSTEMD: 'true',
  }
  const start = async () => {
    const child = await startChild(server, [], { cwd: folder.path, env })
    await child.waitFor(/Server startup complete/, { stream: 'stdout', timeoutMs: 60_000 }).catch(async (error) => {
      await child.stop()
      throw new Error(`${error.message}\n${child.stderr()}`)
    })
    return child
  }

  // The server would start one that stays behind.
  const epmd = await startChild('epmd', ['-port', String(epmdPort), '-address', '127.0.0.1'], { cwd: folder.path, env })
  let broker: Child
  try {
    broker = await start()
  } catch (error) {
    await epmd.stop()
    await folder.remove()
    throw error
  }

  const control = async (...args: string[]) => (await run(join(dirname(server), 'rabbitmqctl'), args, { env })).stdout
  const resume = async () => {
    if (broker.running()) await signalTree(broker.pid, 'SIGCONT')
  }
  const stop = async () => {
    await resume()
    const processes = await descendants(broker.pid)
    await broker.stop({ timeoutMs: 30_000 })
    await allGone(processes)
  }

  return {
    url: `amqp://tester:${password}@127.0.0.1:${port}`,
    port,
    tlsPort,
    caFile: certificates?.caFile,
    get pid() {
      return broker.pid
    },
    control,
    async alarm(on) {
      await control('set_vm_memory_high_watermark', on ? '0.00001' : '0.8')
    },
    log: () => broker.stdout(),
    stop,
    async kill9() {
      await control('eval', writeNamesDown)
      const processes = await signalTree(broker.pid, 'SIGKILL')
      await broker.exited
      await allGone(processes)
    },
    async restart() {
      if (broker.running()) await stop()
      broker = await start()
    },
    async pause() {
      await pauseTree(broker.pid)
    },
    resume,
    async [Symbol.asyncDispose]() {
      await stop()
      await epmd.stop()
      await folder.remove()
    },
  }
}

function configuration(port: number, tlsPort: number, password: string, certificates: Certificates | undefined) {
  const tls = certificates
    ? `listeners.ssl.1 = 127.0.0.1:${tlsPort}
ssl_options.certfile = ${certificates.certificateFile}
ssl_options.keyfile = ${certificates.keyFile}
ssl_options.verify = verify_none
`
    : ''
  return `listeners.tcp.1 = 127.0.0.1:${port}
default_user = tester
default_pass = ${password}
vm_memory_high_watermark.relative = 0.8
disk_free_limit.absolute = 1MB
${tls}`
}
