// Queries as Grafana's InfluxDB datasource keeps them; its SDK has no type for them.
import type { Builder, Dataquery } from '@grafana/grafana-foundation-sdk/cog'
import type { DataSourceRef } from '@grafana/grafana-foundation-sdk/common'

/** The uid that role galaxy-workflows-stats gives the datasource; where it gives another, it puts that in these files. */
export const datasource = { type: 'influxdb', uid: 'workflow-invocations' } satisfies DataSourceRef

export type InfluxqlTarget = Dataquery & {
  refId: string
  datasource: DataSourceRef
  rawQuery: true
  query: string
  resultFormat: 'time_series' | 'table'
  /** What a series is called: `$tag_domain`, `$col` or plain words. */
  alias?: string
}

export type InfluxqlOptions = { refId?: string; alias?: string; table?: boolean }

export function influxql(query: string, { refId = 'A', alias, table = false }: InfluxqlOptions = {}) {
  const target: InfluxqlTarget = {
    refId,
    datasource,
    rawQuery: true,
    query,
    resultFormat: table ? 'table' : 'time_series',
    ...(alias !== undefined && { alias }),
    _implementsDataqueryVariant() {},
  }
  return { build: () => target } satisfies Builder<Dataquery>
}

/**
 * Where a tag is what a variable says. Grafana's own way of putting values into regular expressions leaves those that
 * begin with a digit as they are, so the format is named. "All" is `.*`, which points without that tag fit, too.
 */
export function tagIs(tag: string, variable: string): string {
  return `"${tag}" =~ /^\${${variable}:regex}$/`
}

/** What a counter of `workflow_reporting` grew by, between one minute and the next; its fall at a restart is left out. */
export function growth(fields: string[], where: string): string {
  const grown = fields.map((field) => `non_negative_difference("${field}") AS "${field}"`)
  return `(SELECT ${grown.join(', ')} FROM "workflow_reporting" WHERE ${where} GROUP BY "host")`
}
