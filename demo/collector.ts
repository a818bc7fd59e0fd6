import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { sites } from './catalogue.ts'

/** The built file, as it is deployed. */
export const program = join(import.meta.dirname, '../dist/workflow-reporting.mjs')

const messagesKept = 40

/** Writes the collector's configuration into a folder: what an operator writes, and nothing more. */
export async function configure(
  folder: string,
  logPath: string,
  databaseUrl: string,
  idSecret: string,
): Promise<string> {
  const config = join(folder, 'config.yml')
  await writeFile(join(folder, 'secret.yml'), `galaxy:\n  database_url: ${databaseUrl}\n  id_secret: ${idSecret}\n`, {
    mode: 0o600,
  })
  await writeFile(
    config,
    `domains: [${Object.values(sites).join(', ')}]
nginx:
  access_log: ${logPath}
  start: beginning
`,
  )
  return config
}

/** `collect --dry-run` as a process of its own. */
export class Collector {
  /** Given when it has ended and all of its output was read: its exit status, or the signal that ended it. */
  readonly ended: Promise<number | NodeJS.Signals>
  /** The last of what it said on standard error. */
  readonly messages: string[] = []
  readonly #process: ChildProcess

  /** @param onPoint gets each line of its standard output */
  constructor(config: string, onPoint: (line: string) => void) {
    // Ctrl-C in a terminal goes to every process of the group; in a group of its own it gets one signal, ours.
    const collector = spawn(process.execPath, [program, 'collect', '--dry-run', '--config', config], {
      stdio: ['ignore', 'pipe', 'pipe'],
      detached: true,
    })
    this.#process = collector
    createInterface(collector.stdout).on('line', onPoint)
    createInterface(collector.stderr).on('line', (message) => {
      this.messages.push(message)
      if (this.messages.length > messagesKept) this.messages.shift()
    })
    this.ended = once(collector, 'close').then(([code, signal]) => code ?? signal)
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
