import { useEffect, useState } from 'preact/hooks'
import { type Identity, type RangeName, rangeNames } from '../store/view.ts'
import { type TabName, tabNames } from '../web/view.ts'

/** What is asked for. It stands in the page's address, in the same words in which the server is asked. */
export interface Query {
  /** `null`: the first that has something. */
  tab: TabName | null
  /** `null`: `from` and `until` say it. */
  range: RangeName | null
  /** Included, a date or an instant. */
  from: string
  /** Not included, a date or an instant. */
  until: string
  domains: string[]
  registries: string[]
  identities: Identity[]
  /** A canonical id. */
  workflow: string | null
}

export const everything: Query = {
  tab: null,
  range: '30d',
  from: '',
  until: '',
  domains: [],
  registries: [],
  identities: [],
  workflow: null,
}

const identities: readonly Identity[] = ['trs', 'url', 'local']

/** Reads the part of an address behind `?`. What it does not know it leaves out. */
function queryOf(search: string): Query {
  const parameters = new URLSearchParams(search)
  const [from, until] = [parameters.get('from') ?? '', parameters.get('until') ?? '']
  const range = rangeNames.find((name) => name === parameters.get('range'))
  const given = (name: string) => [...new Set(parameters.getAll(name))].filter((value) => value !== '')
  return {
    tab: tabNames.find((name) => name === parameters.get('tab')) ?? null,
    range: range ?? (from !== '' || until !== '' ? null : everything.range),
    from: range === undefined ? from : '',
    until: range === undefined ? until : '',
    domains: given('domain'),
    registries: given('registry'),
    identities: identities.filter((name) => parameters.getAll('identity').includes(name)),
    workflow: parameters.get('workflow') || null,
  }
}

/** What the server is asked. */
export function searchOf({ range, from, until, domains, registries, identities, workflow }: Query): string {
  const parameters = new URLSearchParams()
  if (range !== null) parameters.set('range', range)
  else {
    if (from !== '') parameters.set('from', from)
    if (until !== '') parameters.set('until', until)
  }
  for (const domain of domains) parameters.append('domain', domain)
  for (const registry of registries) parameters.append('registry', registry)
  for (const identity of identities) parameters.append('identity', identity)
  if (workflow !== null) parameters.set('workflow', workflow)
  return parameters.toString()
}

/** What stands behind `?` in the address, without it; the other way round of `queryOf`. */
export function addressOf(query: Query): string {
  const search = searchOf(query)
  return query.tab === null ? search : `tab=${query.tab}&${search}`
}

/** What of it is asked about events. */
export function spanSearchOf({ range, from, until }: Query): string {
  return searchOf({ ...everything, range, from, until })
}

export function isFiltered({ domains, registries, identities, workflow }: Query): boolean {
  return domains.length + registries.length + identities.length > 0 || workflow !== null
}

export type Change = (change: Partial<Query>) => void

/** The query of the address, and how to change it: each change is a step that the back button takes back. */
export function useQuery(): [Query, Change] {
  const [query, setQuery] = useState(() => queryOf(location.search))
  useEffect(() => {
    const read = () => setQuery(queryOf(location.search))
    addEventListener('popstate', read)
    return () => removeEventListener('popstate', read)
  }, [])
  const change: Change = (change) => {
    const next = { ...queryOf(location.search), ...change }
    history.pushState(null, '', `?${addressOf(next)}`)
    setQuery(next)
  }
  return [query, change]
}
