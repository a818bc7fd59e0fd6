import type { View } from '../store/view.ts'
import { Bar } from './bar.tsx'
import { LabName } from './over_time.tsx'
import { Panel } from './panel.tsx'
import type { Query } from './query.ts'
import { TableScroll } from './table_scroll.tsx'
import { number, rangePhrase } from './words.ts'

/** How many people each lab has; the filter by lab only marks some, so that they can be compared. */
export function People({ view, query }: { view: View; query: Query }) {
  const { asked, choices } = view
  const people = view.people.toSorted((a, b) => b.people - a.people)
  const hosts = choices.domains.map(({ domain }) => domain)
  const most = Math.max(0, ...people.map(({ people }) => people))
  const what = asked.workflow === null ? 'who ran a workflow' : 'who ran this workflow'
  return (
    <Panel
      id="people"
      title="How many people, in which lab?"
      note={`Everybody ${what} ${rangePhrase(asked)}, once in each lab. All labs are listed, whichever are chosen.`}
      download={{ table: 'people', query }}
    >
      {people.length === 0 ? (
        <p class="nothing">Nobody ran what you asked for.</p>
      ) : (
        <TableScroll label="People by lab">
          <table>
            <caption class="unseen">People and invocations by lab</caption>
            <thead>
              <tr>
                <th scope="col">Lab</th>
                <th scope="col" class="number">
                  People
                </th>
                <th scope="col" class="length">
                  <span class="unseen">Compared</span>
                </th>
                <th scope="col" class="number">
                  Invocations
                </th>
              </tr>
            </thead>
            <tbody>
              {people.map(({ domain, people, invocations }) => {
                const chosen = asked.domains.includes(domain)
                return (
                  <tr key={domain} class={chosen ? 'chosen' : undefined}>
                    <th scope="row">
                      <LabName domain={domain} all={hosts} />
                      {chosen && <span class="unseen"> (chosen)</span>}
                    </th>
                    <td class="number">{number(people)}</td>
                    <td class="length">
                      <Bar part={people} of={most} />
                    </td>
                    <td class="number soft">{number(invocations)}</td>
                  </tr>
                )
              })}
            </tbody>
          </table>
        </TableScroll>
      )}
    </Panel>
  )
}
