/** Put in by the build. */
declare const PROGRAM_VERSION: string

/** What the numbers are, in a few sentences. */
export function Footing() {
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
