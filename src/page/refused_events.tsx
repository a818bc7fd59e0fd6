import type { EventsView } from '../web/view.ts'
import { Panel } from './panel.tsx'
import type { Query } from './query.ts'
import { TableScroll } from './table_scroll.tsx'
import { number, rangePhrase } from './words.ts'

/** What the API answered, in the words of who sent it. */
const refusals: Record<number, string> = {
  400: 'could not be read: no JSON, or not an event',
  401: 'no key, or one that is unknown or has expired: make one with key create',
  403: 'the key may not send this category: give it the scope',
  409: 'the same Idempotency-Key was used for something else',
  413: 'larger than events.limits allow: send less at once',
  415: 'sent in a form that is not read',
  422: 'of a known type, and a field is missing or wrong: the answer names it',
  429: 'faster than the key may send: it is sent again later',
  503: 'the hub could not keep it then: it is sent again later',
}

/** What was sent and not accepted, and why. */
export function RefusedEvents({ view: { asked, refused }, query }: { view: EventsView; query: Query }) {
  return (
    <Panel
      id="refused"
      title="Which events were refused?"
      note={`Not accepted ${rangePhrase(asked)}, and not counted above. Whoever sent them was told why.`}
      download={{ table: 'events_refused', query }}
      wide
    >
      {refused.length === 0 ? (
        <p class="nothing">None was refused.</p>
      ) : (
        <TableScroll label="Refused events">
          <table>
            <caption class="unseen">Refused events by status and source</caption>
            <thead>
              <tr>
                <th scope="col">Status</th>
                <th scope="col">What it means</th>
                <th scope="col">Source</th>
                <th scope="col" class="number">
                  Events
                </th>
              </tr>
            </thead>
            <tbody>
              {refused.map(({ source, status, events }) => (
                <tr key={`${status} ${source}`}>
                  <th scope="row">{status}</th>
                  <td class="soft">{refusals[status] ?? 'an unusual status'}</td>
                  <td>{source === '' ? <span class="soft">not known</span> : source}</td>
                  <td class="number">{number(events)}</td>
                </tr>
              ))}
            </tbody>
          </table>
        </TableScroll>
      )}
    </Panel>
  )
}
