// What Grafana finds on the stats host: dashboards, and alert rules as their file of provisioning has them.
import { globSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { must } from './command.ts'
import type { Site } from './site.ts'

export type GrafanaFiles = { modes: string[]; dashboards: unknown[]; alerting: unknown }

const ofRole = join(import.meta.dirname, '../../roles/galaxy-workflows-stats/files')
const names = globSync('*.json', { cwd: join(ofRole, 'dashboards') }).sort()
const folder = '/var/lib/grafana/dashboards/workflow-invocations'
const parsed = (path: string) => JSON.parse(readFileSync(join(ofRole, path), 'utf8'))

export const alertRules: { uid: string; data: { datasourceUid: string }[] }[] = parsed('alert_rules.json')

export async function grafanaFiles({ stats }: Site): Promise<GrafanaFiles> {
  const modes = (await stats.must(`stat -c '%a %U %G %n' ${folder}/*`)).trim().split('\n')
  const texts = await Promise.all(names.map((name) => stats.must(`cat ${folder}/${name}`)))
  const toJson = 'import json, sys, yaml; print(json.dumps(yaml.safe_load(sys.stdin)))'
  const input = await stats.must('cat /etc/grafana/provisioning/alerting/workflow-invocations.yml')
  const alerting = JSON.parse(await must('/usr/bin/python3', ['-c', toJson], { input }))
  return { modes, dashboards: texts.map((text) => JSON.parse(text)), alerting }
}

/** As the role has them, with another uid of the datasource. */
export function expectedGrafanaFiles(uid = 'workflow-invocations'): GrafanaFiles {
  const renamed = <T>(value: T, as = uid): T =>
    JSON.parse(JSON.stringify(value), (_, it) => (it === 'workflow-invocations' ? as : it))
  const rules = alertRules.map((rule) => ({
    ...rule,
    // Grafana takes a single $ for a variable, but for those inside a query's model.
    data: renamed(rule.data).map((step) => ({ ...step, datasourceUid: step.datasourceUid.replaceAll('$', '$$$$') })),
  }))
  const group = { orgId: 1, name: 'workflow-reporting', folder: 'Workflow invocations', interval: '1m', rules }
  return {
    modes: names.map((name) => `640 root grafana ${folder}/${name}`),
    dashboards: names.map((name) => renamed(parsed(`dashboards/${name}`))),
    alerting: { apiVersion: 1, groups: [group] },
  }
}
