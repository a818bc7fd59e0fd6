// Asks InfluxDB as Grafana's datasource does, and gives what Grafana makes of the answer.
import { request } from '../../services/http.ts'
import { seriesOf } from '../../services/influxql.ts'

export type Range = { fromMs: number; toMs: number }

export type Target = { query: string; refId: string; resultFormat: string; rawQuery: boolean; alias?: string }

/** One series of a time series, or one table. `name` is what a series is called on the screen. */
export type Frame = { refId: string; name: string; labels: Record<string, string>; columns: Column[] }
export type Column = { name: string; values: unknown[] }

export type Asker = { url: string; database: string; username: string; password: string }

/** Puts in what Grafana's backend does (pkg/tsdb/influxdb/models). */
export function withMacros(query: string, { fromMs, toMs }: Range, interval: string): string {
  return query
    .replaceAll('$timeFilter', `time >= ${fromMs}ms and time <= ${toMs}ms`)
    .replaceAll('$__interval', interval)
}

export async function ask(asker: Asker, target: Target, query: string): Promise<Frame[]> {
  if (!target.rawQuery) throw new Error('only queries as text are understood')
  const series = await answer(asker, query)
  if (series.length === 0) return []
  return target.resultFormat === 'table' ? [tableOf(target, series)] : series.flatMap((it) => framesOf(target, it))
}

type Series = Awaited<ReturnType<typeof answer>>[number]

async function answer({ url, database, username, password }: Asker, query: string) {
  const { status, body } = await request(`${url}/query?${new URLSearchParams({ db: database, epoch: 'ms' })}`, {
    method: 'POST',
    headers: {
      authorization: `Basic ${Buffer.from(`${username}:${password}`).toString('base64')}`,
      'content-type': 'application/x-www-form-urlencoded',
    },
    body: new URLSearchParams({ q: query }).toString(),
  })
  if (status !== 200) throw new Error(`InfluxDB answered ${status} to ${query}: ${body}`)
  return seriesOf(body)
}

const plain = (value: unknown) => (typeof value === 'bigint' ? Number(value) : value)
const valuesOf = ({ columns, values = [] }: Series, column: string) =>
  values.map((cells) => plain(cells[columns.indexOf(column)]))

/** The tags are columns, after `Time` and before what was asked for. */
function tableOf({ refId }: Target, series: Series[]): Frame {
  const [first] = series
  const asked = first!.columns.filter((column) => column !== 'time')
  const column = (name: string, of: (it: Series) => unknown[]) => ({ name, values: series.flatMap(of) })
  return {
    refId,
    name: first!.name ?? '',
    labels: {},
    columns: [
      column('Time', (it) => valuesOf(it, 'time')),
      ...Object.keys(first!.tags ?? {}).map((tag) =>
        column(tag, (it) => valuesOf(it, 'time').map(() => it.tags![tag])),
      ),
      ...asked.map((name) => column(name, (it) => valuesOf(it, name))),
    ],
  }
}

/** A frame for each column. */
function framesOf({ refId, alias }: Target, series: Series): Frame[] {
  const tags = series.tags ?? {}
  const asked = series.columns.filter((column) => column !== 'time')
  return asked.map((column) => ({
    refId,
    name: alias === undefined ? `${series.name}.${column}` : named(alias, tags, column, series.name ?? ''),
    labels: tags,
    columns: [
      { name: 'Time', values: valuesOf(series, 'time') },
      { name: 'Value', values: valuesOf(series, column) },
    ],
  }))
}

function named(alias: string, tags: Record<string, string>, column: string, measurement: string): string {
  return alias.replace(/\$(\w+)|\[\[(\w+)\]\]/g, (whole, bare, bracketed) => {
    const name: string = bare ?? bracketed
    if (name.startsWith('tag_')) return tags[name.slice('tag_'.length)] ?? whole
    return { col: column, m: measurement, measurement }[name] ?? whole
  })
}
