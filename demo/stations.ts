import { setTimeout as sleep } from 'node:timers/promises'
import type { Hub } from './hub.ts'
import type { Region } from './platform.ts'
import type { Program } from './program.ts'
import { configureProbe, regionNames, sleepingRegion } from './regions.ts'
import { type Clock, troubles } from './troubles.ts'

const lookEveryMs = 500

/** Starts a probe in each region: a process of its own, as on machines of their own. */
export async function startStations(
  folder: string,
  url: string,
  hub: Hub,
  platformPort: number,
  start: (name: 'probe', config: string) => Program,
): Promise<Map<Region, Program>> {
  const stations = new Map<Region, Program>()
  for (const region of regionNames) {
    const config = await configureProbe(folder, region, { url, key: hub.probesKey }, platformPort)
    stations.set(region, start('probe', config))
  }
  return stations
}

/** Lets the machine of one region sleep now and then, until the signal. */
export async function letOneSleep(stations: Map<Region, Program>, clock: Clock, signal: AbortSignal): Promise<void> {
  const station = stations.get(sleepingRegion)!
  let sleeps = false
  while (!signal.aborted) {
    const shallSleep = clock.isOn(troubles.region)
    if (shallSleep !== sleeps) {
      if (shallSleep) station.hold()
      else station.goOn()
      sleeps = shallSleep
    }
    await sleep(lookEveryMs, undefined, { signal }).catch(() => {})
  }
}
