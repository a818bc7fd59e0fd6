// What is up and what is not, as seen by each probe from its region.
import { DashboardBuilder } from '@grafana/grafana-foundation-sdk/dashboard'
import { influxql, tagIs } from './influxql.ts'
import { lines, ranking, stat, table } from './panels.ts'
import { otherDashboards, toInstall } from './plain_dashboard.ts'
import { tagVariable } from './variables.ts'

export const uid = 'galaxy-workflow-availability'
export const statePanel = 5

const measurement = 'workflow_probes'
const chosen = `${tagIs('probe', 'probe')} AND ${tagIs('region', 'region')} AND $timeFilter`
const each = 'GROUP BY "probe", "region", "how"'
const alias = '$tag_probe $tag_region'

const number = (id: number, title: string, field: string, description: string) =>
  stat({ id, title, description }).withTarget(
    influxql(
      `SELECT sum("n") FROM (SELECT last("${field}") AS "n" FROM "${measurement}" WHERE ${chosen} ${each}) WHERE $timeFilter`,
    ),
  )

const states = table({
  id: statePanel,
  title: 'State',
  description: 'How is each probe now? silent: nothing was heard of it for three of its intervals.',
}).withTarget(
  influxql(`SELECT last("state") AS "State" FROM "${measurement}" WHERE ${chosen} ${each}`, { table: true }),
)

const share = ranking({
  id: 6,
  title: 'Availability',
  description:
    'In what share of the time was it up? Silence counts as down; maintenance, and what is not known, neither way.',
})
  .unit('percentunit')
  .decimals(3)
  .max(1)
  .withTarget(influxql(`SELECT mean("available") FROM "${measurement}" WHERE ${chosen} ${each}`, { alias }))

const overTime = lines({
  id: 7,
  title: 'Availability over time',
  description: 'When was it down?',
})
  .unit('percentunit')
  .interval('1m')
  .withTarget(
    influxql(
      `SELECT mean("available") FROM "${measurement}" WHERE ${chosen} ` +
        'GROUP BY time($__interval), "probe", "region", "how" fill(none)',
      { alias },
    ),
  )

const responses = (id: number, title: string, value: string, from: string, description: string) =>
  lines({ id, title, description })
    .unit('ms')
    .interval('1m')
    .withTarget(
      influxql(
        `SELECT mean("${value}") FROM "${from}" WHERE ${chosen} GROUP BY time($__interval), "probe", "region" fill(none)`,
        { alias },
      ),
    )

export const availability = toInstall(
  new DashboardBuilder('Availability')
    .uid(uid)
    .description('What is up and what is not, as seen by each probe from its region.')
    .time({ from: 'now-24h', to: 'now' })
    .variables([
      tagVariable({ name: 'probe', label: 'Probe', measurement, tag: 'probe' }),
      tagVariable({ name: 'region', label: 'Region', measurement, tag: 'region' }),
    ])
    .links([otherDashboards()]),
  [
    number(1, 'Up', 'available', 'How many probes say that all is well?').gridPos({ x: 0, y: 0, w: 6, h: 4 }),
    number(2, 'Down or silent', 'bad', 'How many need somebody?').gridPos({ x: 6, y: 0, w: 6, h: 4 }),
    number(3, 'Silent', 'silent', 'Of how many of these was nothing heard?').gridPos({ x: 12, y: 0, w: 6, h: 4 }),
    number(4, 'In maintenance', 'maintenance', 'How many does nobody mind now?').gridPos({ x: 18, y: 0, w: 6, h: 4 }),
    states.gridPos({ x: 0, y: 4, w: 12, h: 9 }),
    share.gridPos({ x: 12, y: 4, w: 12, h: 9 }),
    overTime.gridPos({ x: 0, y: 13, w: 24, h: 7 }),
    responses(8, 'Ping', 'average_response_ms', 'ping', 'How long does an echo take?').gridPos({
      ...{ x: 0, y: 20 },
      ...{ w: 12, h: 8 },
    }),
    responses(9, 'Web', 'response_time', 'http_response', 'How long does an answer take?')
      .unit('s')
      .gridPos({ x: 12, y: 20, w: 12, h: 8 }),
  ],
)
