import { useState } from 'preact/hooks'
import type { EventsView, EventType } from '../web/view.ts'
import { Bar } from './bar.tsx'
import { Destinations } from './destinations.tsx'
import { colourNumbers, coloursMax } from './labs.ts'
import { OverTimeTable } from './over_time_table.tsx'
import { Panel } from './panel.tsx'
import { everything, type Query } from './query.ts'
import { RefusedEvents } from './refused_events.tsx'
import { Sparkline } from './sparkline.tsx'
import { type Series, StackedBars } from './stacked_bars.tsx'
import { TableScroll } from './table_scroll.tsx'
import type { Theme } from './theme.ts'
import { Compared, Total } from './totals.tsx'
import { bucketName, counted, listed, number, rangePhrase } from './words.ts'

interface Properties {
  view: EventsView
  query: Query
}

/** What happens on the platform, and where it is told. */
export function EventsTab({ view, query, theme }: Properties & { theme: Theme }) {
  const { range, from, until } = query
  const span = { ...everything, range, from, until }
  return (
    <>
      <EventTotals view={view} />
      <EventsOverTime view={view} query={span} theme={theme} />
      <Destinations destinations={view.destinations} />
      <EventTypes view={view} query={span} />
      <RefusedEvents view={view} query={span} />
    </>
  )
}

function EventTotals({ view: { asked, totals, destinations } }: { view: EventsView }) {
  const { events, types, sources, unknown, refused, before } = totals
  const dead = destinations.reduce((sum, destination) => sum + (destination.dead ?? 0), 0)
  const waiting = Math.max(0, ...destinations.map(({ waiting, retrying }) => (waiting ?? 0) + (retrying ?? 0)))
  return (
    <section class="totals" aria-label={`Totals ${rangePhrase(asked)}`}>
      <dl>
        <Total name="Events" count={events}>
          <Compared now={events} before={before} />
        </Total>
        <Total name="Types" count={types}>
          from {counted(sources, 'source')}
        </Total>
        <Total name="Of unknown type" count={unknown}>
          {unknown > 0 ? 'accepted, and not checked' : 'every type was known'}
        </Total>
        <Total name="Refused" count={refused}>
          {refused > 0 ? <a href="#refused">why</a> : 'none'}
        </Total>
        <Total name="Dead letters now" count={dead}>
          {dead > 0 ? (
            <a href="#destinations">what to do</a>
          ) : waiting > 0 ? (
            `${number(waiting)} wait`
          ) : (
            'nothing waits'
          )}
        </Total>
      </dl>
    </section>
  )
}

function EventsOverTime({ view, query, theme }: Properties & { theme: Theme }) {
  const { asked, bucket, buckets, overTime, totals } = view
  const [pressed, setPressed] = useState<Record<string, boolean>>({})
  const all = seriesOf(view)
  const hasOthers = all.some(({ name }) => !isOfProbes(name))
  const isShown = (name: string) => pressed[name] ?? !(hasOthers && isOfProbes(name))
  const series = all.filter(({ name }) => isShown(name))
  const labels = buckets.map((instant) => ({
    short: bucketName(instant, bucket, 'short'),
    long: bucketName(instant, bucket, 'long'),
  }))
  return (
    <Panel
      id="events-over-time"
      title="What happened, and when?"
      note={`Events by ${bucket} and category, ${rangePhrase(asked)}. Press a category to show it or leave it out; results of probes are many, and left out at first.`}
      download={{ table: 'events_over_time', query }}
      wide
    >
      {totals.events === 0 ? (
        <Nothing view={view} />
      ) : (
        <>
          <ul class="legend quiet" aria-label="Categories in the chart">
            {all.map(({ name, colour, events }) => (
              <li key={name}>
                <button
                  type="button"
                  class={isShown(name) ? 'entry' : 'entry off'}
                  aria-pressed={isShown(name)}
                  onClick={() => setPressed({ ...pressed, [name]: !isShown(name) })}
                >
                  <span class="swatch" style={{ backgroundColor: `var(${colour})` }} aria-hidden="true" /> {name}{' '}
                  <b>{number(events)}</b>
                </button>
              </li>
            ))}
          </ul>
          <StackedBars labels={labels} series={series} description={description(view, all)} theme={theme} />
          <OverTimeTable
            label="Events over time by category"
            caption={`Events by ${bucket} and category`}
            bucket={bucket}
            names={labels.map(({ long }) => long)}
            columns={overTime.map(({ category, counts }) => ({ key: category, title: category, counts }))}
          />
        </>
      )}
    </Panel>
  )
}

