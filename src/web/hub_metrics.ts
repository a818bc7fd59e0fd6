import type { ShownHub } from './hub_routes.ts'
import type { Metric } from './metric.ts'
import type { DestinationView } from './view.ts'

/** `null` where it is not known. */
type Value = (destination: DestinationView, nowMs: number) => number | null

const ofDestinations: [name: string, type: Metric['type'], help: string, value: Value][] = [
  ['waiting', 'gauge', 'Events that wait for a destination.', ({ waiting }) => waiting],
  ['retrying', 'gauge', 'Events that failed there and are tried again.', ({ retrying }) => retrying],
  ['dead', 'gauge', 'Events kept that it could not be given.', ({ dead }) => dead],
  [
    'circuit_open',
    'gauge',
    'Whether the destination is down, or no worker for it is heard of.',
    ({ circuit }) => Number(circuit !== 'closed'),
  ],
  ['paused', 'gauge', 'Whether it is paused.', ({ paused }) => Number(paused)],
  [
    'oldest_waiting_seconds',
    'gauge',
    'Since when the oldest event waits for it; absent where some wait at RabbitMQ, which does not tell.',
    oldestWaitingSeconds,
  ],
  ['delivered_total', 'counter', 'Events delivered, since the start.', ({ delivered }) => delivered],
  ['retried_total', 'counter', 'Attempts that failed and were repeated, since the start.', ({ retried }) => retried],
]

function oldestWaitingSeconds({ waiting, waitingSince }: DestinationView, nowMs: number): number | null {
  if (waitingSince === null) return waiting === 0 ? 0 : null
  return Math.max(0, (nowMs - Date.parse(waitingSince)) / 1000)
}

/** The hub's numbers as Prometheus reads them. */
export function hubMetrics(hub: Pick<ShownHub, 'destinations' | 'availability'>, nowMs: number): Metric[] {
  const destinations = hub.destinations()
  const { probes } = hub.availability(nowMs)
  return [
    ...ofDestinations.map(
      ([name, type, help, value]): Metric => ({
        name: `workflow_reporting_events_${name}`,
        type,
        help,
        samples: destinations.flatMap((one): Metric['samples'] => {
          const known = value(one, nowMs)
          return known === null ? [] : [[labels({ destination: one.name }), known]]
        }),
      }),
    ),
    {
      name: 'workflow_reporting_probe_up',
      type: 'gauge',
      help: 'Whether what a probe looks at is up: 1 up or in maintenance, 0 down or silent; absent where it cannot tell.',
      samples: probes
        .filter(({ state }) => state !== 'unknown')
        .map(({ name, region, how, state }) => [
          labels({ probe: name, region, how }),
          Number(state === 'up' || state === 'maintenance'),
        ]),
    },
  ]
}

function labels(all: Record<string, string>): string {
  const escaped = (text: string) => text.replace(/[\\"]/g, '\\$&').replaceAll('\n', '\\n')
  return `{${Object.entries(all)
    .map(([name, value]) => `${name}="${escaped(value)}"`)
    .join(',')}}`
}
