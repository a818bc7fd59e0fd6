// A process that a test starts: its output, its readiness, and its end, which comes with the test's at the latest.
import { type ChildProcessWithoutNullStreams, spawn } from 'node:child_process'
import { once } from 'node:events'
import { existsSync } from 'node:fs'
import { basename } from 'node:path'

export type Exit = { status: number | null; signal: NodeJS.Signals | null }

export type ChildOptions = {
  cwd?: string
  env?: NodeJS.ProcessEnv
  /** The user to run as, where this process is root. */
  user?: string
  /** What it gets when this process dies without having stopped it. */
  lastSignal?: NodeJS.Signals
  /** The signal that asks it to stop. */
  stopSignal?: NodeJS.Signals
}

export type Child = {
  readonly pid: number
  readonly process: ChildProcessWithoutNullStreams
  readonly exited: Promise<Exit>
  running(): boolean
  stdout(): string
  stderr(): string
  /** Waits for a text in what it writes from the start on; fails when it ends before, or in time. */
  waitFor(pattern: RegExp, options?: { stream?: 'stdout' | 'stderr'; timeoutMs?: number }): Promise<RegExpMatchArray>
  signal(name: NodeJS.Signals): void
  /** Asks it to stop, waits, and kills it when it doesn't. */
  stop(options?: { timeoutMs?: number }): Promise<Exit>
  [Symbol.asyncDispose](): Promise<void>
}

const running = new Set<ChildProcessWithoutNullStreams>()
process.on('exit', () => {
  for (const child of running) child.kill('SIGKILL')
})

/** Starts a program, with its streams as pipes. Standard input stays open. */
export async function startChild(command: string, args: string[], options: ChildOptions = {}): Promise<Child> {
  const [program, ...rest] = [...wrapper(options), command, ...args] as [string, ...string[]]
  const child = spawn(program, rest, { cwd: options.cwd, env: options.env ?? process.env, stdio: 'pipe' })
  const output = { stdout: collect(child, 'stdout'), stderr: collect(child, 'stderr') }
  child.stdin.on('error', () => {}) // It may leave without having read everything.
  await once(child, 'spawn')
  running.add(child)
  let ended = false
  const exited = new Promise<Exit>((resolve) => {
    child.once('exit', () => {
      ended = true
      running.delete(child)
    })
    child.once('close', (status, signal) => resolve({ status, signal }))
  })

  const stop = async ({ timeoutMs = 15_000 } = {}) => {
    // One that was stopped in its tracks gets to hear it, too.
    for (const name of [options.stopSignal ?? 'SIGTERM', 'SIGCONT'] as const) if (!ended) child.kill(name)
    const timer = setTimeout(() => child.kill('SIGKILL'), timeoutMs)
    const exit = await exited
    clearTimeout(timer)
    return exit
  }

  return {
    pid: child.pid as number,
    process: child,
    exited,
    running: () => !ended,
    stdout: () => output.stdout.text,
    stderr: () => output.stderr.text,
    waitFor: (pattern, { stream = 'stderr', timeoutMs = 20_000 } = {}) =>
      waitForText({
        child,
        name: basename(command),
        output: output[stream],
        errors: output.stderr,
        pattern,
        timeoutMs,
      }),
    signal: (name) => {
      child.kill(name)
    },
    stop,
    [Symbol.asyncDispose]: async () => {
      await stop()
    },
  }
}

/** setpriv changes the user, and has the kernel end the child even when this process is killed. It keeps the pid. */
function wrapper({ user, lastSignal = 'SIGKILL' }: ChildOptions): string[] {
  const setpriv = '/usr/bin/setpriv'
  if (!existsSync(setpriv)) return []
  const asUser =
    user !== undefined && process.getuid?.() === 0 ? ['--reuid', user, '--regid', user, '--init-groups'] : []
  return [setpriv, '--pdeathsig', lastSignal.slice(3), ...asUser, '--']
}

type Output = { text: string; ended: boolean }

function collect(child: ChildProcessWithoutNullStreams, stream: 'stdout' | 'stderr'): Output {
  const output = { text: '', ended: false }
  child[stream].setEncoding('utf8').on('data', (text: string) => {
    output.text += text
  })
  child.once('close', () => {
    output.ended = true
  })
  return output
}

type Waiting = {
  child: ChildProcessWithoutNullStreams
  name: string
  output: Output
  errors: Output
  pattern: RegExp
  timeoutMs: number
}

function waitForText({ child, name, output, errors, pattern, timeoutMs }: Waiting) {
  return new Promise<RegExpMatchArray>((resolve, reject) => {
    const wrote = () => [...new Set([output, errors])].map(({ text }) => text.slice(-4000)).join('\n')
    const settle = (failure?: string) => {
      const match = output.text.match(pattern)
      if (!match && failure === undefined) return
      clearTimeout(timer)
      child.off('close', onClose)
      for (const stream of [child.stdout, child.stderr]) stream.off('data', onData)
      if (match) resolve(match)
      else reject(new Error(`${failure} before ${pattern}; it wrote:\n${wrote()}`))
    }
    const onData = () => settle()
    const onClose = () => settle(`${name} ended`)
    const timer = setTimeout(() => settle(`${timeoutMs} ms passed`), timeoutMs)
    for (const stream of [child.stdout, child.stderr]) stream.on('data', onData)
    child.once('close', onClose)
    if (output.ended) onClose()
    else onData()
  })
}
