import { useState } from 'preact/hooks'
import { type Asked, rangeNames } from '../store/view.ts'
import type { Change, Query } from './query.ts'
import { dayAfter, lastDay, rangeLabel } from './words.ts'

interface Properties {
  query: Query
  /** As the server understood it; `null` before it has answered. */
  asked: Pick<Asked, 'from' | 'until'> | null
  change: Change
}

/** A time range by name, or two dates of which both are included. */
export function RangeFilter({ query, asked, change }: Properties) {
  const [choosing, setChoosing] = useState(query.range === null)
  const open = choosing || query.range === null
  return (
    <div class="range">
      <fieldset class="segments">
        <legend class="unseen">Time range</legend>
        {rangeNames.map((name) => (
          <label key={name}>
            <input
              type="radio"
              name="range"
              checked={!open && query.range === name}
              onChange={() => {
                setChoosing(false)
                change({ range: name, from: '', until: '' })
              }}
            />
            <span>{rangeLabel(name)}</span>
          </label>
        ))}
        <label>
          <input type="radio" name="range" checked={open} onChange={() => setChoosing(true)} />
          <span>Dates …</span>
        </label>
      </fieldset>
      {open && <Dates key={`${query.from} ${query.until}`} query={query} asked={asked} change={change} />}
    </div>
  )
}

function Dates({ query, asked, change }: Properties) {
  const [from, setFrom] = useState((query.from || asked?.from || '').slice(0, 10))
  const [to, setTo] = useState(lastDayOf(query.until || asked?.until || ''))
  const mistake = from !== '' && to !== '' && from > to ? 'The first day comes after the last.' : null
  const show = (event: SubmitEvent) => {
    event.preventDefault()
    if (from !== '' && to !== '' && mistake === null) change({ range: null, from, until: dayAfter(to) })
  }
  return (
    <form class="dates" onSubmit={show}>
      <label>
        From <input type="date" required value={from} onInput={({ currentTarget }) => setFrom(currentTarget.value)} />
      </label>
      <label>
        to <input type="date" required value={to} onInput={({ currentTarget }) => setTo(currentTarget.value)} />
      </label>
      <button type="submit" class="button">
        Show
      </button>
      {mistake && <output class="mistake">{mistake}</output>}
    </form>
  )
}

/** Nothing where an address holds what is no time. */
function lastDayOf(until: string): string {
  return Number.isNaN(Date.parse(until)) ? '' : lastDay(until)
}
