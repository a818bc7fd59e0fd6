import type { ComponentChildren } from 'preact'
import type { DestinationView } from '../web/view.ts'
import { useNow } from './clock.ts'
import { Panel } from './panel.tsx'
import { TableScroll } from './table_scroll.tsx'
import { ago, counted, dateAndTime, number } from './words.ts'

/** How far each destination is, and what to do about what it could not be given. */
export function Destinations({ destinations }: { destinations: DestinationView[] }) {
  const troubled = destinations.filter(({ dead, circuit, paused }) => (dead ?? 0) > 0 || circuit !== 'closed' || paused)
  return (
    <Panel
      id="destinations"
      title="Where are events delivered?"
      note="Each destination has its own queue: one that is down slows no other, and nothing is lost meanwhile. Numbers delivered and retried are since the start of whoever delivers."
      download={{ table: 'destinations' }}
      wide
    >
      {destinations.length === 0 ? (
        <p class="nothing">
          Nowhere: no destination is configured. Events are kept and counted; name one under{' '}
          <code>events.destinations</code>.
        </p>
      ) : (
        <>
          <TableScroll label="Destinations">
            <table class="cards destinations">
              <caption class="unseen">Destinations and what they still have to be given</caption>
              <thead>
                <tr>
                  <th scope="col">Destination</th>
                  <th scope="col">State</th>
                  {['Waiting', 'Delivered', 'Retried', 'Dead letters'].map((name) => (
                    <th key={name} scope="col" class="number">
                      {name}
                    </th>
                  ))}
                </tr>
              </thead>
              <tbody>
                {destinations.map((destination) => (
                  <Row key={destination.name} destination={destination} />
                ))}
              </tbody>
            </table>
          </TableScroll>
          {troubled.length > 0 && (
            <ul class="advice" aria-label="What to do">
              {troubled.map((destination) => (
                <Advice key={destination.name} destination={destination} />
              ))}
            </ul>
          )}
        </>
      )}
    </Panel>
  )
}

const unknown = (
  <span title="RabbitMQ does not tell">
    <span aria-hidden="true">–</span>
    <span class="unseen">not known</span>
  </span>
)

function Row({ destination }: { destination: DestinationView }) {
  const nowMs = useNow(10_000)
  const { name, kind, waiting, waitingSince, retrying, delivered, retried, dead } = destination
  return (
    <tr>
      <th scope="row">
        <b>{name}</b> <span class="soft">{kind}</span>
      </th>
      <td>
        <State destination={destination} nowMs={nowMs} />
      </td>
      <td class="number" data-name="Waiting">
        {waiting === null ? unknown : number(waiting + (retrying ?? 0))}
        {waitingSince !== null && waiting !== 0 && <small class="soft">oldest {ago(waitingSince, nowMs)}</small>}
      </td>
      <td class="number" data-name="Delivered">
        {number(delivered)}
      </td>
      <td class="number" data-name="Retried">
        {number(retried)}
      </td>
      <td class={(dead ?? 0) > 0 ? 'number bad' : 'number'} data-name="Dead letters">
        {dead === null ? unknown : number(dead)}
      </td>
    </tr>
  )
}

function State({
  destination: { paused, circuit, circuitSince },
  nowMs,
}: {
  destination: DestinationView
  nowMs: number
}) {
  if (paused) return <Word kind="waiting">Paused</Word>
  if (circuit === 'open') {
    return (
      <Word kind="bad">
        Down <span class="soft">for {ago(circuitSince, nowMs).replace(/ ago$/, '')}</span>
      </Word>
    )
  }
  if (circuit === 'unknown') return <Word kind="bad">No worker</Word>
  return <Word kind="good">Delivering</Word>
}

/** A state in colour, and always in words. */
export function Word({ kind, children }: { kind: 'good' | 'waiting' | 'bad' | 'none'; children: ComponentChildren }) {
  return (
    <span class={`state-word ${kind}`}>
      <span class="dot" aria-hidden="true" />
      <span>{children}</span>
    </span>
  )
}

function Advice({
  destination: { name, dead, lastCause, circuit, cause, circuitSince, paused },
}: {
  destination: DestinationView
}) {
  return (
    <>
      {paused && (
        <li>
          <b>{name} is paused.</b> Its events wait. Go on with{' '}
          <code>workflow-reporting resume --destination {name}</code>.
        </li>
      )}
      {circuit === 'open' && (
        <li>
          <b>
            {name} has been down since {dateAndTime(circuitSince)}:
          </b>{' '}
          {cause}. Its events wait, and go on by themselves when it answers. <code>workflow-reporting check</code> tells
          more.
        </li>
      )}
      {circuit === 'unknown' && (
        <li>
          <b>
            No worker for {name} has been heard of since {dateAndTime(circuitSince)}.
          </b>{' '}
          Its events wait at RabbitMQ. Start one: <code>workflow-reporting work --destination {name}</code>, or its unit{' '}
          <code>workflow-events-worker@{name}</code>.
        </li>
      )}
      {dead !== null && dead > 0 && (
        <li>
          <b>
            {counted(dead, 'event')} could not be delivered to {name}
          </b>
          {lastCause !== null && <>, the last because: {lastCause}</>}. Look at them with{' '}
          <code>workflow-reporting dead list --destination {name}</code>; when the cause is mended, send them again with{' '}
          <code>dead replay --destination {name} --since DAY</code>.
        </li>
      )}
    </>
  )
}
