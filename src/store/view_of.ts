import { instantText } from '../base/instant.ts'
import { bucketsOf } from './buckets.ts'
import type { Counted } from './counted.ts'
import { linkOf } from './link.ts'
import {
  countsOfWorkflows,
  passesAll,
  passesButForDomain,
  passesButForOrigin,
  type Range,
  type Tally,
  tallyOf,
} from './tally.ts'
import type { Asked, View, WorkflowShare } from './view.ts'

export interface Extent {
  /** So many workflows at most are listed. */
  workflowsMax: number
  /** Whether they have their numbers by bucket; else `counts` is empty. */
  withCounts: boolean
}

/** Everything of a view that the store knows. */
export function viewOf(counted: Counted, asked: Asked, extent: Extent): Omit<View, 'collector'> {
  const range = { from: secondsOf(asked.from), until: secondsOf(asked.until) }
  const buckets = bucketsOf(range.from, range.until)
  const tally = tallyOf(counted, asked, range, buckets)
  const { bySeries, seriesPasses } = tally
  const series = idsOf(bySeries)
  const passing = series.filter((id) => passesAll(seriesPasses[id]!))
  const domainOf = (id: number) => counted.seriesDomain.values[id]!
  const registryOf = (id: number) => counted.workflows[counted.seriesWorkflow.values[id]!]!.registry
  const sum = <K>(ids: number[], keyOf: (id: number) => K) => {
    const sums = new Map<K, number>()
    for (const id of ids) sums.set(keyOf(id), (sums.get(keyOf(id)) ?? 0) + bySeries[id]!)
    return [...sums]
  }
  /** What was used in each domain, most used first. */
  const sumByDomain = (ids: number[]) => {
    const named = sum(ids, domainOf).map(([number, invocations]) => ({
      number,
      domain: counted.domains[number]!,
      invocations,
    }))
    return mostFirst(
      named,
      ({ invocations }) => invocations,
      ({ domain }) => domain,
    )
  }

  const width = buckets.starts.length
  const used = sumByDomain(passing)
  const overTime = used.map(({ number, domain, invocations }) => {
    const row = number * width
    return { domain, invocations, counts: [...tally.byDomainAndBucket.subarray(row, row + width)] }
  })
  const butForDomain = series.filter((id) => passesButForDomain(seriesPasses[id]!))
  const people = sumByDomain(butForDomain).map(({ number, domain, invocations }) => ({
    domain,
    people: peopleOf(tally, [number]),
    invocations,
  }))
  const rejected = rejectedOf(counted, asked, range)
  const uses = usesOf(counted, passing, tally)
  const listed = uses.slice(0, extent.workflowsMax)
  const numbers = extent.withCounts ? listed.map(({ workflow }) => workflow) : []
  const counts = countsOfWorkflows(counted, numbers, range, buckets, seriesPasses)
  const invocations = overTime.reduce((total, one) => total + one.invocations, 0)
  const isBeforeFirst = range.from - (range.until - range.from) < counted.firstSecond
  return {
    asked,
    bucket: buckets.unit,
    buckets: buckets.starts.map(instantText),
    totals: {
      invocations,
      people: peopleOf(
        tally,
        used.map(({ number }) => number),
      ),
      withoutPerson: tally.withoutPerson,
      workflows: uses.length,
      labs: overTime.length,
      rejected: rejected.reduce((total, { requests }) => total + requests, 0),
      before: isBeforeFirst ? null : tally.before,
    },
    overTime,
    workflows: listed.map((use, row) =>
      shareOf(counted, tally, use, [...counts.subarray(row * width, (row + 1) * width)]),
    ),
    workflowsLeftOut: uses.length - listed.length,
    people,
    origins: originsOf(
      series.filter((id) => passesButForOrigin(seriesPasses[id]!)),
      counted,
      bySeries,
    ),
    versions: asked.workflow === null ? null : versionsOf(counted, tally),
    rejected,
    choices: {
      domains: sumByDomain(series).map(({ domain, invocations }) => ({ domain, invocations })),
      registries: registriesOf(sum(series, registryOf)),
    },
    counted:
      counted.invocations === 0
        ? null
        : {
            first: instantText(counted.firstSecond),
            last: instantText(counted.lastSecond),
            invocations: counted.invocations,
          },
  }
}

function secondsOf(time: string): number {
  return Date.parse(time) / 1000
}

function mostFirst<T>(list: T[], countOf: (one: T) => number, nameOf: (one: T) => string): T[] {
  return list.sort((a, b) => countOf(b) - countOf(a) || (nameOf(a) < nameOf(b) ? -1 : 1))
}

function idsOf(numbers: Uint32Array): number[] {
  const ids: number[] = []
  for (let id = 0; id < numbers.length; id++) if (numbers[id]! > 0) ids.push(id)
  return ids
}

