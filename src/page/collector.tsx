import { Panel } from './panel.tsx'
import type { CollectorState } from './watch.ts'
import { dateAndTime, number } from './words.ts'

type Counters = Extract<CollectorState, { running: true }>['counters']

/** In the order in which a line meets them. */
const meanings: [name: keyof Counters, meaning: string][] = [
  ['lines', 'read from the access log'],
  ['malformed', 'of them did not fit the log’s format'],
  ['requests', 'asked to run a workflow'],
  ['accepted', 'of these were taken by Galaxy'],
  ['rejected', 'were refused'],
  ['undecodable', 'had an id that is none of this server’s'],
  ['unresolved', 'had an id of no workflow that is known'],
  ['points', 'made of them'],
  ['written', 'of these are stored'],
  ['refused', 'were refused by the store for good'],
]

/** What the collector has done since it started. */
export function Collector({ collector }: { collector: CollectorState }) {
  return (
    <Panel
      id="collector"
      title="What has the collector done?"
      note={collector.running ? `Since it was started on ${dateAndTime(collector.since)}.` : undefined}
      wide
    >
      {collector.running ? (
        <dl class="counters">
          {meanings.map(([name, meaning]) => (
            <div key={name}>
              <dt>{name}</dt>
              <dd class="count">{number(collector.counters[name])}</dd>
              <dd class="soft">{meaning}</dd>
            </div>
          ))}
        </dl>
      ) : (
        <p class="nothing">It is not running, so it tells nothing: {collector.why}</p>
      )}
    </Panel>
  )
}
