// How the collector itself is: behind or not, what it reads and writes, and what it cannot make sense of.
import { DashboardBuilder } from '@grafana/grafana-foundation-sdk/dashboard'
import { growth, influxql, tagIs } from './influxql.ts'
import { lines, stat } from './panels.ts'
import { otherDashboards, toInstall } from './plain_dashboard.ts'
import { tagVariable } from './variables.ts'

export const uid = 'galaxy-workflow-collector'
export const lagPanel = 8
export const linesPanel = 9
export const refusedPanel = 6
export const lostPanel = 11

const measurement = 'workflow_reporting'
const where = `${tagIs('host', 'host')} AND $timeFilter`
const grown = (field: string) => `SELECT sum("${field}") FROM ${growth([field], where)} WHERE $timeFilter`
const perMinute = (field: string) =>
  `SELECT mean("rate") FROM (SELECT non_negative_derivative("${field}", 1m) AS "rate" FROM "${measurement}" ` +
  `WHERE ${where} GROUP BY "host") WHERE $timeFilter GROUP BY time($__interval), "host" fill(none)`
const total = (id: number, title: string, field: string, description: string) =>
  stat({ id, title, description }).withTarget(influxql(grown(field)))

const numbers = [
  stat({ id: 1, title: 'Up for', description: 'How long has each collector been running?' })
    .unit('s')
    .withTarget(
      influxql(`SELECT last("uptime_seconds") FROM "${measurement}" WHERE ${where} GROUP BY "host"`, {
        alias: '$tag_host',
      }),
    ),
  stat({ id: 2, title: 'Restarts', description: 'How often was a collector started again?' }).withTarget(
    influxql(
      `SELECT count("step") FROM (SELECT difference("uptime_seconds") AS "step" FROM "${measurement}" ` +
        `WHERE ${where} GROUP BY "host") WHERE "step" < 0 AND $timeFilter`,
    ),
  ),
  total(3, 'Lines', 'lines', 'How many lines of the log were read?'),
  total(4, 'Requests', 'requests', 'How many of them asked for a workflow to be invoked?'),
  total(5, 'Points written', 'written', 'How many points did InfluxDB take?'),
  total(6, 'Points refused', 'refused', 'How many points did InfluxDB refuse for good? Each is an invocation lost.'),
  total(7, 'Malformed lines', 'malformed', 'How many lines did not fit the log format?'),
]

const lag = lines({ id: lagPanel, title: 'Lag', description: 'How far behind the log is each collector?' })
  .unit('s')
  .interval('1m')
  .withTarget(
    influxql(
      `SELECT max("lag_seconds") FROM "${measurement}" WHERE ${where} GROUP BY time($__interval), "host" fill(none)`,
      {
        alias: '$tag_host',
      },
    ),
  )

const read = lines({ id: linesPanel, title: 'Lines a minute', description: 'How fast is the log read?' })
  .interval('1m')
  .withTarget(influxql(perMinute('lines'), { alias: '$tag_host' }))

const written = lines({ id: 10, title: 'Points a minute', description: 'How many points does InfluxDB take?' })
  .interval('1m')
  .decimals(1)
  .withTarget(influxql(perMinute('written'), { alias: '$tag_host' }))

const kinds = ['malformed', 'rejected', 'undecodable', 'unresolved', 'refused']
const lost = lines({
  id: lostPanel,
  title: 'What made no invocation',
  description:
    'Lines that did not fit the format, requests that Galaxy refused, ids that are none of this server’s, ids that no ' +
    'workflow has, and points that InfluxDB refused: how many?',
})
  .interval('1m')
  .withTarget(
    influxql(
      `SELECT ${kinds.map((kind) => `sum("${kind}") AS "${kind}"`).join(', ')} FROM ${growth(kinds, where)} ` +
        'WHERE $timeFilter GROUP BY time($__interval), "host" fill(none)',
      { alias: '$tag_host $col' },
    ),
  )

const uptime = lines({ id: 12, title: 'Time since the start', description: 'When was each collector started again?' })
  .unit('s')
  .interval('1m')
  .withTarget(
    influxql(
      `SELECT max("uptime_seconds") FROM "${measurement}" WHERE ${where} GROUP BY time($__interval), "host" fill(none)`,
      { alias: '$tag_host' },
    ),
  )

export const collector = toInstall(
  new DashboardBuilder('Workflow collector')
    .uid(uid)
    .description('The collector about itself, once a minute.')
    .time({ from: 'now-24h', to: 'now' })
    .variables([tagVariable({ name: 'host', label: 'Host', measurement, tag: 'host' })])
    .links([otherDashboards()]),
  [
    ...numbers.map((panel, index) => panel.gridPos({ x: index * 3, y: 0, w: index === 6 ? 6 : 3, h: 4 })),
    lag.gridPos({ x: 0, y: 4, w: 12, h: 8 }),
    read.gridPos({ x: 12, y: 4, w: 12, h: 8 }),
    written.gridPos({ x: 0, y: 12, w: 12, h: 8 }),
    lost.gridPos({ x: 12, y: 12, w: 12, h: 8 }),
    uptime.gridPos({ x: 0, y: 20, w: 24, h: 6 }),
  ],
)
