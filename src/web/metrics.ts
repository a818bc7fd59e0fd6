import type { CollectorState } from '../base/progress.ts'
import type { Counted } from '../store/counted.ts'
import { hubMetrics } from './hub_metrics.ts'
import type { ShownHub } from './hub_routes.ts'
import type { Metric } from './metric.ts'

export const metricsType = 'text/plain; version=0.0.4; charset=utf-8'

/** What Prometheus reads (https://prometheus.io/docs/instrumenting/exposition_formats/). */
export function metricsOf(
  collector: CollectorState,
  counted: Counted | null,
  hub: ShownHub | null,
  nowMs: number,
): string {
  const one = (name: string, type: Metric['type'], help: string, value: number): Metric => {
    return { name: `workflow_reporting_${name}`, type, help, samples: [['', value]] }
  }
  const metrics = [one('up', 'gauge', 'Whether the collector answers.', collector.running ? 1 : 0)]
  if (collector.running) {
    const uptimeSeconds = Math.max(0, Math.floor((nowMs - Date.parse(collector.since)) / 1000))
    metrics.push(
      one('uptime_seconds', 'gauge', 'How long the collector has been running.', uptimeSeconds),
      one(
        'lag_seconds',
        'gauge',
        'Age of the oldest logged line whose point may still be missing.',
        collector.lag_seconds,
      ),
      one(
        'waiting',
        'gauge',
        'Whether the collector waits for something out of reach.',
        collector.waiting_for === null ? 0 : 1,
      ),
      ...Object.entries(collector.counters).map(([name, total]) =>
        one(`${name}_total`, 'counter', `The collector's counter ${name}, since it started.`, total),
      ),
    )
  }
  if (hub !== null) metrics.push(...hubMetrics(hub, nowMs))
  if (counted === null) return metrics.map(textOf).join('')
  metrics.push({
    name: 'workflow_reporting_store_points',
    type: 'gauge',
    help: 'Points in the store.',
    samples: [
      ['{measurement="workflow_invocation"}', counted.invocations],
      ['{measurement="workflow_invocation_rejected"}', counted.rejectedSecond.length],
    ],
  })
  if (counted.invocations > 0)
    metrics.push(
      one(
        'store_last_invocation_timestamp_seconds',
        'gauge',
        'When the last invocation in the store was.',
        counted.lastSecond,
      ),
    )
  return metrics.map(textOf).join('')
}

function textOf({ name, type, help, samples }: Metric): string {
  const lines = samples.map(([labels, value]) => `${name}${labels} ${value}\n`)
  return `# HELP ${name} ${help}\n# TYPE ${name} ${type}\n${lines.join('')}`
}
