import type { Repaired } from './repair.ts'
import { type Counts, type Day, type Excess, type ExtraPoint, nameOfDay, newCounts, type Tally } from './tally.ts'

/** An audit that came to its end. */
export interface Report {
  sinceMs: number
  untilMs: number
  tally: Tally
  /** `null` where nothing was to be repaired. */
  repaired: Repaired | null
}

const columns = ['equal', 'missing', 'extra', 'unmatched'] as const
/** A person is shown so many ids; the document has more. */
const shownMax = 20

const words: Record<Excess, string> = {
  no_row: 'no row has this number (deleted since?)',
  subworkflow: "its row is a subworkflow's",
  second_point: 'a second point of the same row',
  far_from_row: 'its row was made at quite another time',
}

/** Whether every row has its point, by now, and nothing else has one. */
export function isEqual({ tally, repaired }: Report): boolean {
  const { missing, extra } = tally.total
  return missing === (repaired?.written ?? 0) && extra === 0
}

/** One document; its names are an interface (contract, section 1). */
export function documentOf(report: Report): object {
  const { sinceMs, untilMs, tally, repaired } = report
  const { equal, missing, extra, unmatched } = tally.total
  return {
    since: new Date(sinceMs).toISOString(),
    until: new Date(untilMs).toISOString(),
    days: tally.days().map((day) => ({
      day: nameOfDay(day.day),
      ...totalOf(day),
      domains: [...day.domains].sort(byName).map(([domain, counts]) => ({ domain, ...counts })),
      ...(day.missingIds.length > 0 && { missing_ids: day.missingIds }),
      ...(day.extraPoints.length > 0 && { extra_points: day.extraPoints.map(documentOfPoint) }),
    })),
    equal,
    missing,
    extra,
    unmatched,
    unmatched_share: Number(unmatchedShare(tally.total).toFixed(6)),
    ids_left_out: tally.unnamed,
    ...(repaired !== null && { repaired: repaired.written, refused: repaired.refused }),
  }
}

function documentOfPoint({ invocationId, second, domain, why }: ExtraPoint) {
  return { invocation_id: invocationId, time: timeOf(second), domain, why }
}

/** A table by day and domain, what is missing and extra, and what it comes to. */
export function textOf(report: Report): string {
  const { tally, repaired } = report
  const days = tally.days()
  const rows = days.flatMap((day) =>
    [...day.domains].sort(byName).map(([domain, counts], index) => ({
      day: index === 0 ? nameOfDay(day.day) : '',
      domain: domain === '' ? '(none)' : domain.replace(/\p{Cc}/gu, ' '),
      counts,
    })),
  )
  rows.push({ day: 'all', domain: '', counts: tally.total })
  const width = Math.max(6, ...rows.map(({ domain }) => domain.length))
  const line = (day: string, domain: string, cells: string[]) =>
    `${day.padEnd(10)}  ${domain.padEnd(width)}${cells.map((cell) => cell.padStart(12)).join('')}\n`
  const table = [
    line(
      'DAY (UTC)',
      'DOMAIN',
      columns.map((name) => name.toUpperCase()),
    ),
    ...rows.map(({ day, domain, counts }) =>
      line(
        day,
        domain,
        columns.map((name) => String(counts[name])),
      ),
    ),
  ].join('')
  return `${table}${missingText(days, tally.total.missing)}${extraText(days, tally.total.extra)}\n${verdict(report)}\n${
    repaired === null ? '' : `${repairText(repaired)}\n`
  }`
}

function missingText(days: Day[], count: number): string {
  if (count === 0) return ''
  const shown = days.flatMap(({ missingIds }) => missingIds).slice(0, shownMax)
  return `\nmissing, by the row's number: ${shown.join(', ')}${more(count - shown.length)}\n`
}

function extraText(days: Day[], count: number): string {
  if (count === 0) return ''
  const shown = days.flatMap(({ extraPoints }) => extraPoints).slice(0, shownMax)
  const lines = shown.map(
    ({ invocationId, second, domain, why }) =>
      `  invocation ${invocationId} at ${timeOf(second)}, ${domain.replace(/\p{Cc}/gu, ' ')}: ${words[why]}\n`,
  )
  return `\nextra:\n${lines.join('')}${count > shown.length ? `  ${more(count - shown.length).trim()}\n` : ''}`
}

function more(count: number): string {
  return count > 0 ? ` and ${count} more` : ''
}

function verdict({ sinceMs, untilMs, tally }: Report): string {
  const { equal, missing, extra, unmatched } = tally.total
  const span = `${timeOf(sinceMs / 1000)} to ${timeOf(untilMs / 1000)}`
  const judged =
    missing + extra === 0
      ? `equal: each of ${equal} invocations from ${span} has its point, and only one`
      : `different: ${missing} missing and ${extra} extra among ${equal + missing} invocations from ${span}`
  if (unmatched === 0) return judged
  const share = (unmatchedShare(tally.total) * 100).toFixed(1)
  return `${judged}; ${unmatched} points (${share} %) are of requests that no row was matched to`
}

function repairText({ written, refused }: Repaired): string {
  return `repaired: ${written} points written${refused > 0 ? `, ${refused} refused for good` : ''}`
}

/** Of the points that were compared. */
function unmatchedShare({ equal, extra, unmatched }: Counts): number {
  const points = equal + extra + unmatched
  return points === 0 ? 0 : unmatched / points
}

function totalOf({ domains }: Day): Counts {
  const total = newCounts()
  for (const counts of domains.values()) for (const name of columns) total[name] += counts[name]
  return total
}

function timeOf(second: number): string {
  return new Date(second * 1000).toISOString().replace('.000Z', 'Z')
}

function byName([a]: [string, unknown], [b]: [string, unknown]): number {
  return a < b ? -1 : a > b ? 1 : 0
}
