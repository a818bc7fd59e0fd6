import { render } from 'preact'
import { useEffect, useState } from 'preact/hooks'
import type { View } from '../store/view.ts'

function Page() {
  const [view, setView] = useState<View | null>(null)
  useEffect(() => {
    fetch('api/view').then(async (answer) => setView((await answer.json()) as View))
  }, [])
  return <p>{view === null ? 'Loading' : `${view.totals.invocations} invocations`}</p>
}

render(<Page />, document.body)