function registriesOf(sums: [string | null, number][]): View['choices']['registries'] {
  const list = sums.flatMap(([registry, invocations]) => (registry === null ? [] : [{ registry, invocations }]))
  return mostFirst(
    list,
    ({ invocations }) => invocations,
    ({ registry }) => registry,
  )
}

/** How many people there are in any of the domains. */
function peopleOf({ peopleByDomain, wordsByDomain: words }: Tally, domains: number[]): number {
  const rows = domains.map((number) => number * words)
  let people = 0
  for (let word = 0; word < words; word++) {
    let bits = 0
    for (const row of rows) bits |= peopleByDomain[row + word]!
    for (; bits !== 0; bits &= bits - 1) people++
  }
  return people
}

/** Only those listed are spelled out: there may be many thousands. */
interface Use {
  workflow: number
  invocations: number
  /** Ids of its series that were used; the last is the one used last. */
  series: number[]
  lastSecond: number
}

function usesOf(counted: Counted, passing: number[], { bySeries, lastSecondBySeries }: Tally): Use[] {
  const uses: (Use | undefined)[] = new Array(counted.workflows.length)
  for (const id of passing) {
    const workflow = counted.seriesWorkflow.values[id]!
    const lastSecond = lastSecondBySeries[id]!
    uses[workflow] ??= { workflow, invocations: 0, series: [], lastSecond: 0 }
    const use = uses[workflow]
    use.invocations += bySeries[id]!
    if (lastSecond >= use.lastSecond) {
      use.lastSecond = lastSecond
      use.series.push(id)
    } else use.series.unshift(id)
  }
  const canonicalId = ({ workflow }: Use) => counted.workflows[workflow]!.canonicalId
  return mostFirst(
    uses.filter((use) => use !== undefined),
    ({ invocations }) => invocations,
    canonicalId,
  )
}

function shareOf(counted: Counted, tally: Tally, use: Use, counts: number[]): WorkflowShare {
  const workflow = counted.workflows[use.workflow]!
  return {
    ...workflow,
    name: counted.seriesNames[use.series.at(-1)!]!,
    link: linkOf(workflow),
    invocations: use.invocations,
    people: tally.peopleByWorkflow[use.workflow]!,
    peopleEverywhere: tally.peopleByWorkflowEverywhere[use.workflow]!,
    labs: new Set(use.series.map((id) => counted.seriesDomain.values[id]!)).size,
    lastUsed: instantText(use.lastSecond),
    counts,
  }
}

function originsOf(ids: number[], counted: Counted, bySeries: Uint32Array): View['origins'] {
  const origins = new Map<string, View['origins'][number]>()
  const met = new Uint8Array(counted.workflows.length)
  for (const id of ids) {
    const workflow = counted.seriesWorkflow.values[id]!
    const { identity, registry } = counted.workflows[workflow]!
    const key = `${identity} ${registry ?? ''}`
    const origin = origins.get(key) ?? { identity, registry, invocations: 0, workflows: 0 }
    origins.set(key, origin)
    origin.invocations += bySeries[id]!
    if (met[workflow] === 0) origin.workflows++
    met[workflow] = 1
  }
  const list = [...origins.values()]
  return mostFirst(
    list,
    ({ invocations }) => invocations,
    ({ identity, registry }) => `${identity} ${registry}`,
  )
}

function versionsOf({ versionNames }: Counted, { byVersion, lastSecondByVersion }: Tally): View['versions'] {
  const list = idsOf(byVersion).map((id) => ({
    version: id === 0 ? null : versionNames[id]!,
    invocations: byVersion[id]!,
    lastUsed: instantText(lastSecondByVersion[id]!),
  }))
  return mostFirst(
    list,
    ({ invocations }) => invocations,
    ({ version }) => version ?? '',
  )
}

function rejectedOf(counted: Counted, { domains }: Asked, { from, until }: Range): View['rejected'] {
  const { rejectedSecond, rejectedSeries, rejectedSeriesTags } = counted
  const counts = new Uint32Array(rejectedSeriesTags.length)
  for (let index = 0; index < rejectedSecond.length; index++) {
    const second = rejectedSecond.values[index]!
    if (second >= from && second < until) counts[rejectedSeries.values[index]!]!++
  }
  const sums = new Map<string, number>()
  for (const id of idsOf(counts)) {
    const { domain, status } = rejectedSeriesTags[id]!
    if (domains.length > 0 && !domains.includes(domain)) continue
    sums.set(status, (sums.get(status) ?? 0) + counts[id]!)
  }
  return mostFirst(
    [...sums].map(([status, requests]) => ({ status, requests })),
    ({ requests }) => requests,
    ({ status }) => status,
  )
}
