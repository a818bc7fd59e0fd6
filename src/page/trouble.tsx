import { type Change, everything } from './query.ts'
import type { Trouble as Kind } from './watch.ts'
import { time } from './words.ts'

interface Properties {
  trouble: Kind | null
  /** Whether something from before is still shown. */
  hasView: boolean
  again: () => void
  change: Change
}

/** Says what is wrong, since when, and what happens next; always there, so that screen readers hear it come. */
export function Trouble({ trouble, hasView, again, change }: Properties) {
  return (
    <div role="alert" class={trouble === null ? undefined : 'trouble'}>
      {trouble?.kind === 'away' && (
        <>
          <p>
            <b>The server has not answered since {time(trouble.sinceMs)}.</b>{' '}
            {hasView ? 'What you see is from before that. ' : ''}It is asked again by itself.
          </p>
          <button type="button" class="button" onClick={again}>
            Ask now
          </button>
        </>
      )}
      {trouble?.kind === 'refused' && (
        <>
          <p>
            <b>That can’t be shown.</b> {trouble.message}
          </p>
          <button type="button" class="button" onClick={() => change(everything)}>
            Show the last 30 days
          </button>
        </>
      )}
    </div>
  )
}
