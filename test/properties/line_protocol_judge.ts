// InfluxDB's line protocol, read by its specification and nothing else, one character at a time: what is the least bit
// doubtful is refused. https://docs.influxdata.com/influxdb/v1/write_protocols/line_protocol_reference/

export type JudgedPoint = {
  measurement: string
  tags: Record<string, string>
  fields: Record<string, number | bigint | string | boolean>
  timeNs: bigint
}

/** InfluxDB keeps the two ends of the 64 bits for itself. */
const leastNs = -(2n ** 63n) + 2n
const greatestNs = 2n ** 63n - 2n
const seriesMaxBytes = 65_535
const textMaxBytes = 65_536

/** @throws with the reason why InfluxDB would not take the line, or might take it for another */
export function judgeLine(line: string): JudgedPoint {
  if (!line.isWellFormed()) throw new Error('not UTF-8: half a character')
  if (/[\0\n\r]/.test(line)) throw new Error('a NUL or a line end within a line')
  const reader = new Reader(line)
  if (line.startsWith('#')) throw new Error('a comment')
  const measurement = reader.name('measurement', ', ', ', ')
  const tags: Record<string, string> = {}
  while (reader.take(',')) {
    const key = reader.name('tag key', ',= ', '=')
    reader.expect('=', 'after a tag key')
    const value = reader.name('tag value', ',= ', ', ')
    if (Object.hasOwn(tags, key)) throw new Error(`tag ${key} stands twice`)
    if (key === 'time') throw new Error('a tag cannot be called time')
    tags[key] = value
  }
  if (Buffer.byteLength(line.slice(0, reader.at)) > seriesMaxBytes) throw new Error('the series is too long')
  reader.expect(' ', 'before the fields')
  const fields: JudgedPoint['fields'] = {}
  do {
    const key = reader.name('field key', ',= ', '=')
    reader.expect('=', 'after a field key')
    if (Object.hasOwn(fields, key)) throw new Error(`field ${key} stands twice`)
    if (key === 'time') throw new Error('a field cannot be called time')
    fields[key] = reader.fieldValue()
  } while (reader.take(','))
  reader.expect(' ', 'before the time')
  return { measurement, tags, fields, timeNs: timeOf(reader.rest()) }
}

class Reader {
  readonly #line: string
  at = 0

  constructor(line: string) {
    this.#line = line
  }

  take(character: string): boolean {
    if (this.#line[this.at] !== character) return false
    this.at++
    return true
  }

  expect(character: string, where: string): void {
    if (!this.take(character)) throw new Error(`no ${JSON.stringify(character)} ${where}, at ${this.at}`)
  }

  rest(): string {
    return this.#line.slice(this.at)
  }

  /**
   * A measurement, key or tag value: a backslash before one of `special` escapes it, before anything else it is itself.
   * It ends at one of `ends`; a special character that is neither must not stand bare.
   */
  name(what: string, special: string, ends: string): string {
    let text = ''
    for (;;) {
      const character = this.#line[this.at]
      if (character === undefined) throw new Error(`the line ends in a ${what}`)
      const next = this.#line[this.at + 1]
      if (character === '\\' && next !== undefined && special.includes(next)) {
        text += next
        this.at += 2
        continue
      }
      if (ends.includes(character)) break
      if (special.includes(character)) throw new Error(`a bare ${JSON.stringify(character)} in a ${what}`)
      text += character
      this.at++
    }
    if (text === '') throw new Error(`an empty ${what}`)
    // It would escape what follows it, were that not there by chance.
    if (text.endsWith('\\')) throw new Error(`a backslash at the end of a ${what}`)
    return text
  }

  fieldValue(): number | bigint | string | boolean {
    if (this.take('"')) return this.#text()
    const text = /^[^, ]*/.exec(this.rest())![0]
    this.at += text.length
    if (/^-?\d+i$/.test(text)) {
      const value = BigInt(text.slice(0, -1))
      if (BigInt.asIntN(64, value) !== value) throw new Error(`${text} does not fit into 64 bits`)
      return value
    }
    if (/^(?:t|T|true|True|TRUE)$/.test(text)) return true
    if (/^(?:f|F|false|False|FALSE)$/.test(text)) return false
    if (/^-?(?:\d+(?:\.\d*)?|\.\d+)(?:[eE][+-]?\d+)?$/.test(text) && Number.isFinite(Number(text))) return Number(text)
    throw new Error(`${JSON.stringify(text)} is no value of a field`)
  }

  /** Between quotes a backslash escapes a quote and a backslash, and is itself before anything else. */
  #text(): string {
    let text = ''
    while (!this.take('"')) {
      const character = this.#line[this.at]
      if (character === undefined) throw new Error('a text without its closing quote')
      const next = this.#line[this.at + 1]
      const isEscape = character === '\\' && (next === '"' || next === '\\')
      text += isEscape ? next : character
      this.at += isEscape ? 2 : 1
    }
    if (Buffer.byteLength(text) > textMaxBytes) throw new Error('a text of more than 64 KiB')
    return text
  }
}

function timeOf(text: string): bigint {
  if (!/^-?\d+$/.test(text)) throw new Error(`${JSON.stringify(text)} is no time`)
  const timeNs = BigInt(text)
  if (timeNs < leastNs || timeNs > greatestNs) throw new Error(`${text} is beyond the times there are`)
  return timeNs
}
