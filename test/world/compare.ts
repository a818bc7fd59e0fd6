// What is there, against what has to be there.
import type { StoredPoint } from '../services/influxql.ts'
import type { ParsedPoint } from './line_protocol.ts'
import type { ExpectedPoint } from './oracle/expected.ts'

/** A point that was found, whatever measurement it is of. */
export type ActualPoint = StoredPoint & { measurement: string }

export type Differences = {
  missing: ExpectedPoint[]
  extra: ActualPoint[]
  /** Pairs that mean the same invocation or request, and what is not the same about them. */
  different: { expected: ExpectedPoint; actual: ActualPoint; what: string[] }[]
}

const nanos = 1_000_000_000n

/** Compares all but the part of the times below a second. */
export function comparePoints(expected: readonly ExpectedPoint[], actual: readonly ActualPoint[]): Differences {
  const spare = new Map<string, ActualPoint[]>()
  for (const point of actual) push(spare, keyOf(point, secondOf(point)), point)
  const unmet = expected.filter((point) => spare.get(keyOf(point, point.second))?.pop() === undefined)

  const near = new Map<string, ActualPoint[]>()
  for (const point of [...spare.values()].flat()) push(near, likeness(point, secondOf(point)), point)
  const differences: Differences = { missing: [], extra: [], different: [] }
  for (const point of unmet) {
    const other = near.get(likeness(point, point.second))?.shift()
    if (other) differences.different.push({ expected: point, actual: other, what: contrast(point, other) })
    else differences.missing.push(point)
  }
  differences.extra = [...near.values()].flat()
  return differences
}

/** The first few of each, in words; nothing where there is no difference. `lineText` shows a line of the log. */
export function report(differences: Differences, lineText: (line: number) => string = () => '', few = 5): string[] {
  const { missing, extra, different } = differences
  if (missing.length + extra.length + different.length === 0) return []
  const from = ({ line }: ExpectedPoint) => `  line ${line}: ${lineText(line).slice(0, 400)}`
  return [
    `${missing.length} missing, ${extra.length} extra, ${different.length} different`,
    ...missing.slice(0, few).flatMap((point) => [`missing: ${shown(point)}`, from(point)]),
    ...extra.slice(0, few).map((point) => `extra: ${shown(point)} at ${point.time}`),
    ...different
      .slice(0, few)
      .flatMap(({ expected, what }) => [
        `different: ${shown(expected)}`,
        from(expected),
        ...what.map((one) => `    ${one}`),
      ]),
  ]
}

/** Points that only one of two readings has, to the nanosecond: a second reading has to make the same. */
export function compareReadings(first: readonly ActualPoint[], second: readonly ActualPoint[]): string[] {
  const keys = (points: readonly ActualPoint[]) => new Set(points.map((point) => keyOf(point, point.time)))
  const [one, other] = [keys(first), keys(second)]
  return [
    ...[...one.difference(other)].map((key) => `only in the first: ${key}`),
    ...[...other.difference(one)].map((key) => `only in the second: ${key}`),
  ].slice(0, 10)
}

/** Invocations' points that share a second and the part below it. */
export function collisions(points: readonly ActualPoint[]): string[] {
  const invoked = points.filter(({ fields }) => fields.invocation_id !== undefined)
  const times = Map.groupBy(invoked, ({ time }) => time)
  return [...times].flatMap(([time, group]) => (group.length > 1 ? [`${group.length} invocations at ${time}`] : []))
}

/** A printed point as InfluxDB would give it back. */
export function asStored({ measurement, tags, fields, time }: ParsedPoint): ActualPoint {
  const plain = Object.entries(fields).map(([name, value]) => [name, typeof value === 'bigint' ? Number(value) : value])
  return { measurement, tags, fields: Object.fromEntries(plain), time: BigInt(time) }
}

function keyOf({ measurement, tags, fields }: ExpectedPoint | ActualPoint, time: number | bigint): string {
  return JSON.stringify([measurement, String(time), sorted(tags), sorted(fields)])
}

function likeness({ measurement, fields }: ExpectedPoint | ActualPoint, second: number): string {
  if (fields.invocation_id !== undefined) return `${measurement} ${fields.invocation_id}`
  return `${measurement} ${fields.workflow_id} ${second}`
}

function contrast(expected: ExpectedPoint, actual: ActualPoint): string[] {
  const all = (point: ExpectedPoint | ActualPoint, second: number): Record<string, unknown> => ({
    second,
    ...point.tags,
    ...point.fields,
  })
  const [wanted, found] = [all(expected, expected.second), all(actual, secondOf(actual))]
  return [...new Set([...Object.keys(wanted), ...Object.keys(found)])]
    .filter((name) => wanted[name] !== found[name])
    .map((name) => `${name}: ${JSON.stringify(found[name])} instead of ${JSON.stringify(wanted[name])}`)
}

function secondOf({ time }: ActualPoint): number {
  return Number(time / nanos)
}

function sorted(values: Record<string, unknown>) {
  return Object.entries(values).sort(([a], [b]) => (a < b ? -1 : 1))
}

function shown({ measurement, tags, fields }: ExpectedPoint | ActualPoint): string {
  return `${measurement} ${JSON.stringify(tags)} ${JSON.stringify(fields)}`
}

function push<K, V>(lists: Map<K, V[]>, key: K, value: V) {
  const list = lists.get(key)
  if (list) list.push(value)
  else lists.set(key, [value])
}
