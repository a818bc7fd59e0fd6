import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { sites } from './catalogue.ts'

/** The built file, as it is deployed. */
export const builtFile = join(import.meta.dirname, '../dist/workflow-reporting.mjs')

const messagesKept = 40

export interface Configured {
  logPath: string
  databaseUrl: string
  idSecret: string
  /** Where points are kept. */
  store: string
  /** Of the page. */
  port: number
}

/** Writes the configuration into a folder: what an operator writes, and nothing more. */
export async function configure(folder: string, configured: Configured): Promise<string> {
  const { logPath, databaseUrl, idSecret, store, port } = configured
  const config = join(folder, 'config.yml')
  await writeFile(join(folder, 'secret.yml'), `galaxy:\n  database_url: ${databaseUrl}\n  id_secret: ${idSecret}\n`, {
    mode: 0o600,
  })
  await writeFile(
    config,
    `domains: [${Object.values(sites).join(', ')}]
nginx:
  access_log: ${logPath}
  rotated: ['${logPath}-*']
  start: beginning
store: ${store}
serve:
  listen: 127.0.0.1:${port}
`,
  )
  return config
}

/** A command of the built file, as a process of its own. */
export class Program {
  readonly name: string
  /** Given when it has ended and all of its output was read: its exit status, or the signal that ended it. */
  readonly ended: Promise<number | NodeJS.Signals>
  /** The last of what it said on standard error. */
  readonly #messages: string[] = []
  readonly #process: ChildProcess

  constructor(name: 'backfill' | 'collect' | 'serve', config: string, ...files: string[]) {
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

  /** Asks it to stop, and makes it stop where it takes longer. */
  async stop(patienceMs: number): Promise<void> {
    this.#process.kill('SIGTERM')
    const timer = setTimeout(() => this.kill(), patienceMs)
    await this.ended
    clearTimeout(timer)
  }

  kill(): void {
    this.#process.kill('SIGKILL')
  }
}
