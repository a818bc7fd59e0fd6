import type { AvailabilityView, ProbeStatus, ProbeView } from '../availability/view.ts'
import { spanNames } from '../availability/view.ts'
import { useNow } from './clock.ts'
import { Word } from './destinations.tsx'
import { Panel } from './panel.tsx'
import { Sparkline } from './sparkline.tsx'
import { TableScroll } from './table_scroll.tsx'
import { Total } from './totals.tsx'
import { ago, availabilityPercent, counted, dateAndTime, duration, listed, milliseconds, number } from './words.ts'

const words: Record<ProbeStatus, { word: string; kind: 'good' | 'waiting' | 'bad' | 'none' }> = {
  up: { word: 'Up', kind: 'good' },
  down: { word: 'Down', kind: 'bad' },
  silent: { word: 'Silent', kind: 'bad' },
  unknown: { word: 'Not known', kind: 'waiting' },
  maintenance: { word: 'Maintenance', kind: 'none' },
}

/** What is up and what is not, seen from where. */
export function Availability({ view: { probes } }: { view: AvailabilityView }) {
  const of = (...states: ProbeStatus[]) => probes.filter(({ state }) => states.includes(state))
  const bad = of('down', 'silent', 'unknown')
  const names = new Set(probes.map(({ how, name }) => `${how} ${name}`))
  const regions = new Set(probes.flatMap(({ region }) => (region === '' ? [] : [region])))
  return (
    <>
      <section class="totals" aria-label="Totals now">
        <dl>
          <Total name="Up" count={of('up').length}>
            of {counted(probes.length, 'probe')}
          </Total>
          <Total name="Down" count={of('down').length}>
            {of('down').length > 0 ? <a href="#trouble">why</a> : 'none'}
          </Total>
          <Total name="Silent" count={of('silent').length}>
            {of('silent').length > 0 ? <a href="#trouble">what to do</a> : 'all were heard'}
          </Total>
          <Total name="In maintenance" count={of('maintenance').length}>
            {of('unknown').length > 0 ? `${number(of('unknown').length)} not known` : ''}
          </Total>
          <Total name="Looked at" count={names.size}>
            {regions.size > 0 ? `from ${counted(regions.size, 'region')}` : ''}
          </Total>
        </dl>
      </section>
      {bad.length > 0 && <Troubles bad={bad} probes={probes} />}
      <Panel
        id="probes"
        title="What is up, and since when?"
        note={<Answer probes={probes} />}
        isAnswer
        download={{ table: 'availability' }}
        wide
      >
        {probes.length > 0 && (
          <TableScroll label="Probes">
            <table class="cards probes">
              <caption class="unseen">Each probe in each region, those that need somebody first</caption>
              <thead>
                <tr>
                  <th scope="col">Probe</th>
                  <th scope="col">Region</th>
                  <th scope="col">State</th>
                  {spanNames.map((span) => (
                    <th key={span} scope="col" class="number">
                      {spanLabel[span]}
                    </th>
                  ))}
                  <th scope="col" class="curve">
                    Response
                  </th>
                  <th scope="col" class="number">
                    <span class="unseen">Last response</span>
                  </th>
                </tr>
              </thead>
              <tbody>
                {probes.map((probe) => (
                  <Row key={`${probe.how} ${probe.name} ${probe.region}`} probe={probe} />
                ))}
              </tbody>
            </table>
          </TableScroll>
        )}
      </Panel>
    </>
  )
}

const spanLabel = { '24h': '24 hours', '7d': '7 days', '30d': '30 days' } as const

function Answer({ probes }: { probes: ProbeView[] }) {
  if (probes.length === 0) return <>No probe has told anything yet. The first result appears here by itself.</>
  const bad = probes.filter(({ state }) => state === 'down' || state === 'silent')
  if (bad.length === 0) return <>Nothing is down.</>
  return (
    <>
      Down or silent: <strong>{listed(bad.map(placeOf))}</strong>.
    </>
  )
}

