import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { text } from 'node:stream/consumers'

export interface Measured {
  wallMs: number
  /** Of the command and everything that it started. */
  cpuMs: number
  /** Of the largest process; never less than some 10 MiB, which measuring itself takes. */
  peakMib: number
  stdout: string
}

/** Runs a command to its end. Where `shell` is set it is a line of bash, and fails where any part of a pipe fails. */
export async function measure(command: string[] | { shell: string }): Promise<Measured> {
  const args = Array.isArray(command) ? command : ['bash', '-c', `set -o pipefail; ${command.shell}`]
  const child = spawn('python3', [`${import.meta.dirname}/measure.py`, ...args], {
    stdio: ['ignore', 'pipe', 'pipe', 'pipe'],
    env: { ...process.env, LC_ALL: 'C', PYTHONUTF8: '1' },
  })
  // Read, and not sent to /dev/null: grep would stop at its first match.
  const [stdout, stderr, told] = await Promise.all([
    text(child.stdout!),
    text(child.stderr!),
    text(child.stdio[3] as NodeJS.ReadableStream),
    child.exitCode ?? once(child, 'exit'),
  ])
  if (told === '') throw new Error(`python3 is needed to measure: ${stderr.slice(-2000)}`)
  const { status, ...measured } = JSON.parse(told) as Omit<Measured, 'stdout'> & { status: number }
  if (status !== 0) throw new Error(`${args.join(' ')} ended with ${status}: ${stderr.slice(-2000)}`)
  return { ...measured, stdout }
}

/** The value below which that share of the values lies. */
export function quantile(values: number[], share: number): number {
  const sorted = values.toSorted((a, b) => a - b)
  return sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * share))] ?? Number.NaN
}

export const median = (values: number[]): number => quantile(values, 0.5)
