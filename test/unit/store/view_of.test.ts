// Every number of a view, against a plain count over a list of points.
import t from 'tap'
import { Counted, type Series } from '../../../src/store/counted.ts'
import type { Asked, Identity } from '../../../src/store/view.ts'
import { viewOf } from '../../../src/store/view_of.ts'
import { Random } from '../../world/random.ts'

interface Run extends Series {
  second: number
  userId: number | null
  version: string | null
}

const extent = { workflowsMax: 10, withCounts: true }
const day = 86_400
const start = Date.UTC(2024, 0, 30) / 1000
const instant = (second: number) => new Date(second * 1000).toISOString().replace('.000', '')

function madeUp(random: Random, size: number) {
  const origins: [Identity, string | null][] = [
    ['trs', 'dockstore'],
    ['trs', 'workflowhub'],
    ['url', null],
    ['local', null],
  ]
  const runs = Array.from({ length: size }, (): Run => {
    const number = random.integer(1, 40)
    const [identity, registry] = origins[number % 4]!
    return {
      second: start + random.integer(0, 900 * day),
      domain: `lab${random.integer(1, 4)}`,
      // One workflow bears the name of another's place in a registry.
      canonicalId: number === 3 ? 'dockstore:4' : registry === null ? `w${number}` : `${registry}:${number}`,
      workflowName: `Name ${number} ${random.integer(1, 2)}`,
      identity,
      registry,
      userId: random.chance(0.1) ? null : random.integer(1, 60),
      version: random.chance(0.3) ? null : `v${random.integer(1, 3)}`,
    }
  })
  const rejected = Array.from({ length: size }, () => ({
    second: start + random.integer(0, 900 * day),
    domain: `lab${random.integer(1, 4)}`,
    status: random.pick(['403', '404', '500']),
  }))
  return { runs, rejected }
}

function countedOf({ runs, rejected }: ReturnType<typeof madeUp>): Counted {
  const counted = new Counted()
  const ids = new Map<string, number>()
  const idOf = (key: string, add: (id: number) => void) => {
    const known = ids.get(key)
    if (known !== undefined) return known
    const id = [...ids.keys()].filter((other) => other[0] === key[0]).length + 1
    ids.set(key, id)
    add(id)
    return id
  }
  for (const { second, userId, version, ...series } of runs) {
    const id = idOf(`s${JSON.stringify(series)}`, (id) => counted.addSeries(id, series))
    const versionId = version === null ? null : idOf(`v${version}`, (id) => (counted.versionNames[id] = version))
    counted.addInvocation(second, id, userId, versionId)
  }
  for (const { second, ...tags } of rejected)
    counted.addRejected(
      second,
      idOf(`r${JSON.stringify(tags)}`, (id) => (counted.rejectedSeriesTags[id] = tags)),
    )
  return counted
}

const isIn = <T>(list: T[], value: T | null) => list.length === 0 || (value !== null && list.includes(value))
const countBy = <T>(list: T[], keyOf: (one: T) => string | null) =>
  [...Map.groupBy(list, keyOf)].sort((a, b) => b[1].length - a[1].length || (String(a[0]) < String(b[0]) ? -1 : 1))
const peopleOf = (runs: Run[]) => new Set(runs.map(({ userId }) => userId).filter((id) => id !== null)).size
const workflowKey = ({ canonicalId, identity, registry }: Run) => `${canonicalId} ${identity} ${registry}`

/** The beginning of the bucket, with nothing but dates. */
function bucketOf(second: number, unit: string): string {
  const date = new Date(second * 1000)
  date.setUTCMinutes(0, 0, 0)
  if (unit !== 'hour') date.setUTCHours(0)
  if (unit === 'week') while (date.getUTCDay() !== 1) date.setUTCDate(date.getUTCDate() - 1)
  if (unit === 'month') date.setUTCDate(1)
  return instant(date.getTime() / 1000)
}

