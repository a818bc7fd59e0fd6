// When somebody has to look: rules for Grafana's own alerting, as its provisioning files have them.
import { QueryBuilder, type Rule, RuleBuilder } from '@grafana/grafana-foundation-sdk/alerting'
import type { Builder, Dataquery } from '@grafana/grafana-foundation-sdk/cog'
import { TypeMathBuilder, TypeReduceBuilder, TypeThresholdBuilder } from '@grafana/grafana-foundation-sdk/expr'
import { uid as availabilityUid, statePanel } from './availability.ts'
import { uid as dashboardUid, lagPanel, linesPanel, lostPanel, refusedPanel } from './collector.ts'
import { deadPanel, uid as eventsUid, waitingPanel } from './events.ts'
import { datasource, growth, influxql } from './influxql.ts'

const minute = 60
const hour = 60 * minute
const day = 24 * hour
const inTime = '$timeFilter'

/** What the file of provisioning has of a rule; group and folder stand above it there. */
export type ProvisionedRule = Omit<Rule, 'orgID' | 'folderUID' | 'ruleGroup'>

type About = {
  uid: string
  title: string
  dashboard?: string
  panel: number
  severity: 'critical' | 'warning'
  summary: string
}

/** Neither a name of Grafana's environment nor a template may stand in the summary: see the role's template. */
function rule({ uid, title, dashboard = dashboardUid, panel, severity, summary }: About): RuleBuilder {
  return new RuleBuilder(title)
    .uid(uid)
    .labels({ severity, service: 'workflow-reporting' })
    .annotations({ summary, __dashboardUid__: dashboard, __panelId__: String(panel) })
    .isPaused(false)
}

function asked(refId: string, seconds: number, query: string): QueryBuilder {
  return new QueryBuilder(refId)
    .datasourceUid(datasource.uid)
    .relativeTimeRange({ from: seconds, to: 0 })
    .model(influxql(query, { refId }))
}

function reckoned(refId: string, model: Builder<Dataquery>): QueryBuilder {
  return new QueryBuilder(refId).datasourceUid('__expr__').relativeTimeRange({ from: 0, to: 0 }).model(model)
}

const expression = { type: '__expr__', uid: '__expr__' }
const newest = (refId: string, of: string) =>
  reckoned(refId, new TypeReduceBuilder().refId(refId).datasource(expression).expression(of).reducer('last'))
const compared = (refId: string, of: string, type: 'gt' | 'lt', limit: number) =>
  reckoned(
    refId,
    new TypeThresholdBuilder()
      .refId(refId)
      .datasource(expression)
      .expression(of)
      .conditions([{ evaluator: { type, params: [limit] } }]),
  )

const grownIn = (field: string) =>
  `SELECT sum("${field}") FROM ${growth([field], inTime)} WHERE ${inTime} GROUP BY "host"`

// The mean of ten minutes, of each host that has told anything in a day: so one of several that fell silent is noticed,
// too. The tenth of a line a minute is less than one line in ten minutes.
const nothingRead = rule({
  uid: 'workflow-collector-reads-nothing',
  title: 'Workflow collector: nothing read for 15 minutes',
  panel: linesPanel,
  severity: 'critical',
  summary:
    'No line of the nginx log was read for 15 minutes. On the Galaxy host, look at systemctl status ' +
    'collect-workflow-invocations and start it if it does not run; if it runs, the status tells what it waits for. ' +
    'Nothing is lost as long as the log files are kept.',
})
  .withQuery(
    asked(
      'A',
      day,
      `SELECT moving_average(sum("lines"), 10) FROM ${growth(['lines'], inTime)} WHERE ${inTime} ` +
        'GROUP BY time(1m), "host" fill(0)',
    ),
  )
  .withQuery(newest('B', 'A'))
  .withQuery(compared('C', 'B', 'lt', 0.05))
  .condition('C')
  .forDuration('5m')
  // No collector has told anything in a day: that is what this rule is for. Where InfluxDB cannot be asked, Grafana's
  // own DatasourceError tells it, once and not for each rule.
  .noDataState('Alerting')
  .execErrState('Error')

const behind = rule({
  uid: 'workflow-collector-is-behind',
  title: 'Workflow collector: more than 5 minutes behind',
  panel: lagPanel,
  severity: 'warning',
  summary:
    'The collector is more than 5 minutes behind the nginx log. On the Galaxy host, systemctl status ' +
    'collect-workflow-invocations tells what it waits for: the database, InfluxDB, or nothing, where it is catching up.',
})
  .withQuery(
    asked('A', 10 * minute, `SELECT last("lag_seconds") FROM "workflow_reporting" WHERE ${inTime} GROUP BY "host"`),
  )
  .withQuery(newest('B', 'A'))
  .withQuery(compared('C', 'B', 'gt', 5 * minute))
  .condition('C')
  .forDuration('2m')
  // A collector that tells nothing is the first rule's matter.
  .noDataState('OK')
  .execErrState('OK')

