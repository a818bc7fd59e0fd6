// What happens on the platform, and how far each destination of the hub is.
import { DashboardBuilder } from '@grafana/grafana-foundation-sdk/dashboard'
import { influxql, tagIs } from './influxql.ts'
import { bars, lines, ranking, stat } from './panels.ts'
import { otherDashboards, toInstall } from './plain_dashboard.ts'
import { tagVariable } from './variables.ts'

export const uid = 'galaxy-workflow-events'
export const waitingPanel = 6
export const deadPanel = 9

const measurement = 'workflow_events'
const where = `${tagIs('destination', 'destination')} AND $timeFilter`
const each = 'GROUP BY "host", "destination"'
const alias = '$tag_destination of $tag_host'
/** Every category has a measurement of its own; results of ping and http probes have Telegraf's. */
const everyCategory = `FROM /^event_/ WHERE $timeFilter`

const latest = (id: number, title: string, field: string, description: string) =>
  stat({ id, title, description }).withTarget(
    influxql(
      `SELECT sum("n") FROM (SELECT last("${field}") AS "n" FROM "${measurement}" WHERE ${where} ${each}) WHERE $timeFilter`,
    ),
  )
const overTime = (id: number, title: string, field: string, description: string) =>
  lines({ id, title, description })
    .interval('1m')
    .withTarget(
      influxql(
        `SELECT max("${field}") FROM "${measurement}" WHERE ${where} GROUP BY time($__interval), "host", "destination" fill(none)`,
        { alias },
      ),
    )

const happened = bars({
  id: 4,
  title: 'Events by category',
  description: 'What happens, and when? Results of ping and http probes are on the dashboard Availability.',
}).withTarget(
  influxql(`SELECT count("event_id") ${everyCategory} GROUP BY time($__interval), "category" fill(0)`, {
    alias: '$tag_category',
  }),
)

const types = ranking({
  id: 5,
  title: 'Events by type',
  description: 'Which events are there, and how many?',
}).withTarget(
  influxql(`SELECT count("event_id") ${everyCategory} GROUP BY "category", "type"`, {
    alias: '$tag_category.$tag_type',
  }),
)

const delivered = lines({
  id: 7,
  title: 'Delivered a minute',
  description: 'How fast does each destination take events?',
})
  .interval('1m')
  .withTarget(
    influxql(
      `SELECT mean("rate") FROM (SELECT non_negative_derivative("delivered", 1m) AS "rate" FROM "${measurement}" ` +
        `WHERE ${where} ${each}) WHERE $timeFilter GROUP BY time($__interval), "host", "destination" fill(none)`,
      { alias },
    ),
  )

export const events = toInstall(
  new DashboardBuilder('Events')
    .uid(uid)
    .description('What happens on the platform, and how far each destination of the hub of events is.')
    .time({ from: 'now-24h', to: 'now' })
    .variables([tagVariable({ name: 'destination', label: 'Destination', measurement, tag: 'destination' })])
    .links([otherDashboards()]),
  [
    latest(1, 'Waiting', 'waiting', 'How many events wait for a destination?').gridPos({ x: 0, y: 0, w: 8, h: 4 }),
    latest(2, 'Dead letters', 'dead', 'How many events are kept that could not be delivered?').gridPos({
      ...{ x: 8, y: 0 },
      ...{ w: 8, h: 4 },
    }),
    latest(3, 'Destinations down', 'circuit_open', 'How many destinations do not answer?').gridPos({
      ...{ x: 16, y: 0 },
      ...{ w: 8, h: 4 },
    }),
    happened.gridPos({ x: 0, y: 4, w: 16, h: 9 }),
    types.gridPos({ x: 16, y: 4, w: 8, h: 9 }),
    overTime(waitingPanel, 'Waiting by destination', 'waiting', 'Which destination is behind?').gridPos({
      ...{ x: 0, y: 13 },
      ...{ w: 12, h: 8 },
    }),
    delivered.gridPos({ x: 12, y: 13, w: 12, h: 8 }),
    overTime(8, 'Oldest event that waits', 'oldest_waiting_seconds', 'For how long has the oldest event waited?')
      .unit('s')
      .gridPos({ x: 0, y: 21, w: 12, h: 8 }),
    overTime(deadPanel, 'Dead letters by destination', 'dead', 'Where could events not be delivered?').gridPos({
      ...{ x: 12, y: 21 },
      ...{ w: 12, h: 8 },
    }),
  ],
)
