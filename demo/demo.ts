import { existsSync } from 'node:fs'
import { parseArgs } from 'node:util'
import { demonstrate } from './demonstration.ts'
import { builtFile } from './program.ts'

const usage = `node demo/demo.ts [--seed N] [--seconds N]

Shows the collector at work on a Galaxy that is made up, until Ctrl-C.
  --seed N      another world; the same number makes the same one (1)
  --seconds N   end by itself after so many seconds of work`

interface Arguments {
  help: boolean
  seed: number
  seconds: number | undefined
}

function readArguments(): Arguments {
  const { values } = parseArgs({
    options: {
      seed: { type: 'string', default: '1' },
      seconds: { type: 'string' },
      help: { type: 'boolean', short: 'h', default: false },
    },
  })
  const seed = Number(values.seed)
  const seconds = values.seconds === undefined ? undefined : Number(values.seconds)
  if (!Number.isSafeInteger(seed)) throw new TypeError(`--seed takes a whole number, not "${values.seed}"`)
  if (seconds !== undefined && !(seconds > 0)) throw new TypeError(`--seconds takes a number, not "${values.seconds}"`)
  return { help: values.help, seed, seconds }
}

/** @returns the exit status */
async function main(): Promise<number> {
  let told: Arguments
  try {
    told = readArguments()
  } catch (error) {
    console.error(`${(error as Error).message}\n\n${usage}`)
    return 2
  }
  if (told.help) {
    console.log(usage)
    return 0
  }
  if (!existsSync(builtFile)) {
    console.error(`${builtFile} is not there: npm run build makes it.`)
    return 1
  }

  const stop = new AbortController()
  for (const name of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.on(name, () => stop.abort())
  // Whoever read the output has gone.
  process.stdout.on('error', () => stop.abort())
  const onWork = () => {
    if (told.seconds !== undefined) setTimeout(() => stop.abort(), told.seconds * 1000)
  }
  try {
    const { points, refused } = await demonstrate(told.seed, stop.signal, onWork)
    console.log(`\nStopped after ${points} invocations and ${refused} refused requests. Nothing is left running.`)
    return 0
  } catch (error) {
    console.error(`\n${(error as Error).message}`)
    return 1
  } finally {
    // After a failure, too: what goes on until the signal would keep the process alive.
    stop.abort()
  }
}

process.exitCode = await main()
