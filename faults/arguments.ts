import { parseArgs } from 'node:util'
import { catalogue } from './catalogue.ts'
import { plants } from './plants.ts'

export const usage = `npm run faults -- [--times N] [--only NAME,...] [--seed S] [--json FILE] [--lanes N] [--plant NAME]

Lets things fail while a Galaxy is used, and compares the points with Galaxy's rows and the requests sent.
  --times N      how often each fails (5)
  --only NAMES   these faults alone
  --seed S       the same draws again; printed at the beginning of every run
  --json FILE    the results, also as JSON
  --lanes N      how many faults are under way at a time, each on a site of its own (6)
  --plant NAME   with a bug put into the program, and the faults that show it: ends when it is found

Faults:
${catalogue.map(({ name, about }) => `  ${name.padEnd(24)} ${about}`).join('\n')}

Plants:
${Object.entries(plants)
  .map(([name, { about }]) => `  ${name.padEnd(24)} ${about}`)
  .join('\n')}

Exit status: 0 nothing missing and nothing extra, 1 a difference, 2 wrong arguments.`

export class WrongArguments extends Error {}

/** What the command line asks for; throws `WrongArguments`. */
export function readArguments() {
  const { values } = parseArgs({
    options: {
      times: { type: 'string', default: '5' },
      only: { type: 'string' },
      seed: { type: 'string', default: String(Date.now()) },
      json: { type: 'string' },
      lanes: { type: 'string', default: '6' },
      plant: { type: 'string' },
      help: { type: 'boolean', short: 'h', default: false },
    },
  })
  const [times, lanes] = [Number(values.times), Number(values.lanes)]
  for (const [name, number] of Object.entries({ times, lanes }))
    if (!Number.isSafeInteger(number) || number < 1) throw new WrongArguments(`--${name} takes a number of 1 or more`)
  const plant = values.plant === undefined ? null : plants[values.plant]
  if (plant === undefined) throw new WrongArguments(`--plant: there is no ${values.plant}`)
  const names = values.only?.split(',') ?? plant?.shownBy
  const unknown = names?.filter((name) => !catalogue.some((fault) => fault.name === name)) ?? []
  if (unknown.length > 0) throw new WrongArguments(`--only: there is no fault ${unknown.join(', ')}`)
  const faults = catalogue.filter(({ name }) => names?.includes(name) ?? true)
  return { times, lanes, faults, plant, seed: values.seed, json: values.json, help: values.help }
}
