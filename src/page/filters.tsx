import { useRef } from 'preact/hooks'
import type { Identity, View } from '../store/view.ts'
import type { EventsView } from '../web/view.ts'
import { ChoiceMenu } from './choice_menu.tsx'
import { CopyLink } from './copy_link.tsx'
import { labText } from './labs.ts'
import { LabName } from './over_time.tsx'
import { type Change, isFiltered, type Query } from './query.ts'
import { RangeFilter } from './range_filter.tsx'
import { originLabel, registryName } from './words.ts'

interface Properties {
  view: View | null
  query: Query
  change: Change
}

const identities: Identity[] = ['trs', 'url', 'local']
const nothingFiltered: Partial<Query> = { domains: [], registries: [], identities: [], workflow: null }

/** What is asked for, and how to ask for something else. */
export function Filters({ view, query, change }: Properties) {
  const domains = view?.choices.domains ?? []
  const hosts = domains.map(({ domain }) => domain)
  const menus = useRef<HTMLDivElement>(null)
  // The button that took a filter away goes with it, and the focus must not be lost.
  const takeAway: Change = (changed) => {
    change(changed)
    menus.current?.querySelector('button')?.focus()
  }
  return (
    <search class="filters" aria-label="What to show">
      <RangeFilter query={query} asked={view?.asked ?? null} change={change} />
      <div class="menus" ref={menus}>
        <ChoiceMenu
          name="Lab"
          choices={domains.map(({ domain, invocations }) => ({
            value: domain,
            label: <LabName domain={domain} all={hosts} />,
            count: invocations,
          }))}
          chosen={query.domains}
          onChange={(domains) => change({ domains })}
        />
        <ChoiceMenu
          name="Registry"
          choices={(view?.choices.registries ?? []).map(({ registry, invocations }) => ({
            value: registry,
            label: registryName(registry),
            count: invocations,
          }))}
          chosen={query.registries}
          onChange={(registries) => change({ registries })}
        />
        <ChoiceMenu
          name="Origin"
          choices={identities.map((value) => ({ value, label: originLabel(value) }))}
          chosen={query.identities}
          onChange={(chosen) => change({ identities: identities.filter((one) => chosen.includes(one)) })}
        />
        <CopyLink />
      </div>
      {isFiltered(query) && <Chips query={query} view={view} change={takeAway} />}
    </search>
  )
}

/** What is asked for where there is only time to choose. */
export function Span({ asked, query, change }: { asked: EventsView['asked'] | null; query: Query; change: Change }) {
  return (
    <search class="filters" aria-label="What to show">
      <RangeFilter query={query} asked={asked} change={change} />
      <div class="menus">
        <CopyLink />
      </div>
    </search>
  )
}

/** Each filter that is set, to be taken away. */
function Chips({ query, view, change }: Properties) {
  const { domains, registries, identities, workflow } = query
  const without = <T,>(all: T[], one: T) => all.filter((other) => other !== one)
  const name = view?.workflows.find(({ canonicalId }) => canonicalId === workflow)?.name
  return (
    <ul class="chips" aria-label="Filters that are set">
      {domains.map((one) => (
        <Chip key={one} kind="Lab" text={labText(one)} onRemove={() => change({ domains: without(domains, one) })} />
      ))}
      {registries.map((one) => (
        <Chip
          key={one}
          kind="Registry"
          text={registryName(one)}
          onRemove={() => change({ registries: without(registries, one) })}
        />
      ))}
      {identities.map((one) => (
        <Chip
          key={one}
          kind="Origin"
          text={originLabel(one)}
          onRemove={() => change({ identities: without(identities, one) })}
        />
      ))}
      {workflow !== null && (
        <Chip kind="Workflow" text={name ?? workflow} onRemove={() => change({ workflow: null })} />
      )}
      <li>
        <button type="button" class="plain" onClick={() => change(nothingFiltered)}>
          Reset
        </button>
      </li>
    </ul>
  )
}

function Chip({ kind, text, onRemove }: { kind: string; text: string; onRemove: () => void }) {
  return (
    <li>
      <button type="button" class="chip" onClick={onRemove} aria-label={`Remove filter: ${kind} ${text}`}>
        <span class="soft">{kind}</span> <span class="text">{text}</span> <span aria-hidden="true">✕</span>
      </button>
    </li>
  )
}
