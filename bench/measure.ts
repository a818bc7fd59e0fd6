import { spawn } from 'node:child_process'
import { readFileSync } from 'node:fs'

export interface Measured {
  wallMs: number
  peakMib: number
}

const sampleEveryMs = 20

/** Runs a command to its end, with its output thrown away; its peak memory is the kernel's own mark. */
export async function measure(command: string, args: string[], statuses = [0]): Promise<Measured> {
  const startedMs = performance.now()
  const child = spawn(command, args, { stdio: ['ignore', 'pipe', 'pipe'] })
  // Read and thrown away: grep stops at its first match where its output is /dev/null.
  child.stdout.resume()
  let peakKib = 0
  let said = ''
  child.stderr.on('data', (data) => {
    said = (said + data).slice(-2000)
  })
  const sample = setInterval(() => {
    peakKib = Math.max(peakKib, highWaterKib(child.pid))
  }, sampleEveryMs)
  const status = await new Promise<number | null>((resolve, reject) => {
    child.on('error', reject)
    child.on('exit', resolve)
  })
  clearInterval(sample)
  if (status === null || !statuses.includes(status)) throw new Error(`${command} ended with ${status}: ${said}`)
  return { wallMs: performance.now() - startedMs, peakMib: peakKib / 1024 }
}

function highWaterKib(pid: number | undefined): number {
  try {
    return Number(/VmHWM:\s+(\d+)/.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))?.[1] ?? 0)
  } catch {
    return 0
  }
}

export function median(values: number[]): number {
  const sorted = values.toSorted((a, b) => a - b)
  return sorted[Math.floor(sorted.length / 2)] ?? Number.NaN
}
