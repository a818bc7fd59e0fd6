import { parseArgs } from 'node:util'
import { plants } from './plants.ts'

export const usage = `npm run faults:hub -- [--events N] [--clients N] [--transport embedded|rabbitmq] [--seed S] [--only TROUBLE,...] [--plant NAME]

Clients send events to a hub while its processes are killed, its broker and its destinations fail one after the other.
Then every event that got 202 must be at every destination once, and the dead letters must be the bad ones.
  --events N      how many are sent (10000)
  --clients N     by how many clients at a time (8)
  --transport T   embedded, or rabbitmq
  --seed S        the same draws again; printed at the beginning of every run
  --only T,...    these troubles alone, by the names in the table at the end
  --plant NAME    with a bug put into the program, and the troubles that show it

Plants:
${Object.entries(plants)
  .map(([name, { about }]) => `  ${name.padEnd(16)}${about}`)
  .join('\n')}

Exit status: 0 nothing missing and nothing extra, 1 a difference, 2 wrong arguments.`

export class WrongArguments extends Error {}

/** What the command line asks for; throws `WrongArguments`. */
export function readArguments() {
  const { values } = parseArgs({
    options: {
      events: { type: 'string', default: '10000' },
      clients: { type: 'string', default: '8' },
      transport: { type: 'string', default: 'embedded' },
      seed: { type: 'string', default: String(Date.now()) },
      only: { type: 'string' },
      plant: { type: 'string' },
      help: { type: 'boolean', short: 'h', default: false },
    },
  })
  const { transport, seed, help } = values
  const [events, clients] = [Number(values.events), Number(values.clients)]
  for (const [name, number] of Object.entries({ events, clients }))
    if (!Number.isSafeInteger(number) || number < 1) throw new WrongArguments(`--${name} takes a number of 1 or more`)
  if (transport !== 'embedded' && transport !== 'rabbitmq')
    throw new WrongArguments(`--transport: there is no ${transport}`)
  const plant = values.plant === undefined ? null : plants[values.plant]
  if (plant === undefined) throw new WrongArguments(`--plant: there is no ${values.plant}`)
  const only = values.only?.split(',') ?? plant?.shownBy ?? null
  return { events, clients, transport, seed, help, plant, only }
}

export type Wanted = ReturnType<typeof readArguments>
