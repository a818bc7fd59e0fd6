import { sites } from './catalogue.ts'
import type { StoredPoint } from './stored_points.ts'

/** One workflow, whoever's copy ran under whichever name. */
export interface Standing {
  canonicalId: string
  /** How often it ran under which name. */
  names: Map<string, number>
  registry: string
  runs: number
  people: Set<number>
  labs: Set<string>
}

/** Counts what was invoked, from the points alone. */
export class Tally {
  points = 0
  refused = 0
  readonly #standings = new Map<string, Standing>()

  add({ domain, refusedWith, workflowName, canonicalId, registry, person }: StoredPoint): void {
    if (refusedWith !== null) {
      this.refused++
      return
    }
    this.points++
    const key = `${registry} ${canonicalId}`
    const standing = this.#standings.get(key) ?? {
      canonicalId,
      names: new Map(),
      registry,
      runs: 0,
      people: new Set(),
      labs: new Set(),
    }
    standing.names.set(workflowName, (standing.names.get(workflowName) ?? 0) + 1)
    standing.runs++
    standing.labs.add(labOf(domain))
    if (person !== null) standing.people.add(person)
    this.#standings.set(key, standing)
  }

  /** The most used first. */
  top(count: number): Standing[] {
    return [...this.#standings.values()].sort((a, b) => b.runs - a.runs || compare(a, b)).slice(0, count)
  }
}

/** The name that most runs had. */
export function usualName({ names }: Standing): string {
  return [...names].reduce((best, one) => (one[1] > best[1] ? one : best), ['', 0])[0]
}

/** A short name for a lab: the part of its host before the main site's. */
export function labOf(domain: string): string {
  return domain === sites.main ? 'main' : domain.replace(`.${sites.main}`, '')
}

function compare(a: Standing, b: Standing): number {
  return a.canonicalId < b.canonicalId ? -1 : 1
}
