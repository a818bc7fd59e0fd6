// Whatever the format, and whatever clients send: a line that nginx writes is read as what it tells, and nothing else is.
import fc from 'fast-check'
import t from 'tap'
import { Misconfigured } from '../../src/base/errors.ts'
import { invocationPath } from '../../src/nginx/invocation.ts'
import { compileLogFormat, type Escape } from '../../src/nginx/log_format.ts'
import { invocationSelector } from '../../src/nginx/selector.ts'
import { escaped, localTime } from '../world/access_line.ts'
import { holds, hostileText } from './property.ts'

const lastMs = 9_223_372_035_999
const id = '8a3f0bd1c9d7e642'
const pieces = [
  '"',
  '\\',
  '\\x22',
  '\n',
  '\r',
  '\0',
  ' ',
  '-',
  '[',
  '] "',
  '" 200 1 "-"',
  'é',
  '\u2028',
  `POST /api/workflows/${id}/invocations HTTP/1.1`,
]
const clients = hostileText(pieces, 8)
const formatPieces = [
  '$',
  '{',
  '}',
  '$status',
  '$time_local',
  '$msec',
  '$request',
  '$http_referer',
  '$host',
  ' ',
  '"',
  '[',
  '(',
  '\\',
  '.*',
  '$request_time',
  '$remote_addr',
  'combined',
]

type Variable = { name: string; quoted: boolean; value: fc.Arbitrary<string> }

const known: Variable[] = [
  { name: 'remote_addr', quoted: false, value: fc.oneof(fc.ipV4(), fc.ipV6()) },
  { name: 'status', quoted: false, value: fc.integer({ min: 100, max: 999 }).map(String) },
  { name: 'body_bytes_sent', quoted: false, value: fc.nat().map(String) },
  { name: 'request_time', quoted: false, value: fc.nat({ max: 9_999_999 }).map((ms) => (ms / 1000).toFixed(3)) },
  { name: 'host', quoted: false, value: fc.domain() },
  {
    name: 'request',
    quoted: true,
    value: fc
      .tuple(fc.constantFrom('GET', 'POST', 'PUT'), clients)
      .map(([method, rest]) => `${method} /${rest} HTTP/1.1`),
  },
  { name: 'http_referer', quoted: true, value: clients },
  { name: 'http_user_agent', quoted: true, value: clients },
  { name: 'remote_user', quoted: true, value: clients },
]
const needed = ['status', 'request']
const times = ['time_local', 'time_iso8601', 'msec']

function timeText(name: string, timeMs: number): string {
  const iso = new Date(timeMs).toISOString()
  if (name === 'msec') return `${Math.floor(timeMs / 1000)}.${iso.slice(20, 23)}`
  return name === 'time_local' ? localTime(timeMs * 1000) : `${iso.slice(0, 19)}+00:00`
}

/** What nginx does to a client's value, a character a byte. */
function written(value: string, escaping: Escape): string {
  if (escaping === 'default') return escaped(Buffer.from(value))
  return Buffer.from(JSON.stringify(value.toWellFormed()).slice(1, -1)).toString('latin1')
}

/** As the reader gives back what a client sent. */
const told = (value: string | undefined) =>
  value === undefined || value === '' || value === '-' ? null : value.toWellFormed()

const format = fc.record({
  time: fc.constantFrom(...times),
  others: fc.shuffledSubarray(known).filter((some) => needed.every((name) => some.some((it) => it.name === name))),
  between: fc.constantFrom(' ', '\t', ' | ', ', ', ' - '),
  escaping: fc.constantFrom<Escape>('default', 'json'),
})

t.test('a line of any format tells what was written into it', async () => {
  const values = fc.record(Object.fromEntries(known.map(({ name, value }) => [name, value])))
  holds([format, values, fc.nat({ max: lastMs })], ({ time, others, between, escaping }, given, anyMs) => {
    const timeMs = time === 'msec' ? anyMs : Math.floor(anyMs / 1000) * 1000
    const names = [`[$${time}]`, ...others.map(({ name, quoted }) => (quoted ? `"$${name}"` : `$${name}`))]
    const texts = [
      `[${timeText(time, timeMs)}]`,
      ...others.map(({ name, quoted }) => (quoted ? `"${written(given[name]!, escaping)}"` : given[name]!)),
    ]
    const parsed = compileLogFormat(names.join(between), escaping).parse(texts.join(between))
    const has = (name: string) => (others.some((it) => it.name === name) ? given[name] : undefined)
    const [, method, target] = /^(\w+) (.*) HTTP\/1\.1$/s.exec(given['request']!.toWellFormed())!
    const duration = has('request_time')
    return (
      parsed !== null &&
      parsed.timeMs === timeMs &&
      parsed.status === Number(given['status']) &&
      parsed.method === method &&
      parsed.target === target &&
      parsed.referer === told(has('http_referer')) &&
      parsed.host === (has('host') ?? null) &&
      parsed.durationMs === (duration === undefined ? null : Math.round(Number(duration) * 1000))
    )
  })
})

