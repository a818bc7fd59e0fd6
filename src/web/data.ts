import type { View } from '../store/view.ts'

type Row = Record<string, string | number | null>
type Shown = Omit<View, 'collector'>

interface Table {
  names: string[]
  rowsOf(view: Shown): Row[]
}

/** What can be taken away: the numbers behind each chart, by name. */
export const tables: Record<string, Table> = {
  over_time: {
    names: ['from', 'domain', 'invocations'],
    rowsOf: ({ buckets, overTime }) =>
      overTime.flatMap(({ domain, counts }) =>
        counts.map((invocations, index) => ({ from: buckets[index]!, domain, invocations })),
      ),
  },
  workflows: {
    names: [
      'canonical_id',
      'name',
      'identity',
      'registry',
      'link',
      'invocations',
      'people',
      'people_everywhere',
      'labs',
      'last_used',
    ],
    rowsOf: ({ workflows }) =>
      workflows.map(({ canonicalId, peopleEverywhere, lastUsed, counts, ...same }) => ({
        ...same,
        canonical_id: canonicalId,
        people_everywhere: peopleEverywhere,
        last_used: lastUsed,
      })),
  },
  people: { names: ['domain', 'people', 'invocations'], rowsOf: ({ people }) => people },
  origins: { names: ['identity', 'registry', 'invocations', 'workflows'], rowsOf: ({ origins }) => origins },
  versions: {
    names: ['version', 'invocations', 'last_used'],
    rowsOf: ({ versions }) =>
      (versions ?? []).map(({ version, invocations, lastUsed }) => ({ version, invocations, last_used: lastUsed })),
  },
  rejected: {
    names: ['status', 'requests'],
    rowsOf: ({ rejected }) => rejected.map(({ status, requests }) => ({ status: Number(status), requests })),
  },
}

/** `workflow-invocations_people_2026-10-23_2026-11-22.csv`; the last day is the last that is in it. */
export function fileNameOf(name: string, { from, until }: View['asked'], ending: string): string {
  const last = new Date(Date.parse(until) - 1).toISOString()
  return `workflow-invocations_${name}_${from.slice(0, 10)}_${last.slice(0, 10)}.${ending}`
}
