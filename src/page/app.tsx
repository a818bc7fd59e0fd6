import { useEffect, useMemo, useState } from 'preact/hooks'
import type { View } from '../store/view.ts'
import type { TabName } from '../web/view.ts'
import { Announcer } from './announcer.tsx'
import { Availability } from './availability.tsx'
import { Collector } from './collector.tsx'
import { EventsTab } from './events_tab.tsx'
import { Filters, Span } from './filters.tsx'
import { Footing } from './footing.tsx'
import { Masthead } from './masthead.tsx'
import { Origins } from './origins.tsx'
import { OverTime } from './over_time.tsx'
import { People } from './people.tsx'
import { type Change, type Query, searchOf, spanSearchOf, useQuery } from './query.ts'
import { Rejected } from './rejected.tsx'
import { Tabs } from './tabs.tsx'
import { type Theme, useTheme } from './theme.ts'
import { Totals } from './totals.tsx'
import { Trouble } from './trouble.tsx'
import { Versions } from './versions.tsx'
import { type CollectorState, Watch, type Watched } from './watch.ts'
import { Workflows } from './workflows.tsx'

/** The whole page: what is asked stands in the address, what is known comes from the server, and this shows it. */
export function App() {
  const [query, change] = useQuery()
  const { theme, wish, choose } = useTheme()
  const isOfEvents = query.tab === 'events' || query.tab === 'availability'
  const [watched, again] = useWatched(query.tab, isOfEvents ? spanSearchOf(query) : searchOf(query))
  const { shown, shownOf, tabs, collector, asking, live, trouble } = watched
  const tab = query.tab ?? tabs?.[0] ?? null
  return (
    <>
      <a class="skip" href="#content">
        Skip to the numbers
      </a>
      <Masthead collector={tabs?.includes('workflows') ? collector : null} live={live} wish={wish} choose={choose} />
      <Tabs tabs={tabs ?? []} tab={tab} query={query} change={change} />
      {tab === 'workflows' && (
        <Filters view={shown?.tab === 'workflows' ? shown.view : null} query={query} change={change} />
      )}
      {tab === 'events' && (
        <Span asked={shown?.tab === 'events' ? shown.view.asked : null} query={query} change={change} />
      )}
      <Trouble trouble={trouble} hasView={shown !== null} again={again} change={change} />
      <Announcer shown={shown} shownOf={shownOf} />
      <main id="content" tabIndex={-1} aria-busy={asking}>
        {shown === null && trouble === null && <Skeleton />}
        {shown?.tab === 'workflows' && (
          <WorkflowsTab view={shown.view} query={query} change={change} theme={theme} collector={collector} />
        )}
        {shown?.tab === 'events' && <EventsTab view={shown.view} query={query} theme={theme} />}
        {shown?.tab === 'availability' && <Availability view={shown.view} />}
      </main>
      <Footing tab={tab} />
    </>
  )
}

interface WorkflowsProperties {
  view: View
  query: Query
  change: Change
  theme: Theme
  collector: CollectorState | null
}

function WorkflowsTab({ view, query, change, theme, collector }: WorkflowsProperties) {
  return (
    <>
      <Totals view={view} />
      <OverTime view={view} query={query} change={change} theme={theme} />
      <Workflows view={view} query={query} change={change} />
      <People view={view} query={query} />
      <Origins view={view} query={query} />
      <Versions view={view} query={query} />
      <Rejected view={view} query={query} />
      {collector && <Collector collector={collector} />}
    </>
  )
}

function useWatched(tab: TabName | null, search: string): [Watched, again: () => void] {
  const [watched, setWatched] = useState<Watched>(nothingYet)
  const watch = useMemo(() => new Watch(setWatched), [])
  useEffect(() => () => watch.close(), [])
  useEffect(() => watch.ask(tab, search), [tab, search])
  return [watched, watch.again]
}

const nothingYet: Watched = {
  shown: null,
  shownOf: null,
  tabs: null,
  collector: null,
  asking: true,
  live: false,
  trouble: null,
}

/** Holds the place of what comes, so that nothing jumps. */
function Skeleton() {
  return (
    <>
      <p class="unseen">Loading</p>
      {['totals', 'panel wide tall', 'panel wide tall'].map((kind, index) => (
        <div key={index} class={`${kind} skeleton`} aria-hidden="true" />
      ))}
    </>
  )
}
