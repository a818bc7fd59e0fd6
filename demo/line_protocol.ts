/** A point as it stands in a line of InfluxDB's line protocol. */
export interface ReadPoint {
  measurement: string
  tags: Record<string, string>
  fields: Record<string, string | number | boolean>
  timeMs: number
}

/** A blank, a comma or an equals sign that no backslash takes the meaning from. */
const blank = /(?<!\\) /
const comma = /(?<!\\),/
const equals = /(?<!\\)=/
const field = /([^=,]+)=("(?:\\.|[^"\\])*"|[^,]*)(?:,|$)/g

/** Reads `measurement,tag=value field=value time`; `null` where a line is none. */
export function readPoint(line: string): ReadPoint | null {
  const headEnd = line.search(blank)
  const fieldsEnd = line.lastIndexOf(' ')
  if (headEnd < 0 || fieldsEnd <= headEnd) return null
  const [measurement = '', ...tags] = line.slice(0, headEnd).split(comma)
  const fields = [...line.slice(headEnd + 1, fieldsEnd).matchAll(field)]
  return {
    measurement: unescaped(measurement),
    tags: Object.fromEntries(tags.map((tag) => tag.split(equals).map(unescaped))),
    fields: Object.fromEntries(fields.map(([, name = '', value = '']) => [unescaped(name), fieldValue(value)])),
    timeMs: Number(line.slice(fieldsEnd + 1)) / 1e6,
  }
}

function unescaped(text: string): string {
  return text.replace(/\\([,= ])/g, '$1')
}

function fieldValue(text: string): string | number | boolean {
  if (text.startsWith('"')) return text.slice(1, -1).replace(/\\(["\\])/g, '$1')
  if (/^(t|f|true|false)$/i.test(text)) return /^t/i.test(text)
  return Number(text.replace(/[iu]$/, ''))
}
