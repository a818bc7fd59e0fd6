import { type Child, startChild } from '../../test/services/child.ts'
import { run, writeConfig } from '../../test/services/program.ts'
import { freePort, type TemporaryFolder, temporaryFolder } from '../../test/services/temporary.ts'

/** The built program as a hub: `serve`, and with RabbitMQ a `work` for each destination. */
export class HubUnderTest {
  readonly url: string
  readonly #program: string
  readonly #folder: TemporaryFolder
  readonly #config: string
  readonly #workers: string[]
  readonly #children = new Map<string, Child>()
  /** Ends that nobody asked for, in words. */
  readonly collapses: string[] = []

  private constructor(url: string, program: string, folder: TemporaryFolder, config: string, workers: string[]) {
    this.url = url
    this.#program = program
    this.#folder = folder
    this.#config = config
    this.#workers = workers
  }

  /**
   * @param program the built file
   * @param rabbitmq its settings; `null` for the embedded transport
   */
  static async start(
    program: string,
    destinations: Record<string, object>,
    rabbitmq: object | null,
  ): Promise<HubUnderTest> {
    const folder = await temporaryFolder('hub')
    const port = await freePort()
    const limits = { rate_per_second: 1_000_000, burst: 1_000_000 }
    const config = await writeConfig(folder.path, {
      serve: { listen: `127.0.0.1:${port}` },
      events: { limits, destinations, ...(rabbitmq !== null && { rabbitmq }) },
    })
    const workers = rabbitmq === null ? [] : Object.keys(destinations)
    const hub = new HubUnderTest(`http://127.0.0.1:${port}/`, program, folder, config, workers)
    for (const name of hub.names) await hub.start(name)
    return hub
  }

  /** The processes: `serve`, and a `work NAME` for each destination where they have one. */
  get names(): string[] {
    return ['serve', ...this.#workers.map((name) => `work ${name}`)]
  }

  get stateFolder(): string {
    return this.#folder.file('state')
  }

  async key(): Promise<string> {
    const { stdout, stderr, status } = await run(['key', 'create', '--source', 'bench', '--scope', 'events:write:*'], {
      config: this.#config,
    })
    const key = /wr_\S+/.exec(stdout)?.[0]
    if (status !== 0 || key === undefined) throw new Error(`no key was made: ${stderr}`)
    return key
  }

  /** What a command of the program prints. */
  async ask(args: string[]): Promise<string> {
    const { stdout, stderr, status } = await run(args, { config: this.#config })
    if (status !== 0) throw new Error(`${args.join(' ')} ended with ${status}: ${stderr}`)
    return stdout
  }

  /** The last that each process wrote. */
  get lastWords(): string {
    const words = ([name, child]: [string, Child]) =>
      `${name}:\n${child.stderr().trimEnd().split('\n').slice(-12).join('\n')}`
    return [...this.#children].map(words).join('\n\n')
  }

  async start(name: string): Promise<void> {
    const [command, destination] = name.split(' ') as [string, string | undefined]
    const args = destination === undefined ? [command] : [command, '--destination', destination]
    const env = { PATH: process.env['PATH'], TZ: 'Australia/Brisbane' }
    const child = await startChild(process.execPath, [this.#program, ...args, '--config', this.#config], { env })
    this.#children.set(name, child)
    void child.exited.then(({ status, signal }) => {
      if (this.#children.get(name) === child)
        this.collapses.push(`${name} ended with ${signal ?? status}: ${child.stderr().slice(-3000)}`)
    })
    if (name === 'serve') await child.waitFor(/event=serving /)
  }

  /** SIGKILL: nothing is finished. */
  async kill(name: string): Promise<void> {
    const child = this.#children.get(name)
    this.#children.delete(name)
    child?.signal('SIGKILL')
    await child?.exited
  }

  async stop(name: string): Promise<void> {
    const child = this.#children.get(name)
    this.#children.delete(name)
    const exit = await child?.stop()
    if (exit !== undefined && exit.status !== 0)
      this.collapses.push(`${name}, asked to stop, ended with ${exit.signal ?? exit.status}`)
  }

  async [Symbol.asyncDispose](): Promise<void> {
    for (const name of this.names) await this.stop(name)
    await this.#folder.remove()
  }
}
