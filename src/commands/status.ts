import type { ProgressReport } from '../base/progress.ts'
import { askCollector } from '../clients/status_socket.ts'
import { loadConfiguration } from '../config/load.ts'

/** So that a program that reads it finds every key, running or not. */
const notRunning = {
  pid: null,
  since: null,
  last_line: null,
  last_point: null,
  lag_seconds: null,
  waiting_for: null,
  counters: null,
}

/** Tells what the running collector does; exit status 1 where none runs. */
export async function status({ config, json }: { config: string; json: boolean }): Promise<number> {
  const state = await askCollector((await loadConfiguration(config, {})).state_dir)
  if (!state.running) {
    process.stdout.write(json ? `${JSON.stringify({ ...notRunning, ...state })}\n` : `Not running: ${state.why}\n`)
    return 1
  }
  process.stdout.write(json ? `${JSON.stringify(state)}\n` : page(state, Date.now()))
  return 0
}

function page(report: ProgressReport, nowMs: number): string {
  const { counters: all, lag_seconds: lag, waiting_for: waitingFor } = report
  const rows: [string, string, string][] = [
    ['running', `since ${report.since}`, `${duration(nowMs - Date.parse(report.since))}, process ${report.pid}`],
    ['last line', ...instant(report.last_line, nowMs)],
    ['last point', ...instant(report.last_point, nowMs)],
    [
      'lag',
      duration(lag * 1000),
      lag === 0 ? 'everything logged is counted' : 'age of the oldest line not counted yet',
    ],
    ['waits for', waitingFor ?? 'nothing', ''],
  ]
  const counts: [string, number, string][] = [
    ['lines', all.lines, `${all.malformed} malformed`],
    ['requests', all.requests, `${all.accepted} accepted, ${all.rejected} rejected`],
    ['', all.undecodable + all.unresolved, `of them ${all.undecodable} undecodable, ${all.unresolved} unresolved`],
    ['points', all.points, `${all.written} written, ${all.refused} refused`],
  ]
  const state = waitingFor === null ? 'Counting' : `Waiting for ${waitingFor}`
  return [
    `${state}\n`,
    ...rows.map(([name, value, rest]) => `  ${name.padEnd(12)}${value}${rest === '' ? '' : `  (${rest})`}\n`),
    'Since it runs\n',
    ...counts
      .filter(([name, value]) => name !== '' || value > 0)
      .map(([name, value, rest]) => `  ${name.padEnd(12)}${String(value).padStart(12)}  ${rest}\n`),
  ].join('')
}

function instant(time: string | null, nowMs: number): [string, string] {
  return time === null ? ['none yet', ''] : [time, `${duration(nowMs - Date.parse(time))} ago`]
}

/** `3 h 20 min`: the two greatest units that say something. */
function duration(ms: number): string {
  const seconds = Math.max(0, Math.round(ms / 1000))
  const parts = [
    [Math.floor(seconds / 86_400), 'd'],
    [Math.floor(seconds / 3600) % 24, 'h'],
    [Math.floor(seconds / 60) % 60, 'min'],
    [seconds % 60, 's'],
  ] as const
  const first = parts.findIndex(([value]) => value > 0)
  if (first === -1) return '0 s'
  return parts
    .slice(first, first + 2)
    .filter(([value]) => value > 0)
    .map(([value, unit]) => `${value} ${unit}`)
    .join(' ')
}
