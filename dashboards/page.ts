// docs/dashboards.md: what each panel answers, and what it asks.
import type { Dashboard, Panel } from '@grafana/grafana-foundation-sdk/dashboard'
import type { ProvisionedRule } from './alerts.ts'
import type { InfluxqlTarget } from './influxql.ts'

const introduction = `# Dashboards and alerts

<!-- Made from dashboards/ by \`npm run dashboards\`. -->

Role \`galaxy-workflows-stats\` installs four dashboards and seven alert rules into Grafana 11 to 13, all in one folder. They
are written in TypeScript, in \`dashboards/\`, with the types of Grafana's own SDK; \`npm run dashboards\` makes the role's
files and this page of them.

- All are read-only in Grafana: save a copy to change one. A changed file is shown half a minute after the play.
- Rules are sent wherever Grafana's default contact point sends them; route them by the label
  \`service=workflow-reporting\`. \`workflow_invocations_grafana_alerts: false\` takes them away again.
- Without the role, import the files of \`roles/galaxy-workflows-stats/files/dashboards\` by hand, into a Grafana whose
  InfluxDB datasource (InfluxQL) has the uid \`workflow-invocations\`.
- With "All", points that have no registry are shown, too. \`\${domain:regex}\` and its like are what is chosen,
  \`$timeFilter\` is the time range, \`$__interval\` the width of a bar.
- Dashboards show people as numbers of people, never who they are. Names of workflows are shown as their owners wrote
  them: see \`identity.hide_unpublished_names\` where Grafana is public.
- *Events* and *Availability* are of the hub of events: its own numbers, which \`serve\` writes to \`influxdb\` once a minute
  (\`workflow_events\`, \`workflow_probes\`), and what a destination \`influxdb\` writes into the same database.
- An hour's or a day's bar begins and ends in UTC.

What is proved, by \`npm test\`: each query below runs against a real InfluxDB 1.6.7 whose points are known, and returns
their numbers; each rule fires, and does not fire, as it should; the files fit Grafana's published JSON schemas, those of
11.6 and of 12 and later. What is not: no Grafana runs in the tests, since none can be had there. What Grafana does
between a query and the screen (variables, macros, transformations, links) the tests do in their own way, written after
its source.
`

export function dashboardsPage(dashboards: Dashboard[], rules: ProvisionedRule[]): string {
  return [introduction, ...dashboards.map(dashboardPart), rulesPart(rules)].join('\n')
}

function dashboardPart({ title, description, panels }: Dashboard): string {
  return `## ${title}\n\n${description}\n\n${(panels as Panel[]).map(panelPart).join('\n')}`
}

function panelPart({ title, description, targets }: Panel): string {
  return `### ${title}\n\n${description}\n\n${(targets as InfluxqlTarget[]).map(({ query }) => statement(query)).join('\n')}`
}

function rulesPart(rules: ProvisionedRule[]): string {
  return `## Alerts\n\n${rules.map(rulePart).join('\n')}`
}

function rulePart({ title, annotations, data, for: lasting, noDataState }: ProvisionedRule): string {
  const queries = data.map(({ model }) => model as InfluxqlTarget).filter(({ query }) => query !== undefined)
  const states = { Alerting: 'fires', OK: 'does not fire' } as Record<string, string>
  const when = lasting === '0s' ? 'Fires at once' : `Fires when it has been so for ${lasting}`
  return (
    `### ${title}\n\n${annotations?.['summary']}\n\n${when}; without data it ${states[noDataState]}.\n\n` +
    queries.map(({ query }) => statement(query)).join('\n')
  )
}

const statement = (query: string) => `\`\`\`sql\n${query}\n\`\`\`\n`
