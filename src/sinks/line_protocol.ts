import { Point as Builder } from '@influxdata/influxdb-client'
import type { Point } from '../pipeline/entry.ts'

/** One line of InfluxDB's line protocol, with nanoseconds; a `bigint` field is an integer. */
export function toLineProtocol(point: Point): string {
  const builder = new Builder(point.measurement).timestamp(point.timeNs.toString())
  for (const [name, value] of Object.entries(point.tags)) builder.tag(name, value)
  for (const [name, value] of Object.entries(point.fields)) {
    if (typeof value === 'bigint') builder.intField(name, value.toString())
    else if (typeof value === 'number') builder.floatField(name, value)
    else if (typeof value === 'boolean') builder.booleanField(name, value)
    else builder.stringField(name, value)
  }
  const line = builder.toLineProtocol()
  if (line === undefined) throw new Error(`a point of ${point.measurement} has no fields`)
  return line
}

/**
 * Whether InfluxDB 1.x may take the line and the next for one, and refuse both: where it looks for line ends, two
 * backslashes escape each other, so that a space behind them begins the fields, and a quote in a tag may begin a text
 * (scanLine in its models/points.go). By itself the line is read as it is meant.
 */
export function maySwallowNext(line: string): boolean {
  return line.includes('\\\\ ') && line.includes('"')
}
