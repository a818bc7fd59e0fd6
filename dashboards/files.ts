// Every file that is made from these dashboards, with its path in the repository.
import { alertRules } from './alerts.ts'
import { availability } from './availability.ts'
import { collector } from './collector.ts'
import { events } from './events.ts'
import { invocations } from './invocations.ts'
import { dashboardsPage } from './page.ts'

const files = 'roles/galaxy-workflows-stats/files'

export const dashboards = {
  'workflow-invocations.json': invocations,
  'workflow-collector.json': collector,
  'workflow-events.json': events,
  'workflow-availability.json': availability,
}

export function dashboardFiles(): Map<string, string> {
  const json = (value: unknown) => `${JSON.stringify(value, null, 2)}\n`
  return new Map([
    ...Object.entries(dashboards).map(([name, it]): [string, string] => [`${files}/dashboards/${name}`, json(it)]),
    [`${files}/alert_rules.json`, json(alertRules)],
    ['docs/dashboards.md', dashboardsPage(Object.values(dashboards), alertRules)],
  ])
}
