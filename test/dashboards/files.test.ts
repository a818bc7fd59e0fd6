// The files that Grafana reads are fresh, are what Grafana's own schemas allow, and fit each other and the role.
import { globSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { Ajv, type ValidateFunction } from 'ajv'
import t from 'tap'
import { parse } from 'yaml'
import { dashboardFiles } from '../../dashboards/files.ts'
import type { AlertRule } from './viewer/alerting.ts'
import { type Dashboard, filesOfRole, type Panel } from './viewer/viewer.ts'

type GridPos = { x: number; y: number; w: number; h: number }
type WholePanel = Panel & {
  gridPos: GridPos
  datasource: unknown
  description: string
  options: unknown
  fieldConfig: { defaults: { custom?: unknown } }
}

type WholeDashboard = Omit<Dashboard, 'panels'> & { panels: WholePanel[] }

const root = join(import.meta.dirname, '../..')
const read = (path: string) => readFileSync(path, 'utf8')
const names = globSync('*.json', { cwd: join(filesOfRole, 'dashboards') }).sort()
const dashboards = names.map((name) => JSON.parse(read(join(filesOfRole, 'dashboards', name))) as WholeDashboard)
const rules = JSON.parse(read(join(filesOfRole, 'alert_rules.json'))) as AlertRule[]
const defaults = parse(read(join(root, 'roles/galaxy-workflows-stats/defaults/main.yml'))) as Record<string, unknown>

/** Where Grafana takes any value, the schemas say "an object with any properties". */
function withAny(_key: string, value: unknown) {
  const isAny = (it: object) => JSON.stringify(it) === '{"type":"object","additionalProperties":{}}'
  if (typeof value !== 'object' || value === null) return value
  const { description: _, ...rest } = value as Record<string, unknown>
  return isAny(rest) ? {} : value
}

const ajv = new Ajv({ strict: false, formats: { 'date-time': true }, allErrors: true })
function schema(version: string, name: string, definition = ''): ValidateFunction {
  const id = `${version}/${name}`
  if (ajv.getSchema(id) === undefined)
    ajv.addSchema(
      JSON.parse(read(join(import.meta.dirname, 'grafana_schemas', version, `${name}.schema.json`)), withAny),
      id,
    )
  return ajv.getSchema(definition === '' ? id : `${id}#/definitions/${definition}`)!
}
function mistakes(validate: ValidateFunction, value: unknown): string[] {
  validate(value)
  return (validate.errors ?? []).map((it) => `${it.instancePath}: ${it.message} ${JSON.stringify(it.params)}`)
}

t.test('they are fresh (npm run dashboards writes them), and there are no others', async (t) => {
  const made = dashboardFiles()
  for (const [path, text] of made) t.equal(read(join(root, path)), text, path)
  const there = globSync('**/*.json', { cwd: filesOfRole }).map((name) => `roles/galaxy-workflows-stats/files/${name}`)
  t.same(there.sort(), [...made.keys()].filter((path) => path.startsWith('roles/')).sort())
})

for (const version of ['11.6', '12']) {
  t.test(`they are what the schemas of Grafana ${version} allow`, async (t) => {
    for (const { uid, panels, ...dashboard } of dashboards) {
      t.same(mistakes(schema(version, 'dashboard', 'Dashboard'), { uid, panels, ...dashboard }), [], uid)
      for (const { type, title, options, fieldConfig } of panels) {
        t.same(mistakes(schema(version, type, 'Options'), options), [], `options of ${title}`)
        const custom = schema(version, type, 'FieldConfig')
        if (custom !== undefined) t.same(mistakes(custom, fieldConfig.defaults.custom ?? {}), [], `fields of ${title}`)
        else t.same(fieldConfig.defaults.custom, undefined)
      }
    }
  })
}

t.test('the rules are what the schemas of Grafana 12 allow', async (t) => {
  const validate = schema('12', 'alerting', 'Rule')
  const expression = schema('12', 'expr', 'expr')
  for (const rule of rules) {
    // Group and folder stand beside the rules in a file of provisioning.
    t.same(mistakes(validate, { ...rule, orgID: 1, folderUID: 'folder', ruleGroup: 'group' }), [], rule.title)
    for (const { datasourceUid, model } of rule.data)
      if (datasourceUid === '__expr__') t.same(mistakes(expression, model), [], `${rule.title}: ${model.refId}`)
  }
})

t.test('the role installs every one of them', async (t) => {
  const variables = parse(read(join(root, 'roles/galaxy-workflows-stats/vars/main.yml'))) as Record<string, string[]>
  t.same(variables['_workflow_invocations_dashboards']!.toSorted(), names)
})

t.test('everything asks the datasource that the role makes', async (t) => {
  const datasource = { type: 'influxdb', uid: defaults['workflow_invocations_grafana_datasource_uid'] }
  for (const { panels, templating } of dashboards) {
    for (const it of [...panels, ...panels.flatMap(({ targets }) => targets), ...templating.list])
      t.match(it, { datasource })
  }
  for (const { data } of rules) {
    t.same(
      data.filter(({ datasourceUid }) => ![datasource.uid, '__expr__'].includes(datasourceUid)),
      [],
    )
    for (const { datasourceUid, model } of data) if (datasourceUid !== '__expr__') t.match(model, { datasource })
  }
})

t.test('every panel has a number of its own, a sentence, and a place where no other is', async (t) => {
  for (const { panels } of dashboards) {
    t.equal(new Set(panels.map(({ id }) => id)).size, panels.length)
    t.same(
      panels.filter(({ description, targets }) => !description || targets.length === 0),
      [],
    )
    const cells = panels.flatMap(({ gridPos: { x, y, w, h } }) =>
      Array.from({ length: w * h }, (_, index) => `${x + (index % w)},${y + Math.floor(index / w)}`),
    )
    t.equal(new Set(cells).size, cells.length)
    t.ok(panels.every(({ gridPos: { x, w } }) => x + w <= 24))
  }
})

t.test('each rule names a panel, and nothing that Grafana would replace', async (t) => {
  for (const { annotations, title, uid } of rules) {
    const dashboard = dashboards.find((it) => it.uid === annotations['__dashboardUid__'])
    t.ok(
      dashboard?.panels.some(({ id }) => String(id) === annotations['__panelId__']),
      title,
    )
    t.notMatch([title, uid, ...Object.values(annotations)].join('\n'), /\$|\{\{/)
    // Longer than that Grafana takes none.
    t.ok(uid.length <= 40)
  }
})
