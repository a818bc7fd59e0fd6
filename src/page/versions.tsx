import type { View } from '../store/view.ts'
import { Bar } from './bar.tsx'
import { Panel } from './panel.tsx'
import type { Query } from './query.ts'
import { TableScroll } from './table_scroll.tsx'
import { date, number, rangePhrase } from './words.ts'

/** The versions of the one workflow that is chosen. */
export function Versions({ view: { asked, versions, workflows }, query }: { view: View; query: Query }) {
  const title = 'Which versions of it ran?'
  if (versions === null) {
    return (
      <Panel id="versions" title="Which versions of a workflow ran?" isHint>
        <p class="nothing">
          Choose a workflow in <a href="#workflows">the table above</a>, and its versions stand here.
        </p>
      </Panel>
    )
  }
  const name = workflows.find(({ canonicalId }) => canonicalId === asked.workflow)?.name ?? asked.workflow
  const most = Math.max(0, ...versions.map(({ invocations }) => invocations))
  return (
    <Panel
      id="versions"
      title={title}
      note={
        <>
          Of <strong>{name}</strong>, {rangePhrase(asked)}.
        </>
      }
      download={{ table: 'versions', query }}
    >
      {versions.length === 0 ? (
        <p class="nothing">It was not run.</p>
      ) : (
        <TableScroll label="Versions">
          <table>
            <caption class="unseen">Invocations by version</caption>
            <thead>
              <tr>
                <th scope="col">Version</th>
                <th scope="col" class="number">
                  Invocations
                </th>
                <th scope="col" class="length short">
                  <span class="unseen">Compared</span>
                </th>
                <th scope="col">Last used</th>
              </tr>
            </thead>
            <tbody>
              {versions.map(({ version, invocations, lastUsed }) => (
                <tr key={version}>
                  <th scope="row">{version ?? <span class="soft">no version</span>}</th>
                  <td class="number">{number(invocations)}</td>
                  <td class="length short">
                    <Bar part={invocations} of={most} />
                  </td>
                  <td class="when">
                    <time dateTime={lastUsed}>{date(lastUsed)}</time>
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
