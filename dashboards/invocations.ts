// Which workflows run, how often, for how many people, at which sites, and where they come from.
import { DashboardBuilder } from '@grafana/grafana-foundation-sdk/dashboard'
import { influxql, tagIs } from './influxql.ts'
import { bars, ranking, shares, stat, table } from './panels.ts'
import { otherDashboards, toInstall } from './plain_dashboard.ts'
import { pageMappings } from './registry_pages.ts'
import { tagVariable } from './variables.ts'

export const uid = 'galaxy-workflow-invocations'

/** No browser is asked to hold more points than this. */
const versionsOf = 50_000

const measurement = 'workflow_invocation'
const domain = tagIs('domain', 'domain')
const chosen = `${domain} AND ${tagIs('trs_server', 'registry')} AND ${tagIs('canonical_id', 'workflow')}`
const from = `FROM "${measurement}" WHERE ${chosen} AND $timeFilter`
const fromRefused = `FROM "workflow_invocation_rejected" WHERE ${domain} AND $timeFilter`
const numberOf = (tag: string) => `SELECT count("n") FROM (SELECT sum("count") AS "n" ${from} GROUP BY "${tag}")`
const overTime = (source: string, tag: string) =>
  `SELECT sum("count") ${source} GROUP BY time($__interval), "${tag}" fill(0)`

const numbers = [
  stat({ id: 1, title: 'Invocations', description: 'How many invocations were counted?' }).withTarget(
    influxql(`SELECT sum("count") ${from}`),
  ),
  stat({ id: 2, title: 'Workflows', description: 'How many different workflows, by canonical id?' }).withTarget(
    influxql(numberOf('canonical_id')),
  ),
  stat({
    id: 3,
    title: 'People',
    description: 'How many different people ran them? Those who were not logged in are left out.',
  }).withTarget(influxql(`SELECT count(distinct("user_id")) ${from}`)),
  stat({
    id: 4,
    title: 'Domains',
    description: 'From how many sites, `other` and `unknown` being one each?',
  }).withTarget(influxql(numberOf('domain'))),
  stat({
    id: 5,
    title: 'Refused requests',
    description: 'How many requests invoked nothing? Registry and workflow are not known of them.',
  }).withTarget(influxql(`SELECT sum("count") ${fromRefused}`)),
]

const byDomain = bars({
  id: 6,
  title: 'Invocations by domain',
  description: 'Which site do invocations come from, and when?',
}).withTarget(influxql(overTime(from, 'domain'), { alias: '$tag_domain' }))

const top = table({
  id: 7,
  title: 'Top workflows',
  description:
    'Which workflows run most? Copies of one workflow are one row; its name is that of the newest invocation. ' +
    'The name leads to this dashboard for that workflow alone, the page to where it comes from.',
})
  .withTarget(
    influxql(
      `SELECT sum("count") AS "Invocations", count(distinct("user_id")) AS "People" ${from} ` +
        'GROUP BY "canonical_id", "trs_server"',
      { table: true },
    ),
  )
  .withTarget(
    influxql(`SELECT last("count"), "workflow_name" ${from} GROUP BY "canonical_id"`, { refId: 'B', table: true }),
  )
  // A local workflow may be called whatever its owner likes, an address as well, and has no page.
  .withTarget(
    influxql(
      `SELECT last("count"), "canonical_id" AS "page" ${from} AND "identity" != 'local' GROUP BY "canonical_id"`,
      { refId: 'C', table: true },
    ),
  )
  .transformations([
    {
      id: 'filterFieldsByName',
      options: {
        include: { names: ['canonical_id', 'workflow_name', 'trs_server', 'Invocations', 'People', 'page'] },
      },
    },
    { id: 'joinByField', options: { byField: 'canonical_id', mode: 'outer' } },
    {
      id: 'organize',
      options: {
        excludeByName: {},
        indexByName: { workflow_name: 0, trs_server: 1, Invocations: 2, People: 3, page: 4, canonical_id: 5 },
        renameByName: { workflow_name: 'Name', trs_server: 'Registry', page: 'Page', canonical_id: 'Workflow' },
      },
    },
    { id: 'sortBy', options: { fields: {}, sort: [{ field: 'Invocations', desc: true }] } },
    { id: 'limit', options: { limitField: 100 } },
  ])
  .overrideByName('Name', [
    {
      id: 'links',
      value: [
        {
          title: 'This workflow alone',
          url: `/d/${uid}?var-workflow=\${__data.fields.Workflow:percentencode}&\${__url_time_range}`,
        },
      ],
    },
  ])
  // Without a format Grafana would encode the address, and so a second time what is encoded in it.
  .overrideByName('Page', [
    { id: 'mappings', value: pageMappings },
    { id: 'links', value: [{ title: 'Where it comes from', url: `\${__value.text:raw}`, targetBlank: true }] },
  ])
  .overrideByRegexp('Invocations|People', [
    { id: 'decimals', value: 0 },
    { id: 'custom.width', value: 110 },
  ])

