import { useEffect, useMemo, useState } from 'preact/hooks'
import { Announcer } from './announcer.tsx'
import { Collector } from './collector.tsx'
import { Filters } from './filters.tsx'
import { Footing } from './footing.tsx'
import { Masthead } from './masthead.tsx'
import { Origins } from './origins.tsx'
import { OverTime } from './over_time.tsx'
import { People } from './people.tsx'
import { searchOf, useQuery } from './query.ts'
import { Rejected } from './rejected.tsx'
import { useTheme } from './theme.ts'
import { Totals } from './totals.tsx'
import { Trouble } from './trouble.tsx'
import { Versions } from './versions.tsx'
import { Watch, type Watched } from './watch.ts'
import { Workflows } from './workflows.tsx'

/** The whole page: what is asked stands in the address, what is known comes from the server, and this shows it. */
export function App() {
  const [query, change] = useQuery()
  const { theme, wish, choose } = useTheme()
  const [watched, again] = useWatched(searchOf(query))
  const { view, viewOf, collector, asking, live, trouble } = watched
  return (
    <>
      <a class="skip" href="#content">
        Skip to the numbers
      </a>
      <Masthead collector={collector} live={live} wish={wish} choose={choose} />
      <Filters view={view} query={query} change={change} />
      <Trouble trouble={trouble} hasView={view !== null} again={again} change={change} />
      <Announcer view={view} viewOf={viewOf} />
      <main id="content" tabIndex={-1} aria-busy={asking}>
        {view === null ? (
          trouble === null && <Skeleton />
        ) : (
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
        )}
      </main>
      <Footing />
    </>
  )
}

function useWatched(search: string): [Watched, again: () => void] {
  const [watched, setWatched] = useState<Watched>(nothingYet)
  const watch = useMemo(() => new Watch(setWatched), [])
  useEffect(() => () => watch.close(), [])
  useEffect(() => watch.ask(search), [search])
  return [watched, watch.again]
}

const nothingYet: Watched = { view: null, viewOf: null, collector: null, asking: true, live: false, trouble: null }

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
