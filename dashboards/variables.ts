import { QueryVariableBuilder, VariableRefresh, VariableSort } from '@grafana/grafana-foundation-sdk/dashboard'
import { datasource } from './influxql.ts'

export type TagVariable = {
  name: string
  label: string
  measurement: string
  tag: string
  /** Which points' values are offered; every one's without it. */
  where?: string
}

/** Any number of a tag's values. Those of all times are offered: InfluxDB keeps no time with them. */
export function tagVariable({ name, label, measurement, tag, where }: TagVariable): QueryVariableBuilder {
  const condition = where === undefined ? '' : ` WHERE ${where}`
  const query = `SHOW TAG VALUES FROM "${measurement}" WITH KEY = "${tag}"${condition}`
  return new QueryVariableBuilder(name)
    .label(label)
    .datasource(datasource)
    .query({ refId: name, query })
    .refresh(VariableRefresh.OnDashboardLoad)
    .sort(VariableSort.AlphabeticalCaseInsensitiveAsc)
    .multi(true)
    .includeAll(true)
    .allValue('.*')
    .current({ selected: true, text: ['All'], value: ['$__all'] })
}
