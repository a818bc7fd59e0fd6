// Line protocol, read with all its types: what `--dry-run` prints and what a golden folder expects.

export type ParsedPoint = {
  measurement: string
  tags: Record<string, string>
  fields: Record<string, number | bigint | string | boolean>
  /** Nanoseconds, as they stand there; `<ns>` for the last nine digits is taken as well. */
  time: string
}

/** Reads the lines of a text; blank ones and those that begin with `#` are passed over. */
export function parseLines(text: string): ParsedPoint[] {
  return text
    .split('\n')
    .filter((line) => line.trim() !== '' && !line.startsWith('#'))
    .map(parseLine)
}

// A backslash escapes a comma, an equals sign or a space; before anything else it is itself, as in InfluxDB's own reader.
const seriesShape = /^((?:\\[, ]|\\(?![, ])|[^\\, ])+)((?:,(?:\\[,= ]|\\(?![,= ])|[^\\ ])+)?) /su
const tagShape = /,((?:\\[,= ]|\\(?![,= ])|[^\\,= ])+)=((?:\\[,= ]|\\(?![,= ])|[^\\,= ])+)/suy
const fieldShape = /((?:\\[,= ]|\\(?![,= ])|[^\\,= ])+)=("(?:\\.|[^"\\])*"|[^", ]+)(?:,|(?= ))/suy

/** Reads one point. An integer field becomes a bigint, a float a number. */
export function parseLine(line: string): ParsedPoint {
  const series = seriesShape.exec(line)
  const [all, measurement = '', tagText = ''] = series ?? ['']
  const tags = pairs(tagShape, tagText, 0)
  const fields = pairs(fieldShape, line, all.length)
  const time = /^ (-?\d+(?:<ns>)?)$/.exec(line.slice(fields.end))?.[1]
  if (!series || tags.end !== tagText.length || fields.pairs.length === 0 || time === undefined)
    throw new Error(`not line protocol: ${line}`)
  return {
    measurement: unescaped(measurement),
    tags: Object.fromEntries(tags.pairs.map(([name, value]) => [unescaped(name), unescaped(value)])),
    fields: Object.fromEntries(fields.pairs.map(([name, value]) => [unescaped(name), fieldValue(value)])),
    time,
  }
}

function pairs(shape: RegExp, text: string, start: number) {
  const found: [string, string][] = []
  let end = start
  for (;;) {
    shape.lastIndex = end
    const match = shape.exec(text)
    if (!match) return { pairs: found, end }
    found.push([match[1] as string, match[2] as string])
    end = shape.lastIndex
  }
}

function fieldValue(text: string): ParsedPoint['fields'][string] {
  if (text.startsWith('"')) return text.slice(1, -1).replace(/\\(["\\])/g, '$1')
  if (/^-?\d+i$/.test(text)) return BigInt(text.slice(0, -1))
  if (/^(?:t|T|true|True|TRUE)$/.test(text)) return true
  if (/^(?:f|F|false|False|FALSE)$/.test(text)) return false
  if (/^-?[\d.]+(?:e[+-]?\d+)?$/i.test(text)) return Number(text)
  throw new Error(`not the value of a field: ${text}`)
}

function unescaped(text: string): string {
  return text.replace(/\\([,= ])/g, '$1')
}
