import { setTimeout as sleep } from 'node:timers/promises'
import type { Random } from '../../test/world/random.ts'
import type { Broker } from './broker.ts'
import type { FarEnd, Trouble } from './far_end.ts'
import type { HubUnderTest } from './hub.ts'

const longestTroubleMs = 4000
/** What one takes, on average. */
export const troubleSeconds = 2.5

/** What can go wrong, each with its name. */
export function troublesOf(hub: HubUnderTest, ends: FarEnd[], broker: Broker | null): Trouble[] {
  const ofProcesses = hub.names.flatMap((name): Trouble[] => [
    {
      name: `${name} is killed`,
      async begin() {
        await hub.kill(name)
        return () => hub.start(name)
      },
    },
    {
      name: `${name} is stopped`,
      async begin() {
        await hub.stop(name)
        return () => hub.start(name)
      },
    },
  ])
  const ofEnds = ends.flatMap(({ name, faults }) =>
    faults.map((fault) => ({ ...fault, name: `${name} ${fault.name}` })),
  )
  return [...ofProcesses, ...ofEnds, ...(broker?.faults ?? [])]
}

/** One trouble after the other, in a new order each time round, until the signal, and each once at least. */
export async function disturb(troubles: Trouble[], random: Random, signal: AbortSignal): Promise<Map<string, number>> {
  const times = new Map<string, number>(troubles.map(({ name }) => [name, 0]))
  let left: Trouble[] = []
  while (!signal.aborted || [...times.values()].includes(0)) {
    if (left.length === 0) left = [...troubles]
    const [trouble] = left.splice(random.integer(0, left.length - 1), 1)
    await sleep(random.integer(100, 500))
    const end = await trouble!.begin()
    await sleep(random.integer(100, longestTroubleMs))
    await end()
    times.set(trouble!.name, times.get(trouble!.name)! + 1)
  }
  return times
}
