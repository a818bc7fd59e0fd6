import { Misconfigured } from '../base/errors.ts'
import { parseTimes, timeVariables } from './times.ts'

/** nginx's predefined format (ngx_http_log_module). */
const combined =
  '$remote_addr - $remote_user [$time_local] "$request" $status $body_bytes_sent "$http_referer" "$http_user_agent"'

/** How nginx writes what could break a line: `default` as `\xHH`, `json` as JSON strings do, `none` not at all. */
export type Escape = 'default' | 'json' | 'none'

/** What one line says. A value that the format lacks, or that nginx had not, is `null`. */
export interface LoggedRequest {
  /** The end of the request, ms since 1970; whole seconds unless the format has `$msec`. */
  timeMs: number
  durationMs: number | null
  method: string
  /** Path and query as the client sent them. */
  target: string
  status: number
  /** `$host`, `$http_host` or `$server_name`. */
  host: string | null
  referer: string | null
}

export interface LogFormat {
  /** Reads a line whole, from the left; `null` where it does not have this format's shape to its end. */
  parse(line: string): LoggedRequest | null
  /** Whose request it was (`$remote_addr`), and when; kept out of `LoggedRequest`, so that it goes no further by chance. */
  clientOf(line: string): { client: string; timeMs: number } | null
  /** Whether method and path stand together, as `POST /path`. */
  hasRequest: boolean
  hasDuration: boolean
}

/** Shapes of values that nginx makes by itself; the others are a client's, and may hold spaces and anything. */
const shapes: Record<string, string> = {
  ...timeVariables,
  status: '\\d{3}',
  request_time: '(?:\\d{1,9}(?:\\.\\d+)?|-)',
  body_bytes_sent: '(?:\\d+|-)',
  bytes_sent: '(?:\\d+|-)',
  request_length: '(?:\\d+|-)',
  connection: '\\d+',
  connection_requests: '\\d+',
  pid: '\\d+',
  server_port: '\\d*',
  remote_port: '\\d*',
  remote_addr: '(?:[0-9a-fA-F.:]+|unix:|-)',
  server_addr: '(?:[0-9a-fA-F.:]+|unix:|-)',
  scheme: 'https?',
  https: '(?:on|-)?',
  pipe: '[p.]',
  request_id: '[0-9a-f]{32}',
  request_method: '[A-Za-z_-]*',
  server_protocol: '(?:HTTP/\\d\\.\\d|-)?',
  host: '[^\\s"/,;]*',
  server_name: '[^\\s"/]*',
}

/** A value of a client's, ended by the first place where `after` fits: the fixed text and known shapes behind it. */
interface Step {
  client: string | null
  after: RegExp
  names: string[]
}

/**
 * Compiles an nginx `log_format` text to a reader for exactly that format.
 *
 * Values that a client chooses end where the text behind them begins. With `escape=default` no value holds a quote and
 * with `escape=json` none that is not escaped, so nothing inside a quoted value can pass for the text behind it.
 *
 * @param text `combined`, or the text of a `log_format`
 * @throws Misconfigured where the format lacks what is needed, or two values cannot be told apart
 */
export function compileLogFormat(text: string, escaping: Escape): LogFormat {
  const source = (text === 'combined' ? combined : text)
    // One address in two variables: read as one.
    .replace(/\$\{?(?:document_)?uri\}?\$\{?is_args\}?\$\{?(?:args|query_string)\}?/g, '$request_uri')
  const steps = stepsOf(source)
  const all = new Set(steps.flatMap((step) => (step.client === null ? step.names : [step.client, ...step.names])))
  requireVariables(text, all)

  const valuesOf = (line: string): Map<string, string> | null => {
    const values = new Map<string, string>()
    let at = 0
    for (const step of steps) {
      const end = step.client === null ? at : endOfValue(line, at, step.after, escaping)
      if (end < 0) return null
      step.after.lastIndex = end
      const match = step.after.exec(line)
      if (match === null) return null
      if (step.client !== null) values.set(step.client, line.slice(at, end))
      for (const [index, name] of step.names.entries()) values.set(name, match[index + 1] ?? '')
      at = end + match[0].length
    }
    return values
  }
  const parse = (line: string): LoggedRequest | null => {
    const values = valuesOf(line)
    return values === null ? null : requestOf(values, escaping)
  }
  const clientOf = (line: string) => {
    const values = valuesOf(line)
    const client = values?.get('remote_addr')
    const timeMs = client === undefined ? null : parseTimes(values!)
    return timeMs === null ? null : { client: client!, timeMs }
  }
  return { parse, clientOf, hasRequest: all.has('request'), hasDuration: all.has('request_time') }
}

