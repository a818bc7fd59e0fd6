/** What was found of a day, of a domain, or of all. */
export interface Counts {
  equal: number
  missing: number
  extra: number
  unmatched: number
}

/**
 * Why a point is one too many: there is no row of its number; its row is a subworkflow's; its row has a point already;
 * its row was made at a time from which no line can have it.
 */
export type Excess = 'no_row' | 'subworkflow' | 'second_point' | 'far_from_row'

export interface ExtraPoint {
  invocationId: number
  second: number
  domain: string
  why: Excess
}

export interface Day {
  /** Days since 1970, in UTC. */
  day: number
  domains: Map<string, Counts>
  missingIds: number[]
  extraPoints: ExtraPoint[]
}

/** So many missing ids, and so many extra points, are named; others are only counted. */
const namedMax = 100_000

/** Counts what an audit finds, by day and domain. */
export class Tally {
  readonly total: Counts = newCounts()
  /** How many missing ids and extra points were not kept. */
  unnamed = 0
  readonly #days = new Map<number, Day>()

  /** @param day that of the row for a row and what belongs to it, else that of the point */
  equal(day: number, domain: string): void {
    this.#count(day, domain, 'equal')
  }

  unmatched(day: number, domain: string): void {
    this.#count(day, domain, 'unmatched')
  }

  missing(day: number, domain: string, id: number): void {
    const { missingIds } = this.#count(day, domain, 'missing')
    if (this.total.missing <= namedMax) missingIds.push(id)
    else this.unnamed++
  }

  extra(day: number, point: ExtraPoint): void {
    const { extraPoints } = this.#count(day, point.domain, 'extra')
    if (this.total.extra <= namedMax) extraPoints.push(point)
    else this.unnamed++
  }

  days(): Day[] {
    return [...this.#days.values()].sort((a, b) => a.day - b.day)
  }

  #count(number: number, domain: string, what: keyof Counts): Day {
    let day = this.#days.get(number)
    if (day === undefined) {
      day = { day: number, domains: new Map(), missingIds: [], extraPoints: [] }
      this.#days.set(number, day)
    }
    let counts = day.domains.get(domain)
    if (counts === undefined) {
      counts = newCounts()
      day.domains.set(domain, counts)
    }
    counts[what]++
    this.total[what]++
    return day
  }
}

export function newCounts(): Counts {
  return { equal: 0, missing: 0, extra: 0, unmatched: 0 }
}

const daySeconds = 86_400

export function dayOf(second: number): number {
  return Math.floor(second / daySeconds)
}

export function nameOfDay(day: number): string {
  return new Date(day * daySeconds * 1000).toISOString().slice(0, 10)
}
