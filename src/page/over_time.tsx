import type { View } from '../store/view.ts'
import { colourNumbers, coloursMax, labName, labText } from './labs.ts'
import { OverTimeTable } from './over_time_table.tsx'
import { Panel } from './panel.tsx'
import type { Change, Query } from './query.ts'
import { type Series, StackedBars } from './stacked_bars.tsx'
import type { Theme } from './theme.ts'
import { bucketName, counted, listed, number, rangePhrase } from './words.ts'

interface Properties {
  view: View
  query: Query
  change: Change
  theme: Theme
}

interface DrawnSeries extends Series {
  /** `null` where several labs are drawn as one. */
  domain: string | null
  invocations: number
}

/** Invocations in each bucket by lab. */
export function OverTime({ view, query, change, theme }: Properties) {
  const { asked, bucket, buckets, overTime, totals } = view
  const series = drawn(view)
  const hosts = view.choices.domains.map(({ domain }) => domain)
  const labels = buckets.map((instant) => ({
    short: bucketName(instant, bucket, 'short'),
    long: bucketName(instant, bucket, 'long'),
  }))
  const choose = (domain: string) => {
    const others = query.domains.filter((chosen) => chosen !== domain)
    change({ domains: others.length < query.domains.length ? others : [...query.domains, domain] })
  }
  return (
    <Panel
      id="over-time"
      title="How often were workflows run?"
      note={`Invocations by ${bucket}, ${rangePhrase(asked)}, by the lab whose site they came from.`}
      download={{ table: 'over_time', query }}
      wide
    >
      {totals.invocations === 0 ? (
        <Nothing view={view} />
      ) : (
        <>
          <ul class="legend" aria-label="Labs in the chart">
            {series.map(({ domain, name, colour, invocations }) => (
              <li key={name}>
                {domain === null ? (
                  <span class="entry">
                    <Swatch colour={colour} /> {name} <b>{number(invocations)}</b>
                  </span>
                ) : (
                  <button
                    type="button"
                    class="entry"
                    aria-pressed={query.domains.includes(domain)}
                    title={`Show ${labText(domain)} alone, or with those chosen`}
                    onClick={() => choose(domain)}
                  >
                    <Swatch colour={colour} /> <LabName domain={domain} all={hosts} /> <b>{number(invocations)}</b>
                  </button>
                )}
              </li>
            ))}
          </ul>
          <StackedBars labels={labels} series={series} description={description(view, series)} theme={theme} />
          <OverTimeTable
            label="Invocations over time by lab"
            caption={`Invocations by ${bucket} and lab`}
            bucket={bucket}
            names={labels.map(({ long }) => long)}
            columns={overTime.map(({ domain, counts }) => ({ key: domain, title: labText(domain), counts }))}
          />
        </>
      )}
    </Panel>
  )
}

function Swatch({ colour }: { colour: string }) {
  return <span class="swatch" style={{ backgroundColor: `var(${colour})` }} aria-hidden="true" />
}

/** A lab's host, of which the part that all share is quieter. */
export function LabName({ domain, all }: { domain: string; all: readonly string[] }) {
  const { own, shared } = labName(domain, all)
  return (
    <span class="lab">
      {own}
      <span class="shared">{shared}</span>
    </span>
  )
}

/** Why there is no chart, in words. */
function Nothing({ view: { asked, counted } }: { view: View }) {
  if (counted === null)
    return <p class="nothing">Nothing has been counted yet. The first invocation appears here by itself.</p>
  const filtered =
    asked.domains.length + asked.registries.length + asked.identities.length > 0 || asked.workflow !== null
  const what = filtered ? 'Nothing that you asked for was counted' : 'Nothing was counted'
  return (
    <p class="nothing">
      {what} {rangePhrase(asked)}. The first invocation ever counted was on {bucketName(counted.first, 'day', 'long')},
      the last on {bucketName(counted.last, 'day', 'long')}.
    </p>
  )
}

/** A series for each lab, and one for all that have no colour left. */
function drawn({ overTime }: View): DrawnSeries[] {
  const single = overTime.length <= coloursMax ? overTime : overTime.slice(0, coloursMax - 1)
  const rest = overTime.slice(single.length)
  const colours = colourNumbers(single.map(({ domain }) => domain))
  const series: DrawnSeries[] = single.map(({ domain, invocations, counts }) => ({
    domain,
    name: labText(domain),
    colour: `--series-${colours.get(domain)}`,
    invocations,
    counts,
  }))
  if (rest.length === 0) return series
  const counts = rest[0]!.counts.map((_, index) => rest.reduce((sum, { counts }) => sum + (counts[index] ?? 0), 0))
  const invocations = rest.reduce((sum, { invocations }) => sum + invocations, 0)
  return [...series, { domain: null, name: `${rest.length} other labs`, colour: '--series-rest', invocations, counts }]
}

function description({ asked, bucket, buckets, totals }: View, series: DrawnSeries[]): string {
  const sums = buckets.map((_, index) => series.reduce((sum, { counts }) => sum + (counts[index] ?? 0), 0))
  const most = Math.max(...sums)
  const peak = bucketName(buckets[sums.indexOf(most)]!, bucket, 'long')
  const labs = listed(series.map(({ name, invocations }) => `${name} ${number(invocations)}`))
  return `Bar chart of ${counted(totals.invocations, 'invocation')} ${rangePhrase(asked)} by ${bucket}. Most in ${peak}: ${number(most)}. By lab: ${labs}.`
}
