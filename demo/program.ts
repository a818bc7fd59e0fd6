import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { join } from 'node:path'
import { createInterface } from 'node:readline'

/** The built file, as it is deployed. */
export const builtFile = join(import.meta.dirname, '../dist/workflow-reporting.mjs')

const messagesKept = 40

/** A command of the built file, as a process of its own. */
export class Program {
  readonly name: string
  /** Given when it has ended and all of its output was read: its exit status, or the signal that ended it. */
  readonly ended: Promise<number | NodeJS.Signals>
  /** The last of what it said on standard error. */
  readonly #messages: string[] = []
  readonly #process: ChildProcess
  #stopped: Promise<void> | undefined

  constructor(name: 'backfill' | 'collect' | 'serve' | 'probe', config: string, ...files: string[]) {
    this.name = name
    // Ctrl-C in a terminal goes to every process of the group; in a group of its own it gets one signal, ours.
    this.#process = spawn(process.execPath, [builtFile, name, '--config', config, ...files], {
      stdio: ['ignore', 'ignore', 'pipe'],
      detached: true,
    })
    createInterface(this.#process.stderr!).on('line', (message) => {
      this.#messages.push(message)
      if (this.#messages.length > messagesKept) this.#messages.shift()
    })
    this.ended = once(this.#process, 'close').then(([code, signal]) => code ?? signal)
  }

  /** What it said last, for whoever has to find out why. */
  get lastWords(): string {
    return this.#messages.length === 0 ? 'It said nothing.' : `It said:\n${this.#messages.join('\n')}`
  }

  /** Asks it to stop, and makes it stop where it takes longer. Asked once: a second signal would cut it short. */
  stop(patienceMs: number): Promise<void> {
    this.#stopped ??= this.#stop(patienceMs)
    return this.#stopped
  }

  async #stop(patienceMs: number): Promise<void> {
    this.#process.kill('SIGTERM')
    this.goOn()
    const timer = setTimeout(() => this.kill(), patienceMs)
    await this.ended
    clearTimeout(timer)
  }

  /** Lets it sleep, as a machine may. */
  hold(): void {
    this.#process.kill('SIGSTOP')
  }

  goOn(): void {
    this.#process.kill('SIGCONT')
  }

  kill(): void {
    this.#process.kill('SIGKILL')
  }
}
