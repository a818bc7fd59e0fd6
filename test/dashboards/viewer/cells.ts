// What a cell of a table shows, and where it leads: a column's overrides, as @grafana/data reads them.
import type { Frame } from './query.ts'

type Mapping = { type: string; options: { pattern: string; result: { text?: string } } }
type Property = { id: string; value?: unknown }
type Override = { matcher: { id: string; options?: unknown }; properties: Property[] }

export type Cell = { text: string; links: string[] }

/** @param timeRange as it stands in an address, `from=...&to=...` */
export function cellOf(frame: Frame, column: string, row: number, overrides: Override[], timeRange: string): Cell {
  const value = frame.columns.find(({ name }) => name === column)?.values[row]
  const properties = overrides.filter((it) => matches(it, column)).flatMap((it) => it.properties)
  const property = <T>(id: string, otherwise: T) => (properties.find((it) => it.id === id)?.value ?? otherwise) as T
  const text = value === undefined || value === null ? '' : mapped(String(value), property<Mapping[]>('mappings', []))
  const links = property<{ url: string }[]>('links', []).map(({ url }) => linkOf(url, text, frame, row, timeRange))
  return { text, links }
}

function matches({ matcher: { id, options } }: Override, column: string): boolean {
  if (id === 'byName') return options === column
  if (id === 'byRegexp') return new RegExp(String(options)).test(column)
  throw new Error(`nobody here knows the matcher ${id}`)
}

/** The first mapping that fits says what is shown, with what it has found in the value. */
function mapped(value: string, mappings: Mapping[]): string {
  for (const { type, options } of mappings) {
    if (type !== 'regex') throw new Error(`nobody here knows the mapping ${type}`)
    const [, pattern, flags] = /^\/(.*)\/(\w*)$/.exec(options.pattern)!
    const regex = new RegExp(pattern!, flags)
    if (regex.test(value)) return value.replace(regex, options.result.text ?? value)
  }
  return value
}

/** Grafana encodes what stands in an address as it would a whole one, if no format is named (`uriencode`). */
function inAddress(value: string, format: string | undefined): string {
  if (format === 'raw') return value
  return format === 'percentencode' ? encodeURIComponent(value) : encodeURI(value)
}

function linkOf(url: string, text: string, frame: Frame, row: number, timeRange: string): string {
  return url.replace(/\$\{([\w.]+)(?::(\w+))?\}/g, (whole, path: string, format) => {
    if (path === '__value.text') return inAddress(text, format)
    if (path === '__url_time_range') return timeRange
    const name = /^__data\.fields\.(\w+)$/.exec(path)?.[1]
    const column = frame.columns.find((it) => it.name === name)
    if (column === undefined) throw new Error(`a link with ${whole}, which is no column`)
    return inAddress(String(column.values[row]), format)
  })
}
