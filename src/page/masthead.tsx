import { useNow } from './clock.ts'
import type { Wish } from './theme.ts'
import type { CollectorState } from './watch.ts'
import { ago, duration } from './words.ts'

interface Properties {
  collector: CollectorState | null
  live: boolean
  wish: Wish
  choose: (wish: Wish) => void
}

/** What this is, and whether its numbers are fresh. */
export function Masthead({ collector, live, wish, choose }: Properties) {
  return (
    <header class="masthead">
      <div class="title">
        <h1>Workflow reporting</h1>
        <p>What runs and happens on this platform, each thing counted exactly once</p>
      </div>
      <div class="state">
        {collector && <State collector={collector} />}
        <p class={live ? 'live on' : 'live'} title={live ? 'New points appear by themselves' : 'Not connected'}>
          <span class="dot" aria-hidden="true" />
          {live ? 'Live' : 'Not live'}
        </p>
        <ThemeSwitch wish={wish} choose={choose} />
      </div>
    </header>
  )
}

function State({ collector }: { collector: CollectorState }) {
  const nowMs = useNow(5000)
  if (!collector.running) {
    return (
      <p class="collector bad">
        <span class="dot" aria-hidden="true" />
        <span>
          <b>The collector is not running</b> <span class="soft">{collector.why}</span>
        </span>
      </p>
    )
  }
  const { waiting_for, lag_seconds, last_point } = collector
  return (
    <p class={waiting_for === null ? 'collector good' : 'collector waiting'}>
      <span class="dot" aria-hidden="true" />
      <span>
        <b>{waiting_for === null ? 'Counting' : `Waiting for ${waiting_for}`}</b>{' '}
        <span class="soft">
          {lag_seconds > 0 ? `${duration(lag_seconds)} behind` : 'up to date'}
          {', '}
          {last_point === null ? (
            'no point since it was started'
          ) : (
            <>
              last point written <time dateTime={last_point}>{ago(last_point, nowMs)}</time>
            </>
          )}
        </span>
      </span>
    </p>
  )
}

const wishes: { wish: Wish; label: string; sign: string }[] = [
  { wish: 'system', label: 'Colours as in your system', sign: 'Auto' },
  { wish: 'light', label: 'Light colours', sign: 'Light' },
  { wish: 'dark', label: 'Dark colours', sign: 'Dark' },
]

function ThemeSwitch({ wish, choose }: { wish: Wish; choose: (wish: Wish) => void }) {
  return (
    <fieldset class="segments small theme">
      <legend class="unseen">Colours</legend>
      {wishes.map(({ wish: one, label, sign }) => (
        <label key={one} title={label}>
          <input type="radio" name="theme" checked={wish === one} onChange={() => choose(one)} aria-label={label} />
          <span aria-hidden="true">{sign}</span>
        </label>
      ))}
    </fieldset>
  )
}