function Nothing({ view: { asked, counted } }: { view: EventsView }) {
  if (counted === null)
    return <p class="nothing">No event has been accepted yet. The first one appears here by itself.</p>
  return (
    <p class="nothing">
      Nothing happened {rangePhrase(asked)}. The first event ever accepted is of{' '}
      {bucketName(counted.first, 'hour', 'long')}.
    </p>
  )
}

/** They come every minute, and would hide everything else. */
const isOfProbes = (category: string) => category === 'probe' || category === 'service_status'

type DrawnSeries = Series & { events: number }

/** A series for each category, and one for all that have no colour left. */
function seriesOf({ overTime }: EventsView): DrawnSeries[] {
  const single = overTime.length <= coloursMax ? overTime : overTime.slice(0, coloursMax - 1)
  const rest = overTime.slice(single.length)
  const colours = colourNumbers(single.map(({ category }) => category))
  const series = single.map(({ category, events, counts }) => ({
    name: category,
    colour: `--series-${colours.get(category)}`,
    events,
    counts,
  }))
  if (rest.length === 0) return series
  const counts = rest[0]!.counts.map((_, index) => rest.reduce((sum, { counts }) => sum + (counts[index] ?? 0), 0))
  const events = rest.reduce((sum, { events }) => sum + events, 0)
  return [...series, { name: `${rest.length} other categories`, colour: '--series-rest', events, counts }]
}

function description({ asked, bucket, totals }: EventsView, series: DrawnSeries[]): string {
  const categories = listed(series.map(({ name, events }) => `${name} ${number(events)}`))
  return `Bar chart of ${counted(totals.events, 'event')} ${rangePhrase(asked)} by ${bucket}. By category: ${categories}.`
}

function EventTypes({ view, query }: Properties) {
  const { asked, bucket, types, typesLeftOut } = view
  const most = types[0]?.events ?? 0
  return (
    <Panel
      id="event-types"
      title="Which events, from whom?"
      note={`Events by type and source ${rangePhrase(asked)}. One of an unknown type is kept and passed on, and nobody checks what it holds.`}
      download={{ table: 'events', query }}
      wide
    >
      {types.length === 0 ? (
        <p class="nothing">None.</p>
      ) : (
        <TableScroll label="Events by type and source">
          <table class="event-types">
            <caption class="unseen">Events by type and source, most frequent first</caption>
            <thead>
              <tr>
                <th scope="col">Category and type</th>
                <th scope="col">Source</th>
                <th scope="col" class="number">
                  Events
                </th>
                <th scope="col" class="length short">
                  <span class="unseen">Compared</span>
                </th>
                <th scope="col" class="curve">
                  By {bucket}
                </th>
              </tr>
            </thead>
            <tbody>
              {types.map((type) => (
                <TypeRow key={`${type.source} ${type.category}.${type.type} ${type.known}`} type={type} most={most} />
              ))}
            </tbody>
          </table>
        </TableScroll>
      )}
      {typesLeftOut > 0 && <p class="more">and {counted(typesLeftOut, 'more type')}: take them all as CSV, above.</p>}
    </Panel>
  )
}

function TypeRow({ type: { source, category, type, known, events, counts }, most }: { type: EventType; most: number }) {
  return (
    <tr>
      <th scope="row">
        <span class="soft">{category}</span> <b>{type}</b> {!known && <span class="badge warn">unknown type</span>}
      </th>
      <td>{source}</td>
      <td class="number">{number(events)}</td>
      <td class="length short">
        <Bar part={events} of={most} />
      </td>
      <td class="curve">
        <Sparkline counts={counts} description={`at most ${number(Math.max(0, ...counts))}`} />
      </td>
    </tr>
  )
}
