// The built file, run as an operator runs it.
import { once } from 'node:events'
import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { stringify } from 'yaml'
import { type Child, type Exit, startChild } from './child.ts'
import { temporaryFolder } from './temporary.ts'

const builtFile = join(import.meta.dirname, '../../dist/workflow-reporting.mjs')

export type ProgramOptions = {
  /** What config.yml holds, or the path of a file that is there. An object lives in a folder of its own for this run. */
  config?: object | string
  /** What it reads from standard input, which ends after it; nothing at all when left out. */
  stdin?: string | Buffer
  cwd?: string
  env?: NodeJS.ProcessEnv
}

export type Finished = Exit & { stdout: string; stderr: string }

/** Writes `config.yml` (or another name) in a folder and returns its path. Relative paths in it start at the folder. */
export async function writeConfig(folder: string, config: object, name = 'config.yml'): Promise<string> {
  const path = join(folder, name)
  await writeFile(path, stringify(config), { mode: 0o600 })
  return path
}

/** Runs a command to its end. One that takes longer than `timeoutMs` is stopped, and the test fails. */
export async function run(args: string[], options: ProgramOptions & { timeoutMs?: number } = {}): Promise<Finished> {
  const { timeoutMs = 60_000 } = options
  await using folder = typeof options.config === 'object' ? await temporaryFolder('program') : undefined
  const config = folder ? await writeConfig(folder.path, options.config as object) : options.config
  await using child = await start(args, { stdin: '', ...options, ...(config === undefined ? {} : { config }) })
  let late = false
  const timer = setTimeout(() => {
    late = true
    child.signal('SIGKILL')
  }, timeoutMs)
  const exit = await child.exited
  clearTimeout(timer)
  if (late) throw new Error(`${args.join(' ')} did not end within ${timeoutMs} ms; it wrote:\n${child.stderr()}`)
  return { ...exit, stdout: child.stdout(), stderr: child.stderr() }
}

/** Starts a command that goes on, such as `collect`. Without `stdin`, standard input stays open: see `process.stdin`. */
export async function start(args: string[], options: ProgramOptions = {}): Promise<Child> {
  const { config, stdin } = options
  if (typeof config === 'object') throw new Error('start() takes the path of a configuration; see writeConfig()')
  const [command, ...rest] = args
  const all = [...(command === undefined ? [] : [command]), ...(config ? ['--config', config] : []), ...rest]
  const child = await startChild(process.execPath, [builtFile, ...all], {
    ...(options.cwd === undefined ? {} : { cwd: options.cwd }),
    // A zone other than UTC, so that code which takes local time for UTC is found out.
    env: options.env ?? { PATH: process.env.PATH, TZ: 'Australia/Brisbane' },
  })
  if (stdin !== undefined) child.process.stdin.end(stdin)
  return child
}

/** Writes lines to the standard input of a started program and waits until they are on their way. */
export async function feed(child: Child, text: string): Promise<void> {
  if (!child.process.stdin.write(text)) await once(child.process.stdin, 'drain')
}
