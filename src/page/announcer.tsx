import { useEffect, useRef, useState } from 'preact/hooks'
import type { View } from '../store/view.ts'
import { labText } from './labs.ts'
import { counted, listed, rangePhrase } from './words.ts'

/** New points come all the time; nobody wants each of them read out. */
const sayAgainMs = 60_000

/** Tells screen readers what is shown: at once when something else was asked for, and now and then as it grows. */
export function Announcer({ view, viewOf }: { view: View | null; viewOf: string | null }) {
  const [text, setText] = useState('')
  const said = useRef({ viewOf: null as string | null, atMs: 0 })
  useEffect(() => {
    if (view === null) return
    const isSame = said.current.viewOf === viewOf
    if (isSame && performance.now() - said.current.atMs < sayAgainMs) return
    said.current = { viewOf, atMs: performance.now() }
    setText(summary(view))
  }, [view, viewOf])
  return (
    <p class="unseen" aria-live="polite">
      {text}
    </p>
  )
}

function summary({ asked, totals }: View): string {
  const where = asked.domains.length > 0 ? ` in ${listed(asked.domains.map(labText))}` : ''
  return `${counted(totals.invocations, 'invocation')} by ${counted(totals.people, 'person', 'people')}${where} ${rangePhrase(asked)}.`
}