const registries = bars({
  id: 8,
  title: 'Registries',
  description: 'Which registries do the workflows that run come from? Those from none are left out.',
}).withTarget(influxql(overTime(`${from} AND "trs_server" != ''`, 'trs_server'), { alias: '$tag_trs_server' }))

const identities = shares({
  id: 9,
  title: 'Origins',
  description: 'What share comes from a registry (trs), from an address (url), from nowhere else (local)?',
}).withTarget(influxql(`SELECT sum("count") ${from} GROUP BY "identity"`, { alias: '$tag_identity' }))

const people = ranking({
  id: 10,
  title: 'People by domain',
  description:
    'How many different people at each site? Who works at two sites counts at both; who was not logged in, at none.',
}).withTarget(influxql(`SELECT count(distinct("user_id")) ${from} GROUP BY "domain"`, { alias: '$tag_domain' }))

// InfluxQL cannot group by a field, so Grafana does.
const versions = table({
  id: 11,
  title: 'Versions',
  description:
    'Which versions of the chosen workflows run? Of the newest ' +
    `${versionsOf.toLocaleString('en')} invocations of workflows from registries.`,
})
  .withTarget(
    influxql(
      `SELECT "canonical_id", "trs_version_id", "count" ${from} AND "identity" = 'trs' ` +
        `ORDER BY time DESC LIMIT ${versionsOf}`,
      { table: true },
    ),
  )
  .transformations([
    {
      id: 'groupBy',
      options: {
        fields: {
          canonical_id: { operation: 'groupby', aggregations: [] },
          trs_version_id: { operation: 'groupby', aggregations: [] },
          count: { operation: 'aggregate', aggregations: ['sum'] },
          Time: { operation: 'aggregate', aggregations: ['max'] },
        },
      },
    },
    {
      id: 'organize',
      options: {
        excludeByName: {},
        indexByName: { canonical_id: 0, trs_version_id: 1, 'count (sum)': 2, 'Time (max)': 3 },
        renameByName: {
          canonical_id: 'Workflow',
          trs_version_id: 'Version',
          'count (sum)': 'Invocations',
          'Time (max)': 'Newest',
        },
      },
    },
    { id: 'sortBy', options: { fields: {}, sort: [{ field: 'Invocations', desc: true }] } },
    { id: 'limit', options: { limitField: 100 } },
  ])
  .overrideByName('Newest', [{ id: 'unit', value: 'dateTimeAsIso' }])

const refused = bars({
  id: 12,
  title: 'Refused requests by status',
  description: 'Which answers did requests get that invoked nothing? Registry and workflow are not known of them.',
}).withTarget(influxql(overTime(fromRefused, 'status'), { alias: '$tag_status' }))

const variables = [
  tagVariable({ name: 'domain', label: 'Domain', measurement, tag: 'domain' }),
  tagVariable({ name: 'registry', label: 'Registry', measurement, tag: 'trs_server' }),
  tagVariable({
    name: 'workflow',
    label: 'Workflow',
    measurement,
    tag: 'canonical_id',
    where: `${domain} AND ${tagIs('trs_server', 'registry')}`,
  }),
]

export const invocations = toInstall(
  new DashboardBuilder('Workflow invocations')
    .uid(uid)
    .description('Every workflow invocation on this Galaxy, counted once.')
    .time({ from: 'now-30d', to: 'now' })
    .variables(variables)
    .links([otherDashboards()]),
  [
    ...numbers.map((panel, index) => panel.gridPos({ x: index * 5, y: 0, w: index === 4 ? 4 : 5, h: 4 })),
    byDomain.gridPos({ x: 0, y: 4, w: 24, h: 9 }),
    top.gridPos({ x: 0, y: 13, w: 24, h: 12 }),
    registries.gridPos({ x: 0, y: 25, w: 12, h: 9 }),
    identities.gridPos({ x: 12, y: 25, w: 5, h: 9 }),
    people.gridPos({ x: 17, y: 25, w: 7, h: 9 }),
    versions.gridPos({ x: 0, y: 34, w: 12, h: 10 }),
    refused.gridPos({ x: 12, y: 34, w: 12, h: 10 }),
  ],
)
