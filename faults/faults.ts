// `npm run faults`: each thing that can fail, many times, to the built program among real servers.
import { existsSync } from 'node:fs'
import { writeFile } from 'node:fs/promises'
import { startInfluxdb } from '../test/services/influxdb.ts'
import { startPostgres } from '../test/services/postgres.ts'
import { temporaryFolder } from '../test/services/temporary.ts'
import { readArguments, usage } from './arguments.ts'
import type { Fault } from './fault.ts'
import { buildWith } from './plants.ts'
import { tableOf, told } from './report.ts'
import { failedSeries, type Outcome, playSeries, type SeriesOptions } from './series.ts'

const builtFile = `${import.meta.dirname}/../dist/workflow-reporting.mjs`
const catchUpMs = 45_000

/** @returns the exit status */
async function main(): Promise<number> {
  let wanted: ReturnType<typeof readArguments>
  try {
    wanted = readArguments()
  } catch (error) {
    console.error(`${(error as Error).message}\n\n${usage}`)
    return 2
  }
  if (wanted.help) {
    console.log(usage)
    return 0
  }
  const { times, faults, plant, seed, json } = wanted
  if (!existsSync(builtFile)) throw new Error(`${builtFile} is not there: npm run build makes it`)
  await using folder = await temporaryFolder('faults')
  const stop = stopOnSignals()
  console.log(`seed ${seed}`)
  const found = new AbortController()
  const outcomes = await playAll(wanted, {
    program: plant === null ? builtFile : await buildWith(plant, folder),
    ...{ times, seed },
    catchUpMs: plant === null ? catchUpMs : catchUpMs / 3,
    signal: AbortSignal.any([stop, found.signal]),
    onRound: (name, finding) => {
      if (finding === null) return
      console.log(`${name}, ${told(finding)}`)
      if (plant !== null && finding.missing.length + finding.extra.length > 0) found.abort()
    },
  })

  console.log(`\n${tableOf(outcomes)}`)
  const left = faults.filter(({ name }) => !outcomes.some(({ fault }) => fault === name))
  if (left.length > 0) console.log(`\nnot run: ${left.map(({ name }) => name).join(', ')}`)
  if (json !== undefined) await writeFile(json, `${JSON.stringify({ seed, times, outcomes }, null, 2)}\n`)
  const isDifferent = outcomes.some(({ findings }) => findings.length > 0)
  if (isDifferent) console.log(`\nThere are differences. The same draws again: --seed ${seed}`)
  if (stop.aborted) console.log('\nInterrupted.')
  return isDifferent || stop.aborted ? 1 : 0
}

/** Some faults at a time, each on a site of its own; in the order of the catalogue. */
async function playAll({ faults, lanes }: ReturnType<typeof readArguments>, options: SeriesOptions) {
  await using postgres = await startPostgres()
  await using influxdb = await startInfluxdb()
  const outcomes = new Map<Fault, Outcome>()
  const playable = faults.filter(({ name, surroundings }) => {
    const isPlayable = !surroundings?.smallDisk || process.getuid?.() === 0
    if (!isPlayable) console.log(`${name} needs root, to mount a disk`)
    return isPlayable
  })
  const queue = playable.values()
  const lane = async () => {
    for (const fault of queue) {
      if (options.signal.aborted) return
      const outcome = await playSeries(fault, { postgres, influxdb }, options).catch((error: Error) =>
        failedSeries(fault, error),
      )
      outcomes.set(fault, outcome)
      console.error(`${outcomes.size} of ${playable.length}: ${fault.name}, ${outcome.seconds.toFixed(0)} s`)
    }
  }
  await Promise.all(Array.from({ length: lanes }, lane))
  return playable.flatMap((fault) => outcomes.get(fault) ?? [])
}

/** The temporary folders' own answer to a signal ends the process at once; here servers are to be stopped first. */
function stopOnSignals(): AbortSignal {
  const stop = new AbortController()
  for (const name of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) {
    process.removeAllListeners(name)
    process.once(name, () => {
      console.error('Stopping; again to stop at once.')
      stop.abort()
      process.once(name, () => process.exit(130))
    })
  }
  return stop.signal
}

process.exitCode = await main()