// A total that begins anew at a restart hides what was refused before the first minute was told: that one is taken as
// it stands.
const refused = rule({
  uid: 'workflow-collector-points-refused',
  title: 'Workflow collector: points refused by InfluxDB',
  panel: refusedPanel,
  severity: 'critical',
  summary:
    'InfluxDB refused points for good in the last hour, and each is an invocation that is not counted. Read its message ' +
    'with journalctl -u collect-workflow-invocations. Where it is max-values-per-tag, raise that in InfluxDB, then run ' +
    'backfill over the logs of that time.',
})
  .withQuery(
    asked(
      'A',
      hour,
      `SELECT sum("refused") FROM ${growth(['refused'], inTime)}, (SELECT "refused" FROM "workflow_reporting" ` +
        `WHERE "uptime_seconds" < 90 AND ${inTime} GROUP BY "host") WHERE ${inTime} GROUP BY "host"`,
    ),
  )
  .withQuery(newest('B', 'A'))
  .withQuery(compared('C', 'B', 'gt', 0))
  .condition('C')
  .forDuration('0s')
  .noDataState('OK')
  .execErrState('OK')

const undecodable = rule({
  uid: 'workflow-collector-ids-do-not-decode',
  title: 'Workflow collector: ids do not decode',
  panel: lostPanel,
  severity: 'critical',
  summary:
    'Nine of ten requests or more in the last hour had an id that does not decode: the id secret is probably wrong. Take ' +
    'id_secret from the galaxy.yml of the Galaxy that this nginx serves, try it with the command check, restart the ' +
    'collector, and run backfill over the logs of that time.',
})
  .withQuery(asked('A', hour, grownIn('undecodable')))
  .withQuery(asked('B', hour, grownIn('requests')))
  .withQuery(newest('C', 'A'))
  .withQuery(newest('D', 'B'))
  .withQuery(
    reckoned('E', new TypeMathBuilder().refId('E').datasource(expression).expression('$C >= 0.9 * $D && $D >= 10')),
  )
  .condition('E')
  .forDuration('0s')
  .noDataState('OK')
  .execErrState('OK')

const probeBad = rule({
  uid: 'workflow-probe-down-or-silent',
  title: 'Availability: a probe is down or silent',
  dashboard: availabilityUid,
  panel: statePanel,
  severity: 'critical',
  summary:
    'What a probe looks at is down, or nothing has been heard of the probe for three of its intervals. The tab ' +
    'Availability of the page of workflow-reporting serve says which, since when, why, and what to look at next.',
})
  .withQuery(
    asked(
      'A',
      10 * minute,
      `SELECT last("bad") FROM "workflow_probes" WHERE ${inTime} GROUP BY "probe", "region", "how"`,
    ),
  )
  .withQuery(newest('B', 'A'))
  .withQuery(compared('C', 'B', 'gt', 0))
  .condition('C')
  .forDuration('2m')
  .noDataState('OK')
  .execErrState('OK')

const deadGrowing = rule({
  uid: 'workflow-events-dead-letters',
  title: 'Events: dead letters are growing',
  dashboard: eventsUid,
  panel: deadPanel,
  severity: 'warning',
  summary:
    'Events could not be delivered to a destination in the last hour. Nothing is lost: workflow-reporting dead list says ' +
    'why, and when the cause is mended, dead replay sends them again.',
})
  .withQuery(
    asked(
      'A',
      hour,
      `SELECT sum("dead") FROM (SELECT non_negative_difference("dead") AS "dead" FROM "workflow_events" WHERE ${inTime} ` +
        `GROUP BY "host", "destination") WHERE ${inTime} GROUP BY "host", "destination"`,
    ),
  )
  .withQuery(newest('B', 'A'))
  .withQuery(compared('C', 'B', 'gt', 0))
  .condition('C')
  .forDuration('0s')
  .noDataState('OK')
  .execErrState('OK')

const circuitOpen = rule({
  uid: 'workflow-events-circuit-open',
  title: 'Events: a destination has been down for 10 minutes',
  dashboard: eventsUid,
  panel: waitingPanel,
  severity: 'warning',
  summary:
    'A destination has not taken events for 10 minutes. They wait and are delivered when it answers again. The tab ' +
    'Events of the page of workflow-reporting serve says why; workflow-reporting check tries it.',
})
  .withQuery(
    asked(
      'A',
      10 * minute,
      `SELECT min("circuit_open") FROM "workflow_events" WHERE ${inTime} GROUP BY "host", "destination"`,
    ),
  )
  .withQuery(newest('B', 'A'))
  .withQuery(compared('C', 'B', 'gt', 0))
  .condition('C')
  .forDuration('0s')
  .noDataState('OK')
  .execErrState('OK')

export const alertRules: ProvisionedRule[] = [
  ...[nothingRead, behind, refused, undecodable],
  ...[probeBad, deadGrowing, circuitOpen],
].map((builder) => {
  const { orgID: _1, folderUID: _2, ruleGroup: _3, ...provisioned } = builder.build()
  return provisioned
})