const placeOf = ({ name, region }: ProbeView) => (region === '' ? name : `${name} from ${region}`)

/** Why it fails and what to do next, one by one. */
function Troubles({ bad, probes }: { bad: ProbeView[]; probes: ProbeView[] }) {
  return (
    <Panel id="trouble" title="What is wrong?" wide>
      <ul class="advice">
        {bad.map((probe) => (
          <li key={`${probe.how} ${probe.name} ${probe.region}`}>
            <Word kind={words[probe.state].kind}>
              <b>{placeOf(probe)}</b> {words[probe.state].word.toLowerCase()} since {dateAndTime(probe.since)}
              {probe.message !== '' && <>: {probe.message}</>}. <span class="soft">{adviceFor(probe, probes)}</span>
            </Word>
          </li>
        ))}
      </ul>
    </Panel>
  )
}

function adviceFor({ state, how, name, region }: ProbeView, probes: ProbeView[]): string {
  if (state === 'unknown')
    return 'The probe could not look, and so says nothing about its target. Look at the network of the machine that it runs on.'
  if (state === 'silent' && how === 'pushed')
    return 'The program that pushes it has stopped, or cannot reach this hub. Look whether it runs.'
  if (state === 'silent')
    return 'Its machine is down, or cannot reach this hub. There, look whether workflow-reporting probe runs, and what it logs.'
  if (how === 'pushed') return 'The program says so itself. Look at its own log.'
  const others = probes.filter((one) => one.how === how && one.name === name && one.region !== region)
  const up = others.filter(({ state }) => state === 'up')
  if (up.length > 0) {
    const seenFrom = listed(up.map(({ region }) => (region === '' ? 'elsewhere' : region)))
    return `It is up as seen from ${seenFrom}: look at the network between it and this region.`
  }
  if (others.length > 0) return 'No other region sees it up either: look at the service itself.'
  return 'Look at the service itself, then at the network between it and the probe.'
}

function Row({ probe }: { probe: ProbeView }) {
  const nowMs = useNow(10_000)
  const { how, name, region, kind, state, since, responseMs, responses, spans, lastHeard, intervalSeconds } = probe
  const { word, kind: colour } = words[state]
  const measured = responses.filter((response) => response !== null)
  const every = intervalSeconds === null ? 'no interval told' : `every ${duration(intervalSeconds)}`
  return (
    <tr>
      <th scope="row">
        <b>{name}</b> <span class="soft">{how === 'pushed' ? 'pushed' : kind}</span>
      </th>
      <td data-name="Region">{region === '' ? <span class="soft">–</span> : region}</td>
      <td data-name="State" title={`last heard ${dateAndTime(lastHeard)}, ${every}`}>
        <Word kind={colour}>
          {word} <span class="soft">for {ago(since, nowMs).replace(/ ago$/, '')}</span>
        </Word>
      </td>
      {spanNames.map((span) => {
        const { availability, down, missing, maintenance, unknown } = spans[span]
        const left = [
          ...(down > 0 ? [`${counted(down, 'failure')}`] : []),
          ...(missing > 0 ? [`${number(missing)} never came`] : []),
          ...(maintenance > 0 ? [`${number(maintenance)} in maintenance`] : []),
          ...(unknown > 0 ? [`${number(unknown)} not known`] : []),
        ]
        return (
          <td key={span} class="number" data-name={spanLabel[span]}>
            {availability === null ? <span class="soft">no result</span> : availabilityPercent(availability)}
            {left.length > 0 && <small class="soft">{left.join(', ')}</small>}
          </td>
        )
      })}
      <td class="curve">
        {measured.length > 1 && (
          <Sparkline
            counts={measured}
            description={`last ${number(measured.length)} response times, at most ${milliseconds(Math.max(...measured))}`}
          />
        )}
      </td>
      <td class="number" data-name="Response">
        {responseMs === null ? <span class="soft">–</span> : milliseconds(responseMs)}
      </td>
    </tr>
  )
}
