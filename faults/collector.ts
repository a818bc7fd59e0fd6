// The built program of one site: started, killed and asked to leave, as often as a fault wants.
import { setTimeout as sleep } from 'node:timers/promises'
import { type Child, startChild } from '../test/services/child.ts'

export interface Launch {
  /** The built file. */
  program: string
  config: string
  /** A command that the program is started by, such as one that enters a namespace. */
  through?: string[]
  env?: Record<string, string>
}

export class Collector {
  readonly #launch: Launch
  #child: Child | null = null
  /** Ends that nobody asked for, in words. */
  readonly collapses: string[] = []
  #heardFrom = 0

  constructor(launch: Launch) {
    this.#launch = launch
  }

  get running(): boolean {
    return this.#child?.running() ?? false
  }

  /** Another process of the same program, with the same configuration. */
  beside(command: string, args: string[] = []): Promise<Child> {
    const { program, config, through = [], env = {} } = this.#launch
    const [first, ...rest] = [...through, process.execPath, program, command, '--config', config, ...args]
    // A zone other than UTC, so that code which takes local time for UTC is found out.
    return startChild(first!, rest, { env: { PATH: process.env['PATH'], TZ: 'Australia/Brisbane', ...env } })
  }

  /** Starts it, and waits until it reads or says what it waits for, unless told not to. */
  async start({ untilReady = true } = {}): Promise<void> {
    const child = await this.beside('collect')
    this.#child = child
    this.#heardFrom = 0
    void child.exited.then(({ status, signal }) => {
      if (this.#child === child)
        this.collapses.push(`it ended with ${signal ?? status}: ${child.stderr().slice(-2000)}`)
    })
    if (untilReady) await child.waitFor(/event=(collecting|waiting) /)
  }

  /** SIGKILL: nothing is finished, nothing is saved. */
  async kill(): Promise<void> {
    const child = this.#letGo()
    child?.signal('SIGKILL')
    await child?.exited
  }

  /** Asks it to leave; returns the counters that it tells. Fails where it does not leave with 0. */
  async stop(): Promise<Record<string, number>> {
    const child = this.#letGo()
    if (child === null) return {}
    const { status, signal } = await child.stop()
    if (status !== 0)
      throw new Error(`asked to stop, it ended with ${signal ?? status}: ${child.stderr().slice(-2000)}`)
    const told = /event=collected (.*)/.exec(child.stderr())?.[1] ?? ''
    return Object.fromEntries([...told.matchAll(/(\w+)=(\d+)/g)].map(([, name, value]) => [name!, Number(value)]))
  }

  /** From here on `heard` listens. */
  listen(): void {
    this.#heardFrom = this.#child?.stderr().length ?? 0
  }

  /** Waits until it has said this since `listen`, or since its start; false where it did not within the time. */
  async heard(pattern: RegExp, timeoutMs = 30_000): Promise<boolean> {
    const deadline = performance.now() + timeoutMs
    for (;;) {
      if (pattern.test(this.#child?.stderr().slice(this.#heardFrom) ?? '')) return true
      if (performance.now() > deadline || !this.running) return false
      await sleep(10)
    }
  }

  /** The last that it wrote. */
  get lastWords(): string {
    return this.#child?.stderr().trimEnd().split('\n').slice(-5).join('\n') ?? ''
  }

  #letGo(): Child | null {
    const child = this.#child
    this.#child = null
    return child
  }
}
