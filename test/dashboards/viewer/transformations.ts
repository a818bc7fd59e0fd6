// The transformations that the dashboards use, as Grafana's documentation has them.
import type { Column, Frame } from './query.ts'

export type Transformation = { id: string; options: never }

export function transformed(frames: Frame[], transformations: Transformation[]): Frame[] {
  return transformations.reduce((before, { id, options }) => {
    const transform = all[id]
    if (transform === undefined) throw new Error(`nobody here knows the transformation ${id}`)
    return transform(before, options)
  }, frames)
}

const all: Record<string, (frames: Frame[], options: never) => Frame[]> = {
  filterFieldsByName: (frames, { include }: { include: { names: string[] } }) =>
    frames.map((frame) => ({ ...frame, columns: frame.columns.filter(({ name }) => include.names.includes(name)) })),

  joinByField: (frames, { byField, mode }: { byField: string; mode: string }) => {
    if (mode !== 'outer') throw new Error(`nobody here knows how to join ${mode}`)
    return frames.length < 2 ? frames : [joined(frames, byField)]
  },

  groupBy: (frames, { fields }: { fields: Record<string, { operation: string; aggregations: string[] }> }) =>
    frames.map((frame) => grouped(frame, fields)),

  organize: (frames, { indexByName, renameByName }: Record<string, Record<string, never>>) =>
    frames.map((frame) => {
      const place = ({ name }: Column) => indexByName![name] ?? Number.POSITIVE_INFINITY
      const columns = [...frame.columns].sort((a, b) => place(a) - place(b))
      return { ...frame, columns: columns.map((it) => ({ ...it, name: renameByName![it.name] ?? it.name })) }
    }),

  sortBy: (
    frames,
    { sort: [{ field, desc } = { field: '', desc: false }] }: { sort: { field: string; desc: boolean }[] },
  ) =>
    frames.map((frame) => {
      const by = frame.columns.find(({ name }) => name === field)
      if (by === undefined) throw new Error(`sorted by ${field}, which is no column`)
      const order = by.values.map((_, row) => row)
      order.sort((a, b) => (Number(by.values[a]) - Number(by.values[b])) * (desc ? -1 : 1))
      return rowsAt(frame, order)
    }),

  limit: (frames, { limitField }: { limitField: number }) =>
    frames.map((frame) => rowsAt(frame, [...(frame.columns[0]?.values.keys() ?? [])].slice(0, limitField))),
}

function rowsAt(frame: Frame, rows: number[]): Frame {
  return { ...frame, columns: frame.columns.map((it) => ({ ...it, values: rows.map((row) => it.values[row]) })) }
}

function joined(frames: Frame[], byField: string): Frame {
  const keysOf = (frame: Frame) => frame.columns.find(({ name }) => name === byField)?.values ?? []
  const keys = [...new Set(frames.flatMap(keysOf))]
  const columns = frames.flatMap((frame) =>
    frame.columns
      .filter(({ name }) => name !== byField)
      .map(({ name, values }) => ({ name, values: keys.map((key) => values[keysOf(frame).indexOf(key)]) })),
  )
  return { ...frames[0]!, columns: [{ name: byField, values: keys }, ...columns] }
}

const aggregates: Record<string, (values: number[]) => number> = {
  sum: (values) => values.reduce((sum, value) => sum + value, 0),
  max: (values) => Math.max(...values),
}

function grouped(frame: Frame, fields: Record<string, { operation: string; aggregations: string[] }>): Frame {
  const by = frame.columns.filter(({ name }) => fields[name]?.operation === 'groupby')
  const groups = Map.groupBy(frame.columns[0]!.values.keys(), (row) =>
    JSON.stringify(by.map(({ values }) => values[row])),
  )
  const rows = [...groups.values()]
  return {
    ...frame,
    columns: [
      ...by.map(({ name, values }) => ({ name, values: rows.map(([first]) => values[first!]) })),
      ...frame.columns.flatMap(({ name, values }) =>
        (fields[name]?.operation === 'aggregate' ? fields[name].aggregations : []).map((aggregation) => ({
          name: `${name} (${aggregation})`,
          values: rows.map((at) => aggregates[aggregation]!(at.map((row) => Number(values[row])))),
        })),
      ),
    ],
  }
}