t.test('any text is a format or is refused, and its reader outlives any line', async () => {
  holds(
    [hostileText(formatPieces, 14), fc.constantFrom<Escape>('default', 'json', 'none'), fc.array(clients)],
    (text, escaping, lines) => {
      let reader: ReturnType<typeof compileLogFormat>
      try {
        reader = compileLogFormat(`$msec $status "$request" ${text}`, escaping)
        compileLogFormat(text, escaping)
      } catch (error) {
        return error instanceof Misconfigured && error.mistakes.every((mistake) => mistake !== '')
      }
      return lines.every((line) => {
        const parsed = reader.parse(`1782346014.000 200 "GET / HTTP/1.1" ${Buffer.from(line).toString('latin1')}`)
        return parsed === null || parsed.status === 200
      })
    },
  )
})

const combined = compileLogFormat('combined', 'default')
const linePieces = [
  '203.0.113.7',
  ' - ',
  '[25/Jun/2026:00:06:54 +0000]',
  '[99/Jun/9999:99:99:99 +9999]',
  ' "',
  '" ',
  '200',
  ' 1 ',
  '"-"',
  'POST ',
  `/api/workflows/${id}/invocations`,
  ' HTTP/1.1',
  'http://x',
]

t.test('whatever a line is, its reader gives a request of this world or none', async () => {
  holds([hostileText(linePieces, 24)], (line) => {
    const parsed = combined.parse(Buffer.from(line).toString('latin1'))
    if (parsed === null) return true
    return parsed.timeMs >= 0 && parsed.timeMs <= lastMs && parsed.status >= 0 && parsed.status <= 999
  })
})

t.test('a line that invokes a workflow is selected, whatever stands around it', async (t) => {
  const invoking = fc
    .tuple(
      fc.constantFrom('/galaxy', ''),
      fc.constantFrom('', 'http://x', 'HTTPS://a.b:1'),
      fc.constantFrom('invocations', 'usage', 'invocations/', 'usage/?a=b'),
      clients,
    )
    .map(([prefix, origin, end, agent]) => {
      const request = `POST ${origin}${prefix}/api/workflows/${id}/${end} HTTP/1.1`
      return `203.0.113.7 - - [25/Jun/2026:00:06:54 +0000] "${request}" 200 1 "-" "${escaped(Buffer.from(agent))}"`
    })
  const other = hostileText(linePieces, 12).map((text) => Buffer.from(text).toString('latin1').replaceAll('\n', ' '))
  let invoked = 0
  holds(
    [fc.array(fc.oneof(invoking, other)), fc.constantFrom('', '/galaxy'), fc.boolean()],
    (lines, prefix, isWhole) => {
      const region = Buffer.from(lines.join('\n') + (isWhole ? '\n' : ''), 'latin1')
      const selected: string[] = []
      invocationSelector(combined, prefix).select(region, (start, end) =>
        selected.push(region.toString('latin1', start, end)),
      )
      const invokes = (line: string) => {
        const parsed = combined.parse(line)
        return parsed !== null && invocationPath(parsed, prefix) !== null
      }
      invoked += lines.filter(invokes).length
      const wanted = lines.filter(invokes)
      return (
        selected.every((line) => lines.includes(line)) &&
        JSON.stringify(selected.filter(invokes)) === JSON.stringify(wanted)
      )
    },
  )
  t.ok(invoked > 100, 'some of them do')
})

t.test('only the two paths invoke a workflow, with one segment as id', async () => {
  const segment = hostileText([id, '%2F', '..', ';', '=', '&', ':', 'invocations', 'usage', ' '], 3).map((text) =>
    text.replace(/[/?#]/g, ''),
  )
  const path = fc.array(fc.oneof(segment, fc.constantFrom('api', 'workflows', 'invocations', 'usage', '')), {
    maxLength: 7,
  })
  const flag = fc.constantFrom(
    '',
    '?instance=true',
    '?instance=YES',
    '?instance=0',
    '?x&instance=1&instance=false',
    '?instance',
  )
  holds([path, fc.constantFrom('POST', 'GET'), flag], (parts, method, query) => {
    const target = `/${parts.join('/')}`
    const request = {
      timeMs: 0,
      durationMs: null,
      method,
      target: target + query,
      status: 200,
      host: null,
      referer: null,
    }
    const whole = parts.at(-1) === '' && parts.length === 5 ? parts.slice(0, 4) : parts
    const [api, workflows, found = '', end = ''] = whole
    const isInvocation =
      method === 'POST' &&
      whole.length === 4 &&
      api === 'api' &&
      workflows === 'workflows' &&
      found !== '' &&
      ['invocations', 'usage'].includes(end)
    const answer = invocationPath(request, '')
    if (!isInvocation) return answer === null
    return (
      answer?.id === found &&
      answer.instance === ['?instance=true', '?instance=YES', '?x&instance=1&instance=false'].includes(query)
    )
  })
})
