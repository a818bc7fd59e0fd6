import type { ComponentChildren } from 'preact'
import type { View } from '../store/view.ts'
import { counted, dateAndTime, number, percent, rangePhrase } from './words.ts'

/** The answer in five numbers. */
export function Totals({ view: { asked, totals, counted: ever } }: { view: View }) {
  const { invocations, people, withoutPerson, workflows, labs, rejected, before } = totals
  const without = withoutPerson > 0 ? `${counted(withoutPerson, 'invocation')} without a known person` : null
  const sinceFirst = asked.range === 'all' && ever !== null ? `since ${dateAndTime(ever.first)}` : null
  return (
    <section class="totals" aria-label={`Totals ${rangePhrase(asked)}`}>
      <dl>
        <Total name="Invocations" count={invocations}>
          {sinceFirst ?? <Compared now={invocations} before={before?.invocations ?? null} />}
        </Total>
        <Total name="People" count={people}>
          {without ?? <Compared now={people} before={before?.people ?? null} />}
        </Total>
        <Total name="Workflows" count={workflows}>
          {workflows > 1 ? `about ${number(Math.round(invocations / workflows))} runs each` : ''}
        </Total>
        <Total name="Labs" count={labs}>
          {labs === 1 ? 'site' : 'sites of this Galaxy'}
        </Total>
        <Total name="Refused requests" count={rejected}>
          {rejected > 0 ? <a href="#rejected">why</a> : 'none'}
        </Total>
      </dl>
    </section>
  )
}

export function Total({ name, count, children }: { name: string; count: number; children: ComponentChildren }) {
  return (
    <div class="total">
      <dt>{name}</dt>
      <dd class="count">{number(count)}</dd>
      <dd class="soft">{children}</dd>
    </div>
  )
}

/** Against the time before, as long as this one. */
export function Compared({ now, before }: { now: number; before: number | null }) {
  if (before === null) return <>the time before was not counted</>
  if (before === 0) return <>none in the time before</>
  const change = now - before
  if (change === 0) return <>as many as in the time before</>
  return (
    <>
      <b>
        {change > 0 ? '+' : '−'}
        {percent(Math.abs(change), before)}
      </b>{' '}
      against {number(before)} before
    </>
  )
}
