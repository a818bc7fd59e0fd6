// What InfluxDB 1.x answers to a query, without losing a digit: times in nanoseconds are beyond a double's whole numbers.

export type Row = Record<string, unknown>

/** One point as it is stored; tags and fields that it does not have are left out. */
export type StoredPoint = { time: bigint; tags: Record<string, string>; fields: Record<string, unknown> }

type Series = { name?: string; tags?: Record<string, string>; columns: string[]; values?: unknown[][] }
type Result = { error?: string; series?: Series[] }

/** The series of an answer to `/query`; throws what the server calls an error. */
export function seriesOf(text: string): Series[] {
  const answer = parseExactly(text) as { error?: string; results?: Result[] }
  const results = answer.results ?? []
  const error = answer.error ?? results.find((result) => result.error !== undefined)?.error
  if (error !== undefined) throw new Error(`InfluxDB: ${error}`)
  return results.flatMap((result) => result.series ?? [])
}

/** A row an object; `time` is a bigint, and so is every other whole number that a double can't hold. */
export function rowsOf(series: Series[]): Row[] {
  return series.flatMap(({ tags, columns, values }) =>
    (values ?? []).map((cells) => ({
      ...tags,
      ...Object.fromEntries(columns.map((column, index) => [column, cellOf(column, cells[index])])),
    })),
  )
}

/** The points of an answer to `SELECT * FROM ... GROUP BY *`, in the order of time. */
export function pointsOf(series: Series[]): StoredPoint[] {
  const points = series.flatMap(({ tags, columns, values }) =>
    (values ?? []).map((cells) => {
      const cell = Object.fromEntries(columns.map((column, index) => [column, cellOf(column, cells[index])]))
      const { time, ...fields } = cell
      return { time: time as bigint, tags: present(tags ?? {}, ''), fields: present(fields, null) }
    }),
  )
  return points.sort((a, b) => (a.time < b.time ? -1 : a.time > b.time ? 1 : 0))
}

function present<T>(values: Record<string, T>, absent: unknown): Record<string, T> {
  return Object.fromEntries(Object.entries(values).filter(([, value]) => value !== absent))
}

function cellOf(column: string, value: unknown) {
  return column === 'time' && typeof value === 'number' ? BigInt(value) : value
}

type Reviver = (this: unknown, key: string, value: unknown, context: { source: string }) => unknown

function parseExactly(text: string): unknown {
  const reviver: Reviver = (_key, value, { source }) =>
    typeof value === 'number' && !Number.isSafeInteger(value) && /^-?\d+$/.test(source) ? BigInt(source) : value
  return JSON.parse(text, reviver as Parameters<typeof JSON.parse>[1])
}
