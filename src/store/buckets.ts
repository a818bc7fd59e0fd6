import type { View } from './view.ts'

export interface Buckets {
  unit: View['bucket']
  /** When each begins, in seconds since 1970. The first may begin before what was asked for. */
  starts: number[]
  /** The bucket of a second: `indexes[floor(second / stepSeconds) - firstStep]`. */
  indexes: Uint32Array
  stepSeconds: number
  firstStep: number
}

const hourSeconds = 3600
const daySeconds = 86_400
/** 1970 began on a Thursday; ISO weeks begin on Mondays. */
const mondayDay = 4

/** The buckets of [from, until), in seconds since 1970, as wide as makes a readable chart; all in UTC. */
export function bucketsOf(from: number, until: number): Buckets {
  const days = (until - from) / daySeconds
  const unit = days <= 3 ? 'hour' : days <= 120 ? 'day' : days <= 731 ? 'week' : 'month'
  const stepSeconds = unit === 'hour' ? hourSeconds : daySeconds
  const firstStep = Math.floor(from / stepSeconds)
  const steps = Math.max(1, Math.ceil(until / stepSeconds) - firstStep)
  const indexes = new Uint32Array(steps)
  const starts: number[] = []
  for (let step = 0; step < steps; step++) {
    const start = startOf(unit, (firstStep + step) * stepSeconds)
    if (start !== starts.at(-1)) starts.push(start)
    indexes[step] = starts.length - 1
  }
  return { unit, starts, indexes, stepSeconds, firstStep }
}

function startOf(unit: View['bucket'], second: number): number {
  if (unit === 'hour' || unit === 'day') return second
  if (unit === 'week') {
    const day = second / daySeconds
    return (Math.floor((day - mondayDay) / 7) * 7 + mondayDay) * daySeconds
  }
  const date = new Date(second * 1000)
  return Date.UTC(date.getUTCFullYear(), date.getUTCMonth()) / 1000
}
