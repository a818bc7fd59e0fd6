import type { View } from '../store/view.ts'
import { Panel } from './panel.tsx'
import type { Query } from './query.ts'
import { TableScroll } from './table_scroll.tsx'
import { counted, listed, number, percent, rangePhrase, registryName } from './words.ts'

type Origin = View['origins'][number]

const registryColours = 3

/** Which share of invocations was of workflows from registries, from addresses, and of this server's own. */
export function Origins({ view: { asked, origins }, query }: { view: View; query: Query }) {
  const all = origins.reduce((sum, { invocations }) => sum + invocations, 0)
  const named = origins.map((origin, index) => ({
    ...origin,
    name: nameOf(origin),
    colour: colourOf(origin, registriesBefore(origins, index)),
  }))
  const shares = listed(named.map(({ name, invocations }) => `${name} ${percent(invocations, all)}`))
  return (
    <Panel
      id="origins"
      title="Where do the workflows come from?"
      note={`Share of invocations ${rangePhrase(asked)}. All origins are listed, whichever are chosen.`}
      download={{ table: 'origins', query }}
    >
      {all === 0 ? (
        <p class="nothing">No workflow was run, so none came from anywhere.</p>
      ) : (
        <>
          <div class="shares" role="img" aria-label={`Share of ${counted(all, 'invocation')}: ${shares}.`}>
            {named.map(({ name, colour, invocations }) => (
              <span key={name} style={{ flexGrow: invocations, backgroundColor: `var(${colour})` }} />
            ))}
          </div>
          <TableScroll label="Origins">
            <table>
              <caption class="unseen">Invocations and workflows by origin</caption>
              <thead>
                <tr>
                  <th scope="col">Origin</th>
                  <th scope="col" class="number">
                    Share
                  </th>
                  <th scope="col" class="number">
                    Invocations
                  </th>
                  <th scope="col" class="number">
                    Workflows
                  </th>
                </tr>
              </thead>
              <tbody>
                {named.map(({ name, colour, invocations, workflows }) => (
                  <tr key={name}>
                    <th scope="row">
                      <span class="swatch" style={{ backgroundColor: `var(${colour})` }} aria-hidden="true" /> {name}
                    </th>
                    <td class="number">{percent(invocations, all)}</td>
                    <td class="number">{number(invocations)}</td>
                    <td class="number soft">{number(workflows)}</td>
                  </tr>
                ))}
              </tbody>
            </table>
          </TableScroll>
        </>
      )}
    </Panel>
  )
}

function registriesBefore(origins: Origin[], index: number): number {
  return origins.slice(0, index).filter(({ identity }) => identity === 'trs').length
}

const elsewhere = { url: 'Web addresses', local: 'Made or uploaded here', trs: 'Registries' } as const

function nameOf({ identity, registry }: Origin): string {
  return registry === null ? elsewhere[identity] : registryName(registry)
}

/** Registries in shades of one colour; what is from none has its own. */
function colourOf({ identity }: Origin, registriesBefore: number): string {
  return identity === 'trs' ? `--origin-${registriesBefore % registryColours}` : `--origin-${identity}`
}
