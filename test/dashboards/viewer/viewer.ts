// Somebody who looks at a dashboard: from the file that Grafana reads to what a panel shows.
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { type Cell, cellOf } from './cells.ts'
import { type Asker, ask, type Frame, type Range, type Target, withMacros } from './query.ts'
import { type Transformation, transformed } from './transformations.ts'
import { type Choice, interpolated, type Variable } from './variables.ts'

export const filesOfRole = join(import.meta.dirname, '../../../roles/galaxy-workflows-stats/files')

export type Panel = {
  id: number
  type: string
  title: string
  targets: Target[]
  transformations?: Transformation[]
  fieldConfig: { overrides?: Parameters<typeof cellOf>[3] }
  interval?: string
}
export type Dashboard = { uid: string; panels: Panel[]; templating: { list: Variable[] } }

export type Look = { choice?: Choice; range: Range; interval: string }

export function dashboardOf(file: string): Dashboard {
  return JSON.parse(readFileSync(join(filesOfRole, 'dashboards', file), 'utf8')) as Dashboard
}

/** Times are milliseconds. */
export type Shown = { series: Record<string, [timeMs: number, value: number][]>; rows: Record<string, Cell>[] }

export async function look(asker: Asker, dashboard: Dashboard, panel: Panel, { choice = {}, range, interval }: Look) {
  const frames: Frame[] = []
  for (const target of panel.targets) {
    const query = interpolated(target.query, dashboard.templating.list, choice)
    frames.push(...(await ask(asker, target, withMacros(query, range, interval))))
  }
  const timeRange = `from=${range.fromMs}&to=${range.toMs}`
  return shown(transformed(frames, panel.transformations ?? []), panel, timeRange)
}

function shown(frames: Frame[], { type, fieldConfig: { overrides = [] } }: Panel, timeRange: string): Shown {
  if (type !== 'table') {
    const entries = frames.map(({ name, columns: [times, values] }): [string, [number, number][]] => [
      name,
      times!.values.map((time, row) => [Number(time), Number(values!.values[row] ?? 0)]),
    ])
    if (new Set(entries.map(([name]) => name)).size < entries.length) throw new Error('two series have one name')
    return { series: Object.fromEntries(entries), rows: [] }
  }
  const [frame, ...more] = frames
  if (more.length > 0) throw new Error('a table shows one frame only')
  const rows = [...(frame?.columns[0]?.values.keys() ?? [])].map((row) =>
    Object.fromEntries(frame!.columns.map(({ name }) => [name, cellOf(frame!, name, row, overrides, timeRange)])),
  )
  return { series: {}, rows }
}

/** What a variable offers. */
export async function offered(asker: Asker, dashboard: Dashboard, name: string, choice: Choice = {}) {
  const variables = dashboard.templating.list
  const { query } = variables.find((it) => it.name === name)!.query
  const target = { query, refId: name, resultFormat: 'table', rawQuery: true }
  const [frame] = await ask(asker, target, interpolated(query, variables, choice))
  return (frame?.columns.find((column) => column.name === 'value')?.values ?? []) as string[]
}
