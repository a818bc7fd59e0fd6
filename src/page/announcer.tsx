import { useEffect, useRef, useState } from 'preact/hooks'
import type { View } from '../store/view.ts'
import { labText } from './labs.ts'
import type { Shown } from './watch.ts'
import { counted, listed, rangePhrase } from './words.ts'

/** New points come all the time; nobody wants each of them read out. */
const sayAgainMs = 60_000

/** Tells screen readers what is shown: at once when something else was asked for, and now and then as it grows. */
export function Announcer({ shown, shownOf }: { shown: Shown | null; shownOf: string | null }) {
  const [text, setText] = useState('')
  const said = useRef({ shownOf: null as string | null, atMs: 0 })
  useEffect(() => {
    if (shown === null) return
    const isSame = said.current.shownOf === shownOf
    if (isSame && performance.now() - said.current.atMs < sayAgainMs) return
    said.current = { shownOf, atMs: performance.now() }
    setText(summary(shown))
  }, [shown, shownOf])
  return (
    <p class="unseen" aria-live="polite">
      {text}
    </p>
  )
}

function summary(shown: Shown): string {
  if (shown.tab === 'workflows') return workflowSummary(shown.view)
  if (shown.tab === 'events') return `${counted(shown.view.totals.events, 'event')} ${rangePhrase(shown.view.asked)}.`
  const { probes } = shown.view
  const bad = probes.filter(({ state }) => state === 'down' || state === 'silent')
  const names = bad.length === 0 ? 'none is down' : `down or silent: ${listed(bad.map(({ name }) => name))}`
  return `${counted(probes.length, 'probe')}, ${names}.`
}

function workflowSummary({ asked, totals }: View): string {
  const where = asked.domains.length > 0 ? ` in ${listed(asked.domains.map(labText))}` : ''
  return `${counted(totals.invocations, 'invocation')} by ${counted(totals.people, 'person', 'people')}${where} ${rangePhrase(asked)}.`
}