function stepsOf(source: string): Step[] {
  const parts = source.split(/\$(?:\{(\w+)\}|(\w+))/)
  const steps: { client: string | null; pattern: string; names: string[] }[] = [
    { client: null, pattern: '', names: [] },
  ]
  for (let index = 0; index < parts.length; index += 3) {
    const step = steps.at(-1)!
    step.pattern += (parts[index] ?? '').replace(/[\\^$.*+?()[\]{}|/]/g, '\\$&')
    const name = parts[index + 1] ?? parts[index + 2]
    if (name === undefined) break
    const shape = shapes[name]
    if (shape !== undefined) {
      step.pattern += `(${shape})`
      step.names.push(name)
    } else if (step.client !== null && step.pattern === '') {
      throw new Misconfigured([
        `nginx.log_format: $${step.client} and $${name} stand side by side and cannot be told apart. Put a space or a quote between them`,
      ])
    } else {
      steps.push({ client: name, pattern: '', names: [] })
    }
  }
  return steps.map(({ client, pattern, names }, index) => ({
    client,
    after: new RegExp(index === steps.length - 1 ? `${pattern}$` : pattern, 'y'),
    names,
  }))
}

function requireVariables(text: string, all: Set<string>): void {
  const lacks: string[] = []
  if (!Object.keys(timeVariables).some((name) => all.has(name)))
    lacks.push('a time ($time_local, $time_iso8601 or $msec)')
  if (!all.has('request') && !(all.has('request_method') && (all.has('request_uri') || all.has('uri')))) {
    lacks.push('the request ($request, or $request_method and $request_uri)')
  }
  if (!all.has('status')) lacks.push('$status')
  if (lacks.length > 0) {
    const shown = text.length > 60 ? `${text.slice(0, 60)}...` : text
    const remedy =
      "Give `combined`, or the text of your nginx configuration's log_format, as it stands between its quotes"
    throw new Misconfigured([`nginx.log_format: "${shown}" has not ${lacks.join(', nor ')}. ${remedy}`])
  }
}

/** Where the value that begins at `from` ends: the first place, not inside an escape, where `after` fits; or -1. */
function endOfValue(line: string, from: number, after: RegExp, escaping: Escape): number {
  for (let at = from; at <= line.length; at++) {
    after.lastIndex = at
    if (after.test(line)) return at
    if (escaping !== 'none' && line.charCodeAt(at) === 0x5c /* \ */) at++
  }
  return -1
}

function requestOf(values: Map<string, string>, escaping: Escape): LoggedRequest | null {
  const timeMs = parseTimes(values)
  if (timeMs === null) return null
  const textOf = (name: string): string | null => {
    const value = values.get(name)
    return value === undefined || value === '-' || value === '' ? null : plainText(value, escaping)
  }
  let method = textOf('request_method') ?? ''
  let target = textOf('request_uri') ?? textOf('uri') ?? ''
  const args = values.has('request_uri') ? null : (textOf('args') ?? textOf('query_string'))
  if (args !== null) target += `?${args}`
  const request = textOf('request')
  if (request !== null) {
    const parts = /^(\S+) (.*?)(?: HTTP\/\d\.\d)?$/s.exec(request)
    method = parts?.[1] ?? ''
    target = parts?.[2] ?? ''
  }
  const duration = textOf('request_time')
  return {
    timeMs,
    durationMs: duration === null ? null : Math.round(Number(duration) * 1000),
    method,
    target,
    status: Number(values.get('status')),
    host: hostOf(textOf),
    referer: textOf('http_referer'),
  }
}

/** The first of the three that is a host at all: `$server_name` is `_` where a server block takes every name. */
function hostOf(textOf: (name: string) => string | null): string | null {
  for (const name of ['host', 'http_host', 'server_name']) {
    const value = textOf(name)
    if (value !== null && /[a-z0-9]/i.test(value)) return value
  }
  return null
}

function plainText(value: string, escaping: Escape): string {
  if (escaping === 'default')
    value = value.replace(/\\x([0-9A-Fa-f]{2})/g, (_, hex) => String.fromCharCode(parseInt(hex, 16)))
  if (escaping === 'json' && value.includes('\\')) {
    try {
      // A line is read a character a byte; back to bytes first, then to the text that they are.
      return JSON.parse(`"${Buffer.from(value, 'latin1').toString('utf8')}"`) as string
    } catch {
      return value
    }
  }
  return Buffer.from(value, 'latin1').toString('utf8')
}
