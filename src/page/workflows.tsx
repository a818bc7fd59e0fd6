import { useState } from 'preact/hooks'
import type { View, WorkflowShare } from '../store/view.ts'
import { Bar } from './bar.tsx'
import { labText } from './labs.ts'
import { Panel } from './panel.tsx'
import { type Change, type Query, searchOf } from './query.ts'
import { Sparkline } from './sparkline.tsx'
import { TableScroll } from './table_scroll.tsx'
import {
  bucketName,
  counted,
  date,
  listed,
  number,
  originLabel,
  rangePhrase,
  registryName,
  sourcePhrase,
} from './words.ts'

interface Properties {
  view: View
  query: Query
  change: Change
}

const shownFirst = 10

/** The most used workflows; a click on one asks for that one alone. */
export function Workflows({ view, query, change }: Properties) {
  const [text, setText] = useState('')
  const [all, setAll] = useState(false)
  const { workflows, workflowsLeftOut } = view
  const ranked = workflows.map((workflow, index) => ({ ...workflow, rank: index + 1 }))
  const found = ranked.filter(({ name, canonicalId }) =>
    `${name} ${canonicalId}`.toLowerCase().includes(text.trim().toLowerCase()),
  )
  const shown = all || text !== '' ? found : found.slice(0, shownFirst)
  return (
    <Panel
      id="workflows"
      title="Which workflows are used most?"
      note={<Answer view={view} />}
      isAnswer
      download={{ table: 'workflows', query }}
      wide
    >
      {workflows.length > 0 && (
        <>
          {workflows.length > 1 && (
            <label class="find">
              <span class="unseen">Find a workflow among those listed</span>
              <input
                type="search"
                placeholder={`Find among ${number(workflows.length)} listed`}
                value={text}
                onInput={({ currentTarget }) => setText(currentTarget.value)}
              />
            </label>
          )}
          <TableScroll label="Most used workflows">
            <WorkflowTable view={view} shown={shown} query={query} change={change} />
          </TableScroll>
          {shown.length === 0 && <p class="nothing">None of those listed has “{text}” in its name or id.</p>}
          <p class="more">
            {shown.length < found.length && (
              <button type="button" class="plain" onClick={() => setAll(true)}>
                Show all {number(found.length)} listed
              </button>
            )}
            {workflowsLeftOut > 0 && (
              <span>
                and {number(workflowsLeftOut)} more:{' '}
                <a href={`api/data/workflows.csv?${searchOf(query)}`} download="">
                  take them all as CSV
                </a>
              </span>
            )}
          </p>
        </>
      )}
    </Panel>
  )
}

/** The first row as a sentence. */
function Answer({ view: { asked, workflows, totals } }: { view: View }) {
  const [first] = workflows
  if (first === undefined) return <>No workflow was run {rangePhrase(asked)}.</>
  const where = asked.domains.length > 0 ? ` in ${listed(asked.domains.map(labText))}` : ''
  const { name, invocations, people, peopleEverywhere } = first
  return (
    <>
      {asked.workflow === null ? 'Most used' : 'Used'}
      {where} {rangePhrase(asked)}: <strong>{name}</strong>, {sourcePhrase(first)}, with{' '}
      {counted(invocations, 'invocation')}
      {asked.workflow === null && ` of ${number(totals.invocations)}`} by {counted(people, 'person', 'people')}.
      {where !== '' && ` In all labs together ${counted(peopleEverywhere, 'person', 'people')} ran it.`}
    </>
  )
}

type Ranked = WorkflowShare & { rank: number }

function WorkflowTable({ view, shown, query, change }: Properties & { shown: Ranked[] }) {
  const most = view.workflows[0]?.invocations ?? 0
  return (
    <table class="workflows">
      <caption class="unseen">Workflows, most used first; the button on a name shows that workflow alone</caption>
      <thead>
        <tr>
          <th scope="col" class="rank">
            <span class="unseen">Rank</span>
          </th>
          <th scope="col">Workflow</th>
          <th scope="col">Origin</th>
          <th scope="col" class="number">
            Invocations
          </th>
          <th scope="col" class="length">
            <span class="unseen">Compared</span>
          </th>
          <th scope="col" class="curve">
            By {view.bucket}
          </th>
          <th scope="col" class="number">
            People
          </th>
          <th scope="col" class="number">
            People
            <br />
            in all labs
          </th>
          <th scope="col" class="number">
            Labs
          </th>
          <th scope="col">Last used</th>
        </tr>
      </thead>
      <tbody>
        {shown.map((workflow) => (
          <Row
            key={`${workflow.identity} ${workflow.registry} ${workflow.canonicalId}`}
            workflow={workflow}
            most={most}
            view={view}
            query={query}
            change={change}
          />
        ))}
      </tbody>
    </table>
  )
}

function Row({ workflow, most, view, query, change }: Properties & { workflow: Ranked; most: number }) {
  const { rank, canonicalId, name, invocations, people, peopleEverywhere, labs, lastUsed, counts } = workflow
  const chosen = query.workflow === canonicalId
  return (
    <tr class={chosen ? 'chosen' : undefined}>
      <td class="rank">{rank}</td>
      <th scope="row" class="name">
        <button type="button" aria-pressed={chosen} onClick={() => change({ workflow: chosen ? null : canonicalId })}>
          {name}
        </button>
        <code>{canonicalId}</code>
      </th>
      <td class="from">
        <Origin workflow={workflow} />
      </td>
      <td class="number" data-name="Invocations">
        {number(invocations)}
      </td>
      <td class="length">
        <Bar part={invocations} of={most} />
      </td>
      <td class="curve">
        <Sparkline counts={counts} description={trend(view, counts)} />
      </td>
      <td class="number" data-name="People">
        {number(people)}
      </td>
      <td class="number" data-name="In all labs">
        {number(peopleEverywhere)}
      </td>
      <td class="number" data-name="Labs">
        {number(labs)}
      </td>
      <td class="when">
        <time dateTime={lastUsed}>{date(lastUsed)}</time>
      </td>
    </tr>
  )
}

function Origin({ workflow: { identity, registry, link, name } }: { workflow: WorkflowShare }) {
  const text = registry === null ? originLabel(identity) : registryName(registry)
  if (link === null) return <span class={`badge ${identity}`}>{text}</span>
  return (
    <a
      class={`badge ${identity}`}
      href={link}
      target="_blank"
      rel="noopener noreferrer"
      aria-label={`${text}: ${name}, in a new tab`}
    >
      {text} <span aria-hidden="true">↗</span>
    </a>
  )
}

function trend({ bucket, buckets }: View, counts: number[]): string {
  const most = Math.max(0, ...counts)
  const peak = buckets[counts.indexOf(most)]
  return peak === undefined ? 'no count' : `most on ${bucketName(peak, bucket, 'long')}: ${number(most)}`
}
