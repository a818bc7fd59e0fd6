import type { Asked, Identity, RangeName, View } from '../store/view.ts'

// Numbers, times and names as people read them. All times are UTC, whatever the machine's own zone is.

const utc = { timeZone: 'UTC' } as const
const whole = new Intl.NumberFormat('en')
const fraction = new Intl.NumberFormat('en', { style: 'percent', maximumFractionDigits: 0 })
const small = new Intl.NumberFormat('en', { style: 'percent', maximumFractionDigits: 1 })
const dayAndMonth = new Intl.DateTimeFormat('en-GB', { ...utc, day: 'numeric', month: 'short' })
const fullDate = new Intl.DateTimeFormat('en-GB', { ...utc, day: 'numeric', month: 'short', year: 'numeric' })
const monthAndYear = new Intl.DateTimeFormat('en-GB', { ...utc, month: 'short', year: 'numeric' })
const weekday = new Intl.DateTimeFormat('en-GB', { ...utc, weekday: 'short', day: 'numeric', month: 'short' })

const precise = new Intl.NumberFormat('en', { style: 'percent', maximumFractionDigits: 3 })

/** `99.95%`; never 100% where anything failed. */
export const availabilityPercent = (share: number): string =>
  share < 1 && share > 0.99999 ? '>99.999%' : precise.format(Math.floor(share * 100_000) / 100_000)

export const number = (count: number): string => whole.format(count)

/** `1 person`, `2,345 people`. */
export const counted = (count: number, one: string, many = `${one}s`): string =>
  `${number(count)} ${count === 1 ? one : many}`

export function percent(part: number, of: number): string {
  if (of === 0) return '0%'
  const share = part / of
  return share > 0 && share < 0.1 ? small.format(share) : fraction.format(share)
}

/** `< 1 ms`, `85 ms`, `1.2 s`. */
export const milliseconds = (ms: number): string =>
  ms < 1 ? '< 1 ms' : ms < 1000 ? `${Math.round(ms)} ms` : `${(ms / 1000).toFixed(ms < 10_000 ? 1 : 0)} s`

export const date = (instant: string | number): string => fullDate.format(new Date(instant))

/** `22 Nov 2026, 04:12 UTC`. */
export const dateAndTime = (instant: string | number): string =>
  `${date(instant)}, ${new Date(instant).toISOString().slice(11, 16)} UTC`

export const time = (instant: string | number): string => `${new Date(instant).toISOString().slice(11, 19)} UTC`

/** How long ago, in the largest unit that says something. */
export function ago(instant: string, nowMs: number): string {
  const seconds = Math.max(0, Math.round((nowMs - Date.parse(instant)) / 1000))
  if (seconds < 5) return 'just now'
  return `${duration(seconds)} ago`
}

export function duration(seconds: number): string {
  if (seconds < 90) return counted(seconds, 'second')
  if (seconds < 90 * 60) return counted(Math.round(seconds / 60), 'minute')
  if (seconds < 36 * 3600) return counted(Math.round(seconds / 3600), 'hour')
  return counted(Math.round(seconds / 86_400), 'day')
}

/** A bucket, short for an axis and at length for a tooltip. */
export function bucketName(instant: string, bucket: View['bucket'], length: 'short' | 'long'): string {
  const at = new Date(instant)
  if (bucket === 'month') return monthAndYear.format(at)
  if (bucket === 'week') return length === 'short' ? dayAndMonth.format(at) : `week from ${fullDate.format(at)}`
  if (bucket === 'day')
    return length === 'short' ? dayAndMonth.format(at) : `${weekday.format(at)} ${at.getUTCFullYear()}`
  const hour = at.toISOString().slice(11, 16)
  if (length === 'long') return `${weekday.format(at)}, ${hour} UTC`
  return hour === '00:00' ? dayAndMonth.format(at) : hour
}

const ranges: Record<RangeName, { label: string; phrase: string }> = {
  '24h': { label: '24 hours', phrase: 'in the last 24 hours' },
  '7d': { label: '7 days', phrase: 'in the last 7 days' },
  '30d': { label: '30 days', phrase: 'in the last 30 days' },
  '90d': { label: '90 days', phrase: 'in the last 90 days' },
  '365d': { label: '365 days', phrase: 'in the last 365 days' },
  month: { label: 'This month', phrase: 'this month' },
  year: { label: 'This year', phrase: 'this year' },
  all: { label: 'All', phrase: 'since counting began' },
}

export const rangeLabel = (range: RangeName): string => ranges[range].label

/** When, as the end of a sentence. */
export function rangePhrase({ range, from, until }: Pick<Asked, 'range' | 'from' | 'until'>): string {
  if (range !== null) return ranges[range].phrase
  return `from ${date(from)} to ${date(lastDay(until))}`
}

/** The last day of a range whose end is not included: `2026-06-30` for `2026-07-01`. */
export const lastDay = (until: string): string => new Date(Date.parse(until) - 1).toISOString().slice(0, 10)

export const dayAfter = (day: string): string =>
  new Date(Date.parse(`${day}T00:00:00Z`) + 86_400_000).toISOString().slice(0, 10)

const origins: Record<Identity, { short: string; long: string }> = {
  trs: { short: 'Registry', long: 'from a registry' },
  url: { short: 'Address', long: 'from a web address' },
  local: { short: 'Local', long: 'made or uploaded here' },
}

export const originLabel = (identity: Identity): string => origins[identity].short
const originPhrase = (identity: Identity): string => origins[identity].long

/** Registries write their own names in their own way; any other is shown as it was counted. */
const registryNames: Record<string, string> = { dockstore: 'Dockstore', workflowhub: 'WorkflowHub' }
export const registryName = (registry: string): string => registryNames[registry] ?? registry

/** Where a workflow comes from, as the end of a sentence. */
export function sourcePhrase({ identity, registry }: { identity: Identity; registry: string | null }): string {
  return identity === 'trs' && registry !== null ? `from ${registryName(registry)}` : originPhrase(identity)
}

/** `a`, `a and b`, `a, b and c`. */
export const listed = (texts: string[]): string => new Intl.ListFormat('en-GB').format(texts)
