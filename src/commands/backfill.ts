import { statSync } from 'node:fs'
import { resolve } from 'node:path'
import { type Counters, newCounters } from '../base/counters.ts'
import { Misconfigured, messageOf, Unavailable } from '../base/errors.ts'
import { log } from '../base/log.ts'
import { stopOnSignals } from '../base/stop.ts'
import { growYoungGeneration } from '../base/young_generation.ts'
import { loadConfiguration } from '../config/load.ts'
import { run } from '../pipeline/run.ts'
import { countedSink } from '../sinks/counted.ts'
import { WholeFiles } from '../sources/whole_files.ts'
import { assembleReading, assembleSink, type Span } from './assemble.ts'
import { showProgress } from './progress.ts'

export interface BackfillOptions extends Span {
  config: string
  paths: string[]
  patienceMs: number
  dryRun: boolean
  json: boolean
}

/** Reads whole files, writes the points of what they hold, and leaves. */
export async function backfill(options: BackfillOptions): Promise<number> {
  const { dryRun, json } = options
  const hasGrown = growYoungGeneration()
  const configuration = await loadConfiguration(options.config, { database: true, idSecret: true, influxdb: !dryRun })
  const paths = options.paths.map((path) => resolve(path))
  const totalBytes = sizeOf(paths)
  const counters = newCounters()
  const reading = assembleReading(configuration, options, dryRun, options.patienceMs, counters)
  const { selector, lookBackMs, places } = reading
  const source = new WholeFiles({ paths, selector, lookBackMs, places }, counters)
  const sink = countedSink(await assembleSink(configuration, dryRun, json, options.patienceMs), counters)
  const stop = stopOnSignals()
  const progress = showProgress(process.stderr, totalBytes, () => ({ bytes: source.readBytes, lines: counters.lines }))
  const troubles: string[] = []
  reading.transforms[1].prepare()
  hasGrown()
  try {
    const ended = await run({
      source,
      transforms: reading.transforms,
      sink,
      stop,
      patience: { patienceMs: options.patienceMs },
      readsAhead: true,
      onBatch: progress.step,
    })
    if (!ended) troubles.push('stopped before the end; run it again, nothing is counted twice')
  } catch (error) {
    if (!(error instanceof Unavailable)) throw error
    troubles.push(
      `${error.message} Waited ${options.patienceMs / 1000} s; run it again when it is back, nothing is counted twice`,
    )
  } finally {
    progress.end()
    await reading.close()
  }
  for (const path of source.damaged) troubles.push(`log (${path}) could not be read whole`)
  if (counters.refused > 0)
    troubles.push(`InfluxDB refused ${counters.refused} points for good; the log above tells why`)
  if (reading.transforms[1].secretIsProbablyWrong) {
    troubles.push('nine of ten ids do not decode: galaxy.id_secret is probably not the id_secret of this Galaxy')
  }
  for (const trouble of troubles) log.error('backfill', { trouble })
  if (json) process.stdout.write(`${JSON.stringify(counters)}\n`)
  else process.stderr.write(summary(counters, dryRun))
  return troubles.length === 0 ? 0 : 1
}

/** Bytes of all files on disk; every mistake among the arguments is told before anything is done. */
function sizeOf(paths: string[]): number {
  const mistakes: string[] = []
  let bytes = 0
  for (const path of paths) {
    try {
      const status = statSync(path)
      if (status.isDirectory()) mistakes.push(`${path}: is a folder. Name the files in it`)
      bytes += status.size
    } catch (error) {
      mistakes.push(`${path}: ${messageOf(error)}`)
    }
  }
  if (mistakes.length > 0) throw new Misconfigured(mistakes)
  return bytes
}

function summary(counters: Counters, dryRun: boolean): string {
  const { lines, malformed, requests, accepted, rejected, undecodable, unresolved, points, written, refused } = counters
  const rows: [string, number, string][] = [
    ['lines', lines, `read, ${malformed} of them malformed`],
    [
      'requests',
      requests,
      `${accepted} accepted, ${rejected} rejected, ${undecodable} undecodable, ${unresolved} unresolved`,
    ],
    ['points', points, dryRun ? 'made, none written (dry run)' : `${written} written, ${refused} refused`],
  ]
  return rows.map(([name, value, rest]) => `${name.padEnd(9)}${String(value).padStart(12)}  ${rest}\n`).join('')
}
