import type { CollectorState } from '../base/progress.ts'

/**
 * What the page shows, as one JSON document (`GET /api/view`); every list is complete or says how much was left out,
 * every count is exact. All times are UTC. People are counted, never named.
 */
export interface View {
  /** What was asked for, as it was understood; a page makes its address of it. */
  asked: Asked
  /** Buckets of `overTime`: the beginning of each as an instant, the last one may be cut by `asked.until`. */
  bucket: 'hour' | 'day' | 'week' | 'month'
  buckets: string[]
  totals: Totals
  /** A series for each lab, the most used first; `counts` has one number for each bucket. */
  overTime: { domain: string; invocations: number; counts: number[] }[]
  /** The most used workflows, most used first; `workflowsLeftOut` more are not listed. */
  workflows: WorkflowShare[]
  workflowsLeftOut: number
  /** People who ran what was asked for, by lab; the filter by lab is not applied, so that labs can be compared. */
  people: { domain: string; people: number; invocations: number }[]
  /** Where workflows came from: each registry, addresses, and local ones. The filters by origin are not applied. */
  origins: { identity: Identity; registry: string | null; invocations: number; workflows: number }[]
  /** Only where one workflow was asked for: its versions, most used first. */
  versions: { version: string | null; invocations: number; lastUsed: string }[] | null
  /** Requests that were refused, by HTTP status; of the filters only time and lab apply to them. */
  rejected: { status: string; requests: number }[]
  /** What can be chosen: everything in the range, whatever is filtered, with how often it was used. */
  choices: {
    domains: { domain: string; invocations: number }[]
    registries: { registry: string; invocations: number }[]
  }
  /** The first and last invocation ever counted; `null` where there is none yet. */
  counted: { first: string; last: string; invocations: number } | null
  /** How well the collector is. */
  collector: CollectorState
}

export type Identity = 'trs' | 'url' | 'local'

export interface Asked {
  /** One of the named ranges where one was asked for; they end now. `null`: `from` and `until` were given. */
  range: RangeName | null
  /** Included, an instant. */
  from: string
  /** Not included, an instant. */
  until: string
  domains: string[]
  registries: string[]
  identities: Identity[]
  /** A canonical id. */
  workflow: string | null
}

/** `month` and `year` are those of the calendar, up to now. */
export const rangeNames = ['24h', '7d', '30d', '90d', '365d', 'month', 'year', 'all'] as const
export type RangeName = (typeof rangeNames)[number]

export interface Totals {
  invocations: number
  people: number
  /** Invocations whose person is not known; they are in no count of people. */
  withoutPerson: number
  workflows: number
  labs: number
  rejected: number
  /** The same for the time before, as long as what was asked for; `null` where that begins before the first count. */
  before: { invocations: number; people: number } | null
}

export interface WorkflowShare {
  canonicalId: string
  /** The name under which it ran last. */
  name: string
  identity: Identity
  registry: string | null
  /** Where it can be looked at: its page in the registry, or its address; `null` where there is none. */
  link: string | null
  invocations: number
  /** People who ran it among what was asked for. */
  people: number
  /** People who ran it in the range, in any lab. */
  peopleEverywhere: number
  labs: number
  lastUsed: string
  /** A number for each bucket. */
  counts: number[]
}
