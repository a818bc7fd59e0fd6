// What the kernel says of a process that still runs.
import { readFileSync } from 'node:fs'

const ticksPerSecond = 100

/** What it and its threads had of the processors so far. */
export function cpuMsOf(pid: number): number {
  const fields = readFileSync(`/proc/${pid}/stat`, 'latin1').split(') ')[1]!.split(' ')
  return ((Number(fields[11]) + Number(fields[12])) * 1000) / ticksPerSecond
}

/** `VmRSS` is what it has now, `VmHWM` the most that it had, `RssAnon` what is no part of a file. */
export function mibOf(pid: number, name: 'VmRSS' | 'VmHWM' | 'RssAnon'): number {
  const status = readFileSync(`/proc/${pid}/status`, 'latin1')
  return Number(new RegExp(`${name}:\\s+(\\d+)`).exec(status)?.[1]) / 1024
}
