import type { View } from '../store/view.ts'
import { Bar } from './bar.tsx'
import { Panel } from './panel.tsx'
import type { Query } from './query.ts'
import { meaningOf } from './statuses.ts'
import { TableScroll } from './table_scroll.tsx'
import { number, rangePhrase } from './words.ts'

/** Requests that made no invocation, and what their status means. */
export function Rejected({ view: { asked, rejected }, query }: { view: View; query: Query }) {
  const most = Math.max(0, ...rejected.map(({ requests }) => requests))
  return (
    <Panel
      id="rejected"
      title="Which requests were refused?"
      note={`Attempts to run a workflow ${rangePhrase(asked)} that came to nothing. Of the filters, time and lab apply.`}
      download={{ table: 'rejected', query }}
    >
      {rejected.length === 0 ? (
        <p class="nothing">None was refused.</p>
      ) : (
        <TableScroll label="Refused requests">
          <table>
            <caption class="unseen">Refused requests by HTTP status</caption>
            <thead>
              <tr>
                <th scope="col">Status</th>
                <th scope="col">What it means</th>
                <th scope="col" class="number">
                  Requests
                </th>
                <th scope="col" class="length short">
                  <span class="unseen">Compared</span>
                </th>
              </tr>
            </thead>
            <tbody>
              {rejected.map(({ status, requests }) => (
                <tr key={status}>
                  <th scope="row">{status}</th>
                  <td class="soft">{meaningOf(status)}</td>
                  <td class="number">{number(requests)}</td>
                  <td class="length short">
                    <Bar part={requests} of={most} colour="--warm" />
                  </td>
                </tr>
              ))}
            </tbody>
          </table>
        </TableScroll>
      )}
    </Panel>
  )
}
