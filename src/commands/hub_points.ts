import { hostname } from 'node:os'
import { type Point, tagValue } from '../pipeline/entry.ts'
import type { ShownHub } from '../web/hub_routes.ts'

/** What a hub says of itself: `workflow_events` for each destination, `workflow_probes` for each probe. */
export function hubPoints(
  hub: Pick<ShownHub, 'destinations' | 'availability'>,
  sinceMs: number,
  nowMs: number,
): Point[] {
  const timeNs = BigInt(nowMs) * 1_000_000n
  const seconds = (fromMs: number) => BigInt(Math.max(0, Math.floor((nowMs - fromMs) / 1000)))
  const host = tagValue(hostname()) || 'unknown'
  const destinations = hub.destinations().map((it): Point => {
    const { name, waiting, waitingSince, retrying, dead, delivered, retried, circuit, paused } = it
    return {
      measurement: 'workflow_events',
      tags: { host, destination: name },
      fields: {
        ...(waiting !== null && { waiting: BigInt(waiting) }),
        ...(retrying !== null && { retrying: BigInt(retrying) }),
        ...(dead !== null && { dead: BigInt(dead) }),
        delivered: BigInt(delivered),
        retried: BigInt(retried),
        circuit_open: circuit === 'closed' ? 0n : 1n,
        paused: paused ? 1n : 0n,
        ...(waitingSince !== null && { oldest_waiting_seconds: seconds(Date.parse(waitingSince)) }),
        ...(waiting === 0 && { oldest_waiting_seconds: 0n }),
        uptime_seconds: seconds(sinceMs),
      },
      timeNs,
    }
  })
  const probes = hub.availability(nowMs).probes.map(({ how, name, region, state, responseMs }): Point => {
    const isBad = state === 'down' || state === 'silent'
    return {
      measurement: 'workflow_probes',
      tags: withoutEmpty({ host, probe: tagValue(name), region: tagValue(region), how }),
      fields: {
        state,
        bad: isBad ? 1n : 0n,
        silent: state === 'silent' ? 1n : 0n,
        maintenance: state === 'maintenance' ? 1n : 0n,
        // What is in maintenance, or not known, counts neither way.
        ...((isBad || state === 'up') && { available: isBad ? 0 : 1 }),
        ...(responseMs !== null && state === 'up' && { response_ms: responseMs }),
      },
      timeNs,
    }
  })
  return [...destinations, ...probes]
}

function withoutEmpty(tags: Record<string, string>): Record<string, string> {
  return Object.fromEntries(Object.entries(tags).filter(([, value]) => value !== ''))
}
