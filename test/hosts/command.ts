// One program, run to its end: what it wrote, and how it ended.
import { spawn } from 'node:child_process'

export type Outcome = { status: number | null; stdout: string; stderr: string }
export type CommandOptions = { input?: string; cwd?: string; env?: NodeJS.ProcessEnv; timeoutMs?: number }

/** Runs a program; any status is an outcome. What does not end in time is killed and fails. */
export function run(program: string, args: string[], options: CommandOptions = {}): Promise<Outcome> {
  const { input = '', cwd, env = process.env, timeoutMs = 120_000 } = options
  return new Promise((resolve, reject) => {
    const child = spawn(program, args, { cwd, env, stdio: ['pipe', 'pipe', 'pipe'] })
    const written = { stdout: '', stderr: '' }
    for (const stream of ['stdout', 'stderr'] as const)
      child[stream].setEncoding('utf8').on('data', (text: string) => {
        written[stream] += text
      })
    const timer = setTimeout(() => {
      child.kill('SIGKILL')
      reject(new Error(`${program} ${args.join(' ')} did not end in ${timeoutMs / 1000} s:\n${told(written)}`))
    }, timeoutMs)
    child.once('error', reject)
    child.once('close', (status) => {
      clearTimeout(timer)
      resolve({ status, ...written })
    })
    child.stdin.on('error', () => {}) // It may leave without having read everything.
    child.stdin.end(input)
  })
}

/** The same for what must go well; returns what it wrote to standard output. */
export async function must(program: string, args: string[], options: CommandOptions = {}): Promise<string> {
  const outcome = await run(program, args, options)
  if (outcome.status === 0) return outcome.stdout
  throw new Error(`${program} ${args.join(' ')} ended with ${outcome.status}:\n${told(outcome)}`)
}

const told = ({ stdout, stderr }: { stdout: string; stderr: string }) => `${stdout}\n${stderr}`.trim().slice(-6000)
