import type { Buckets } from './buckets.ts'
import type { Counted } from './counted.ts'
import type { Asked } from './view.ts'

/** What of the filters a series passes. */
const passes = { domain: 1, origin: 2, workflow: 4, all: 7 }

/** Numbers of one look at every invocation. Arrays are by the numbers and ids of `Counted`. */
export interface Tally {
  /** Invocations in the range, whatever is filtered. */
  bySeries: Uint32Array
  lastSecondBySeries: Uint32Array
  seriesPasses: Uint8Array
  withoutPerson: number
  /** People who ran what passes; and in the range, in any lab. */
  peopleByWorkflow: Uint32Array
  peopleByWorkflowEverywhere: Uint32Array
  /** A bit for each person, whatever is filtered by lab; `wordsByDomain` words for each domain. */
  peopleByDomain: Uint32Array
  wordsByDomain: number
  byDomainAndBucket: Uint32Array
  byVersion: Uint32Array
  lastSecondByVersion: Uint32Array
  before: { invocations: number; people: number }
}

export interface Range {
  from: number
  until: number
}

/** Looks once at every invocation: some nanoseconds for each, whatever was asked for. */
export function tallyOf(counted: Counted, asked: Asked, { from, until }: Range, buckets: Buckets): Tally {
  const { domains, workflows, people, runs, versionNames } = counted
  const [seconds, series] = [counted.second.values, counted.series.values]
  const [personOf, runOf, versions] = [counted.person.values, counted.run.values, counted.version.values]
  const [seriesDomain, seriesWorkflow] = [counted.seriesDomain.values, counted.seriesWorkflow.values]
  const seriesPasses = passesOf(counted, asked)
  const { indexes, stepSeconds, firstStep, starts } = buckets
  const width = starts.length
  const words = Math.ceil(people / 32)
  const earliest = from - (until - from)

  const bySeries = new Uint32Array(seriesDomain.length)
  const lastSecondBySeries = new Uint32Array(seriesDomain.length)
  const peopleByWorkflow = new Uint32Array(workflows.length)
  const peopleByWorkflowEverywhere = new Uint32Array(workflows.length)
  const peopleByDomain = new Uint32Array(words * domains.length)
  const byDomainAndBucket = new Uint32Array(width * domains.length)
  const byVersion = new Uint32Array(versionNames.length + 1)
  const lastSecondByVersion = new Uint32Array(versionNames.length + 1)
  const runSeen = new Uint8Array(runs.length)
  const seenBefore = new Uint8Array(people)
  let withoutPerson = 0
  let invocationsBefore = 0
  let peopleBefore = 0

  for (let index = 0; index < counted.invocations; index++) {
    const second = seconds[index]!
    if (second < earliest || second >= until) continue
    const of = series[index]!
    const passed = seriesPasses[of]!
    const person = personOf[index]!
    if (second < from) {
      if (passed !== passes.all) continue
      invocationsBefore++
      if (person !== 0 && seenBefore[person] === 0) {
        seenBefore[person] = 1
        peopleBefore++
      }
      continue
    }
    bySeries[of]!++
    if (second > lastSecondBySeries[of]!) lastSecondBySeries[of] = second
    if ((passed | passes.domain) !== passes.all) continue
    const domain = seriesDomain[of]!
    if (person !== 0) {
      const run = runOf[index]!
      const seen = runSeen[run]!
      const seeing = passed === passes.all ? 3 : 1
      if ((seen | seeing) !== seen) {
        if ((seen & 1) === 0) peopleByWorkflowEverywhere[seriesWorkflow[of]!]!++
        if ((seeing & ~seen & 2) !== 0) peopleByWorkflow[seriesWorkflow[of]!]!++
        runSeen[run] = seen | seeing
      }
      peopleByDomain[domain * words + (person >>> 5)]! |= 1 << (person & 31)
    }
    if (passed !== passes.all) continue
    if (person === 0) withoutPerson++
    byDomainAndBucket[domain * width + indexes[Math.floor(second / stepSeconds) - firstStep]!]!++
    const version = versions[index]!
    byVersion[version]!++
    if (second > lastSecondByVersion[version]!) lastSecondByVersion[version] = second
  }
  return {
    bySeries,
    lastSecondBySeries,
    seriesPasses,
    withoutPerson,
    peopleByWorkflow,
    peopleByWorkflowEverywhere,
    peopleByDomain,
    wordsByDomain: words,
    byDomainAndBucket,
    byVersion,
    lastSecondByVersion,
    before: { invocations: invocationsBefore, people: peopleBefore },
  }
}

/** A second look, for the few workflows that are shown: their numbers by bucket, `buckets.starts.length` for each. */
export function countsOfWorkflows(
  counted: Counted,
  shown: number[],
  { from, until }: Range,
  { indexes, stepSeconds, firstStep, starts }: Buckets,
  seriesPasses: Uint8Array,
): Uint32Array {
  const rowOf = new Int32Array(counted.workflows.length).fill(-1)
  shown.forEach((workflow, row) => {
    rowOf[workflow] = row
  })
  const counts = new Uint32Array(shown.length * starts.length)
  const [seconds, series, seriesWorkflow] = [
    counted.second.values,
    counted.series.values,
    counted.seriesWorkflow.values,
  ]
  for (let index = 0; index < counted.invocations; index++) {
    const second = seconds[index]!
    if (second < from || second >= until || seriesPasses[series[index]!] !== passes.all) continue
    const row = rowOf[seriesWorkflow[series[index]!]!]!
    if (row >= 0) counts[row * starts.length + indexes[Math.floor(second / stepSeconds) - firstStep]!]!++
  }
  return counts
}

function passesOf(counted: Counted, { domains, registries, identities, workflow }: Asked): Uint8Array {
  const { seriesDomain, seriesWorkflow } = counted
  const isOf = <T>(list: readonly T[], value: T | null) => list.length === 0 || (value !== null && list.includes(value))
  const domainPasses = counted.domains.map((domain) => (isOf(domains, domain) ? passes.domain : 0))
  const workflowPasses = counted.workflows.map(({ canonicalId, identity, registry }) => {
    const origin = isOf(registries, registry) && isOf(identities, identity) ? passes.origin : 0
    return origin | (workflow === null || workflow === canonicalId ? passes.workflow : 0)
  })
  return Uint8Array.from(
    { length: seriesDomain.length },
    (_, id) => (domainPasses[seriesDomain.values[id]!] ?? 0) | (workflowPasses[seriesWorkflow.values[id]!] ?? 0),
  )
}

export function passesAll(passed: number): boolean {
  return passed === passes.all
}

/** Whatever is filtered by lab. */
export function passesButForDomain(passed: number): boolean {
  return (passed | passes.domain) === passes.all
}

/** Whatever is filtered by where workflows come from. */
export function passesButForOrigin(passed: number): boolean {
  return (passed | passes.origin) === passes.all
}
