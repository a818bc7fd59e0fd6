import type { TabName } from '../web/view.ts'

/** Put in by the build. */
declare const PROGRAM_VERSION: string

/** What the numbers are, in a few sentences. */
export function Footing({ tab }: { tab: TabName | null }) {
  if (tab === 'events' || tab === 'availability')
    return (
      <footer class="footing">
        {tab === 'events' ? (
          <p>
            <b>What is counted.</b> Every event that the hub accepted, exactly once, in the hour in which it happened;
            one that is sent twice is one.
          </p>
        ) : (
          <p>
            <b>Availability</b> is the share of good results among all that were made or should have been: a result that
            never came counts as a failure. What was made in maintenance, or told nothing, counts neither way. A span
            begins with a whole hour.
          </p>
        )}
        <p>
          <b>People.</b> No field of an event reaches this page but what a probe says of itself.
        </p>
        <p>
          <b>Times</b> are UTC. workflow-reporting {PROGRAM_VERSION}.
        </p>
      </footer>
    )
  return (
    <footer class="footing">
      <p>
        <b>What is counted.</b> Every invocation that nginx’s log and Galaxy’s database tell of, exactly once, at the
        time of its request; a request for a whole collection may make several. Invocations of subworkflows are part of
        theirs.
      </p>
      <p>
        <b>People</b> are counted, never named: no name, e-mail address or number of a person reaches this page.
      </p>
      <p>
        <b>Times</b> are UTC. A <b>lab</b> is the site from which a workflow was run. workflow-reporting{' '}
        {PROGRAM_VERSION}.
      </p>
    </footer>
  )
}
