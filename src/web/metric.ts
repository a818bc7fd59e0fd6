/** A number, or one for each of several things, as Prometheus has it. */
export type Metric = {
  name: string
  type: 'counter' | 'gauge'
  help: string
  samples: [labels: string, value: number][]
}
