// What a person sees of a test run: a line for each file or check as it ends, then what failed and what did not run.
import type { Tally } from './tally.ts'

export type Result = Tally & { name: string; seconds: number; output: string }

const longestOutput = 400

/** One line, and below it what a failed one wrote, less what went well. */
export function lineOf({ name, passed, failed, notRun, seconds, output }: Result): string {
  const counts = [
    `${passed} passed`,
    failed.length > 0 ? `${failed.length} failed` : '',
    notRun.length > 0 ? `${notRun.length} not run` : '',
  ]
  const verdict = failed.length > 0 ? 'FAILED ' : 'ok     '
  const line = `${verdict} ${name}  ${counts.filter(Boolean).join(', ')}  ${seconds.toFixed(1)} s`
  if (failed.length === 0) return line
  const lines = output
    .trimEnd()
    .split('\n')
    .filter((text) => !/^ *(ok \d|\d+\.\.\d+$)/.test(text))
  const cut = lines.length - longestOutput
  const shown = cut > 0 ? [`... ${cut} lines before ...`, ...lines.slice(cut)] : lines
  return [line, ...shown.map((text) => `    ${text}`)].join('\n')
}

/** The names of what failed and what did not run, then the totals alone on the last line. */
export function summaryOf(results: Result[]): string {
  const all = (kind: 'failed' | 'notRun') =>
    results.flatMap((result) =>
      result[kind].map((name) => `  ${[result.name, shortened(name)].filter(Boolean).join(' > ')}`),
    )
  const failed = all('failed')
  const notRun = all('notRun')
  const passed = results.reduce((sum, result) => sum + result.passed, 0)
  return [
    '',
    ...(failed.length > 0 ? ['Failed:', ...failed] : []),
    ...(notRun.length > 0 ? ['Not run:', ...notRun] : []),
    `not run: ${notRun.length}`,
    `${passed} passed, ${failed.length} failed`,
  ].join('\n')
}

/** tap names an unexpected error's test after its message, which can be a whole log. */
const shortened = (name: string) => (name.length > 160 ? `${name.slice(0, 160)}...` : name)
