import type { TabName } from '../web/view.ts'
import { addressOf, type Change, everything, type Query } from './query.ts'

interface Properties {
  tabs: TabName[]
  tab: TabName | null
  query: Query
  change: Change
}

const names: Record<TabName, string> = { workflows: 'Workflows', events: 'Events', availability: 'Availability' }

/** The parts of the page, where there is more than one. The time range goes along. */
export function Tabs({ tabs, tab, query: { range, from, until }, change }: Properties) {
  if (tabs.length < 2) return null
  return (
    <nav class="tabs" aria-label="Parts of this page">
      {tabs.map((name) => (
        <a
          key={name}
          href={`?${addressOf({ ...everything, range, from, until, tab: name })}`}
          aria-current={name === tab ? 'page' : undefined}
          onClick={(event) => {
            if (event.ctrlKey || event.metaKey || event.shiftKey) return
            event.preventDefault()
            change({ ...everything, range, from, until, tab: name })
          }}
        >
          {names[name]}
        </a>
      ))}
    </nav>
  )
}
