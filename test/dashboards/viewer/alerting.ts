// Evaluates an alert rule as Grafana does: its queries are asked, its expressions reckoned, for each set of labels.
import { type Asker, ask, type Frame, type Target, withMacros } from './query.ts'
import { interpolated } from './variables.ts'

type Threshold = { evaluator: { type: string; params: number[] } }
type Model = Target & { type?: string; expression?: string; reducer?: string; conditions?: Threshold[] }
type Step = { refId: string; datasourceUid: string; relativeTimeRange: { from: number; to: number }; model: Model }
export type AlertRule = {
  uid: string
  title: string
  condition: string
  data: Step[]
  noDataState: string
  execErrState: string
  for: string
  annotations: Record<string, string>
}

/** Numbers by labels. */
type Numbers = Map<string, number>

/** For each set of labels whether the condition holds at that moment, before `for` is waited for; `no data` where none has told. */
export async function evaluate(
  asker: Asker,
  rule: AlertRule,
  nowMs: number,
): Promise<Record<string, boolean> | 'no data'> {
  const frames = new Map<string, Frame[]>()
  const numbers = new Map<string, Numbers>()
  for (const { refId, datasourceUid, relativeTimeRange, model } of rule.data) {
    if (datasourceUid !== '__expr__') {
      const range = { fromMs: nowMs - relativeTimeRange.from * 1000, toMs: nowMs - relativeTimeRange.to * 1000 }
      frames.set(refId, await ask(asker, model, withMacros(interpolated(model.query, [], {}), range, '1m')))
    } else numbers.set(refId, reckoned(model, frames, numbers))
  }
  const condition = numbers.get(rule.condition)
  if (condition === undefined) throw new Error(`${rule.title}: ${rule.condition} is no expression`)
  if (condition.size === 0) return 'no data'
  return Object.fromEntries([...condition].map(([labels, value]) => [nameOf(JSON.parse(labels)), value !== 0]))
}

/** The host where it is all that tells one from another. */
function nameOf(labels: Record<string, string>): string {
  return Object.values(labels).join(' ')
}

function reckoned(model: Model, frames: Map<string, Frame[]>, numbers: Map<string, Numbers>): Numbers {
  const { type, expression = '' } = model
  if (type === 'reduce' && model.reducer === 'last') return newest(frames.get(expression)!)
  if (type === 'threshold') {
    const [{ evaluator }] = model.conditions as [Threshold]
    return mapped(numbers.get(expression)!, (value) => Number(compared(value, evaluator)))
  }
  if (type === 'math') {
    const names = [...new Set([...expression.matchAll(/\$(\w+)/g)].map(([, name]) => name!))]
    // Grafana pairs the numbers of equal labels. Its operators are those of this language.
    const formula = new Function(...names, `return Number(${expression.replaceAll('$', '')})`)
    const common = [...numbers.get(names[0]!)!.keys()].filter((key) => names.every((it) => numbers.get(it)!.has(key)))
    return new Map(common.map((key) => [key, formula(...names.map((it) => numbers.get(it)!.get(key)))]))
  }
  throw new Error(`nobody here knows ${JSON.stringify(model)}`)
}

function newest(frames: Frame[]): Numbers {
  return new Map(frames.map(({ labels, columns }) => [JSON.stringify(labels), Number(columns[1]!.values.at(-1))]))
}

function mapped(numbers: Numbers, of: (value: number) => number): Numbers {
  return new Map([...numbers].map(([labels, value]) => [labels, of(value)]))
}

function compared(value: number, { type, params: [limit = Number.NaN] }: Threshold['evaluator']): boolean {
  if (type === 'gt') return value > limit
  if (type === 'lt') return value < limit
  throw new Error(`nobody here knows the comparison ${type}`)
}
