// What a person and a program see of a run.
import type { Finding, Outcome } from './series.ts'

/** One line, and below it what was missing, extra or wrong. */
export function told({ round, missing, extra, troubles }: Finding): string {
  return [
    `round ${round + 1}: ${missing.length} missing, ${extra.length} extra`,
    ...missing.map((what) => `  missing: ${what}`),
    ...extra.map((what) => `  extra: ${what}`),
    ...troubles.map((what) => `  ${what.replaceAll('\n', '\n  ')}`),
  ].join('\n')
}

const heads = ['fault', 'times', 'invocations', 'requests refused', 'missing', 'extra', 'seconds'] as const

/** A Markdown table with a row for each fault, and their sums. */
export function tableOf(outcomes: Outcome[]): string {
  const sum = (of: (outcome: Outcome) => number) => outcomes.reduce((total, outcome) => total + of(outcome), 0)
  const rows = outcomes.map(({ fault, times, invocations, refused, missing, extra, seconds, findings }) => [
    findings.length > 0 ? `${fault} (FAILED)` : fault,
    ...[times, invocations, refused, missing, extra, Math.round(seconds)].map(String),
  ])
  const total = [sum((it) => it.times), sum((it) => it.invocations), sum((it) => it.refused)]
  const wrong = [sum((it) => it.missing), sum((it) => it.extra), Math.round(sum((it) => it.seconds))]
  const all = [[...heads], ...rows, ['all', ...[...total, ...wrong].map(String)]]
  const widths = heads.map((_, column) => Math.max(...all.map((row) => row[column]!.length)))
  const line = (row: string[]) =>
    `| ${row.map((cell, column) => (column === 0 ? cell.padEnd(widths[0]!) : cell.padStart(widths[column]!))).join(' | ')} |`
  const rule = `| ${widths.map((width, column) => (column === 0 ? '-'.repeat(width) : `${'-'.repeat(width - 1)}:`)).join(' | ')} |`
  return [line(all[0]!), rule, ...all.slice(1).map(line)].join('\n')
}
