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
        waiting: BigInt(waiting),
        retrying: BigInt(retrying),
        dead: BigInt(dead),
        delivered: BigInt(delivered),
        retried: BigInt(retried),
        circuit_open: circuit === 'open' ? 1n : 0n,
        paused: paused ? 1n : 0n,
        oldest_waiting_seconds: waitingSince === null ? 0n : seconds(Date.parse(waitingSince)),
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