t.test('at random', async (t) => {
  const random = new Random(process.env.WORLD_SEED ?? 'views')
  for (let round = 0; round < 40; round++) {
    const made = madeUp(random, random.pick([0, 1, 30, 3000]))
    const counted = countedOf(made)
    const from = start + random.integer(-30, 800) * day + random.integer(0, day)
    const until = from + random.pick([1, 7200, 3 * day, 3 * day + 1, 120 * day, 365 * day, 731 * day, 900 * day])
    const choose = <T>(list: T[]) => list.filter(() => random.chance(0.25))
    const asked: Asked = {
      range: null,
      from: instant(from),
      until: instant(until),
      domains: choose(['lab1', 'lab2', 'lab3']),
      registries: choose(['dockstore', 'workflowhub']),
      identities: choose(['trs', 'url', 'local']),
      workflow: random.chance(0.3) ? random.pick(['dockstore:4', 'w3', 'w6', 'none']) : null,
    }
    const view = viewOf(counted, asked, extent)
    const what = JSON.stringify(asked)

    const within = (since: number, to: number) => made.runs.filter(({ second }) => second >= since && second < to)
    const domainFits = ({ domain }: Run) => isIn(asked.domains, domain)
    const originFits = ({ registry, identity }: Run) =>
      isIn(asked.registries, registry) && isIn(asked.identities, identity)
    const workflowFits = ({ canonicalId }: Run) => asked.workflow === null || asked.workflow === canonicalId
    const all = within(from, until)
    const fit = (run: Run) => domainFits(run) && originFits(run) && workflowFits(run)
    const chosen = all.filter(fit)
    const before = within(from - (until - from), from).filter(fit)
    const first = Math.min(...made.runs.map(({ second }) => second))
    const rejected = made.rejected.filter(
      ({ second, domain }) => second >= from && second < until && isIn(asked.domains, domain),
    )

    t.same(
      view.totals,
      {
        invocations: chosen.length,
        people: peopleOf(chosen),
        withoutPerson: chosen.filter(({ userId }) => userId === null).length,
        workflows: new Set(chosen.map(workflowKey)).size,
        labs: new Set(chosen.map(({ domain }) => domain)).size,
        rejected: rejected.length,
        before: from - (until - from) < first ? null : { invocations: before.length, people: peopleOf(before) },
      },
      what,
    )
    const counts = (runs: Run[]) => {
      const byBucket = Map.groupBy(runs, ({ second }) => bucketOf(second, view.bucket))
      return view.buckets.map((bucket) => byBucket.get(bucket)?.length ?? 0)
    }
    t.same(
      view.overTime,
      countBy(chosen, ({ domain }) => domain).map(([domain, runs]) => ({
        domain,
        invocations: runs.length,
        counts: counts(runs),
      })),
    )
    t.equal(view.buckets[0], bucketOf(from, view.bucket))
    t.equal(view.buckets.at(-1), bucketOf(until - 1, view.bucket))
    t.equal(new Set(view.buckets).size, view.buckets.length)

    const everywhere = all.filter((run) => originFits(run) && workflowFits(run))
    const shares = countBy(chosen, workflowKey)
    t.equal(view.workflows.length, Math.min(shares.length, 10))
    t.equal(view.workflowsLeftOut, Math.max(0, shares.length - 10))
    t.same(
      view.workflows.map(({ invocations }) => invocations),
      shares.slice(0, 10).map(([, runs]) => runs.length),
    )
    for (const share of view.workflows) {
      const isIt = (run: Run) => workflowKey(run) === workflowKey(share as unknown as Run)
      const runs = chosen.filter(isIt)
      const last = Math.max(...runs.map(({ second }) => second))
      t.match(share, {
        invocations: runs.length,
        people: peopleOf(runs),
        peopleEverywhere: peopleOf(everywhere.filter(isIt)),
        labs: new Set(runs.map(({ domain }) => domain)).size,
        lastUsed: instant(last),
        counts: counts(runs),
      })
      t.ok(runs.some(({ second, workflowName }) => second === last && workflowName === share.name))
    }
    t.same(
      view.people,
      countBy(everywhere, ({ domain }) => domain).map(([domain, runs]) => ({
        domain,
        people: peopleOf(runs as Run[]),
        invocations: runs.length,
      })),
    )
    t.same(
      view.origins,
      countBy(
        all.filter((run) => domainFits(run) && workflowFits(run)),
        ({ identity, registry }) => `${identity} ${registry}`,
      ).map(([, runs]) => ({
        identity: runs[0]!.identity,
        registry: runs[0]!.registry,
        invocations: runs.length,
        workflows: new Set(runs.map(workflowKey)).size,
      })),
    )
    t.same(
      view.versions,
      asked.workflow === null
        ? null
        : countBy(chosen, ({ version }) => version ?? '').map(([version, runs]) => ({
            version: version || null,
            invocations: runs.length,
            lastUsed: instant(Math.max(...runs.map(({ second }) => second))),
          })),
    )
    t.same(
      view.rejected,
      countBy(rejected, ({ status }) => status).map(([status, list]) => ({ status, requests: list.length })),
    )
    t.same(
      view.choices.domains,
      countBy(all, ({ domain }) => domain).map(([domain, runs]) => ({ domain, invocations: runs.length })),
    )
    t.same(
      view.choices.registries,
      countBy(
        all.filter(({ registry }) => registry !== null),
        ({ registry }) => registry,
      ).map(([registry, runs]) => ({ registry, invocations: runs.length })),
    )
  }
})

t.test('how wide the buckets are', async (t) => {
  const unitOf = (from: string, until: string) => {
    const asked = { range: null, from, until, domains: [], registries: [], identities: [], workflow: null }
    const { bucket, buckets } = viewOf(new Counted(), asked, extent)
    return [bucket, buckets.length, buckets[0], buckets.at(-1)]
  }
  const rows: [string, string, unknown[]][] = [
    ['2026-06-25T10:30:00Z', '2026-06-25T10:30:01Z', ['hour', 1, '2026-06-25T10:00:00Z', '2026-06-25T10:00:00Z']],
    ['2026-06-22T00:00:00Z', '2026-06-25T00:00:00Z', ['hour', 72, '2026-06-22T00:00:00Z', '2026-06-24T23:00:00Z']],
    ['2026-06-22T00:00:00Z', '2026-06-25T00:00:01Z', ['day', 4, '2026-06-22T00:00:00Z', '2026-06-25T00:00:00Z']],
    ['2026-01-01T00:00:00Z', '2026-05-02T00:00:00Z', ['week', 18, '2025-12-29T00:00:00Z', '2026-04-27T00:00:00Z']],
    ['2024-02-29T00:00:00Z', '2026-03-31T00:00:00Z', ['month', 26, '2024-02-01T00:00:00Z', '2026-03-01T00:00:00Z']],
  ]
  for (const [from, until, wanted] of rows) t.same(unitOf(from, until), wanted)
})
