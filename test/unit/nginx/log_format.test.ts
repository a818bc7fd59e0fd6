// A log_format's text becomes a reader for exactly that format, which nothing that a client sends can lead astray.
import t from 'tap'
import { Misconfigured } from '../../../src/base/errors.ts'
import { compileLogFormat, type Escape } from '../../../src/nginx/log_format.ts'
import { escaped } from '../../world/access_line.ts'

const combined = compileLogFormat('combined', 'default')
const at = Date.UTC(2026, 5, 25, 0, 6, 54)
const post = 'POST /api/workflows/8a3f0bd1c9d7e642/invocations HTTP/1.1'
const target = '/api/workflows/8a3f0bd1c9d7e642/invocations'

type Parts = { user?: string; time?: string; request?: string; status?: string; referer?: string; agent?: string }

function line({ user = '-', time = '25/Jun/2026:00:06:54 +0000', request = post, ...rest }: Parts = {}): string {
  const { status = '200', referer = 'https://genome.usegalaxy.org.au/x', agent = 'Mozilla/5.0 (X11)' } = rest
  return `203.0.113.7 - ${user} [${time}] "${request}" ${status} 1234 "${referer}" "${agent}"`
}

t.test('combined', async (t) => {
  t.same(combined.parse(line()), {
    timeMs: at,
    durationMs: null,
    method: 'POST',
    target,
    status: 200,
    host: null,
    referer: 'https://genome.usegalaxy.org.au/x',
  })
  t.same([combined.hasRequest, combined.hasDuration], [true, false])
  t.match(combined.parse(line({ user: 'ann b', status: '499', referer: '-' })), { status: 499, referer: null })
  t.equal(combined.parse(line().replace('203.0.113.7', '2001:db8::1'))?.target, target)
  t.equal(combined.parse(line().replace('203.0.113.7', 'unix:'))?.target, target)
  t.equal(combined.parse(line().replace(' 1234 ', ' 0 '))?.target, target)
})

t.test('lines that are not of the format to their end are none', async (t) => {
  const whole = line()
  for (let length = 0; length < whole.length; length++)
    if (combined.parse(whole.slice(0, length)) !== null) t.fail(`cut to ${length} bytes`)
  for (const other of [`${whole} `, `${whole} 0.123`, ` ${whole}`, `x${whole}`, '', '\u0000'])
    t.equal(combined.parse(other), null, other)
  for (const status of ['20', '2000', 'abc', '', '-'])
    t.equal(combined.parse(line({ status })), null, `status ${status}`)
})

t.test('requests that bots send', async (t) => {
  const odd = ['-', '', 'GET', '\\x16\\x03\\x01\\x00', 'GET  /', 'x y z', ' POST /a HTTP/1.1', 'POST', 'POST ']
  for (const request of odd) t.notMatch(combined.parse(line({ request })), { method: 'POST', target }, request)
  t.match(combined.parse(line({ request: `POST ${target}` })), { method: 'POST', target }, 'HTTP/0.9')
  const spaced = 'POST /api/workflows/a b/invocations HTTP/1.1'
  t.match(combined.parse(line({ request: spaced })), { target: '/api/workflows/a b/invocations' })
  const absolute = `http://usegalaxy.org.au${target}`
  t.match(combined.parse(line({ request: `POST ${absolute} HTTP/1.1` })), { method: 'POST', target: absolute })
})

// What a client writes into its headers to be counted, or to keep another from it.
const hostile = [
  `" 200 5 "-" "-"`,
  `"${post}" 200 1 "-" "x"`,
  `[25/Jun/2026:00:06:54 +0000] "${post}" 200 1 "-" "-"`,
  `- [25/Jun/2020:00:00:00 +0000] "${post}" 200 1 "-" "-`,
  `\\" 200 1 "`,
  '\\',
  '\\\\x22',
  '\n203.0.113.7 - -',
  '"',
  `' ${post}`,
  '{"status": 200}',
  '$status $request',
  'Ünï\u0000cödé',
]

t.test('nothing in user, referer or agent passes for another part', async (t) => {
  for (const text of hostile) {
    const told = combined.parse(line({ request: 'GET / HTTP/1.1', status: '403', referer: escaped(text) }))
    t.match(told, { timeMs: at, method: 'GET', target: '/', status: 403 }, `referer ${text}`)
    t.equal(told?.referer, text, 'and it is read as it was')
    const agent = combined.parse(line({ request: 'GET / HTTP/1.1', status: '403', agent: escaped(text) }))
    t.match(agent, { timeMs: at, method: 'GET', target: '/', status: 403 }, `agent ${text}`)
    const request = combined.parse(line({ request: escaped(`GET /${text} HTTP/1.1`), status: '403' }))
    t.match(request, { timeMs: at, method: 'GET', status: 403 }, `path ${text}`)
  }
})

t.test('a user name that looks like the rest of a line does not change what was asked, nor its status', async (t) => {
  // Basic authentication's user name is a client's: nginx writes it without quotes, yet escapes those that are in it.
  for (const user of [...hostile, 'a [b] c', '[25/Jun/2026:00:06:54 +0000]', '[25/Jun/2026:00:06:54 +0000] ', '- -']) {
    const told = combined.parse(line({ user: escaped(user), request: 'GET / HTTP/1.1', status: '403' }))
    t.match(told, { timeMs: at, method: 'GET', target: '/', status: 403 }, user)
  }
})

t.test('times and zones', async (t) => {
  const time = (text: string) => combined.parse(line({ time: text }))?.timeMs ?? null
  t.equal(time('25/Jun/2026:10:06:54 +1000'), at)
  t.equal(time('24/Jun/2026:19:36:54 -0430'), at)
  t.equal(time('25/Jun/2026:05:36:54 +0530'), at)
  t.equal(time('29/Feb/2028:23:59:59 +0000'), Date.UTC(2028, 1, 29, 23, 59, 59))
  t.equal(time('31/Dec/2026:23:59:60 +0000'), Date.UTC(2027, 0, 1), 'a leap second')
  for (const text of ['25/Jum/2026:00:06:54 +0000', '00/Jun/2026:00:06:54 +0000', '32/Jan/2026:00:06:54 +0000'])
    t.equal(time(text), null, text)
  for (const text of ['25/Jun/2026:24:06:54 +0000', '25/Jun/2026:00:60:54 +0000', '25/Jun/2026:00:06:61 +0000', '-'])
    t.equal(time(text), null, text)

  const of = (variable: string, text: string) =>
    compileLogFormat(`${variable} $status $request`, 'default').parse(`${text} 200 GET / HTTP/1.1`)?.timeMs ?? null
  t.equal(of('$time_iso8601', '2026-06-25T10:06:54+10:00'), at)
  t.equal(of('$time_iso8601', '2026-06-25T00:06:54Z'), at)
  t.equal(of('$time_iso8601', '2026-13-25T00:06:54Z'), null)
  t.equal(of('$msec', `${at / 1000}.123`), at + 123)
  t.equal(of('$msec', '1782346014.999'), 1_782_346_014_999)
  const both = compileLogFormat('[$time_local] $msec $status "$request"', 'default')
  t.equal(both.parse(`[25/Jun/2026:00:06:54 +0000] ${at / 1000}.750 200 "GET / HTTP/1.1"`)?.timeMs, at + 750)
})

t.test('instants that no clock tells, or no point can have', async (t) => {
  const time = (text: string) => combined.parse(line({ time: text }))?.timeMs ?? null
  for (const text of ['31/Feb/2026:00:06:54 +0000', '29/Feb/2027:00:06:54 +0000', '31/Apr/2026:00:06:54 +0000'])
    t.equal(time(text), null, text)
  for (const text of ['25/Jun/0000:00:06:54 +0000', '25/Jun/0099:00:06:54 +0000', '31/Dec/1969:23:59:59 +0000'])
    t.equal(time(text), null, text)
  for (const text of ['25/Jun/9999:00:06:54 +0000', '12/Apr/2262:00:00:00 +0000', '25/Jun/2026:00:06:54 +9999'])
    t.equal(time(text), null, text)
  t.equal(time('01/Jan/1970:00:00:00 +0000'), 0)
  t.equal(time('11/Apr/2262:23:47:15 +0000'), 9_223_372_035_000, 'the last whole second of InfluxDB')

  const of = (variable: string, text: string, duration = '0.1') =>
    compileLogFormat(`${variable} $request_time $status $request`, 'default').parse(
      `${text} ${duration} 200 GET / HTTP/1.1`,
    )?.timeMs ?? null
  for (const text of ['0000-01-01T00:00:00Z', '1969-12-31T23:59:59Z', '2300-01-01T00:00:00Z'])
    t.equal(of('$time_iso8601', text), null, text)
  for (const text of ['9999999999.999', `${'9'.repeat(20)}.000`, `${'9'.repeat(400)}.000`])
    t.equal(of('$msec', text), null, text)
  t.equal(of('$msec', '1782346014.000', '9'.repeat(20)), null, 'nor a request of so long')
  t.equal(of('$msec', '1782346014.000', '86400.001'), at)
})

t.test('formats of one’s own', async (t) => {
  const main = compileLogFormat(
    // biome-ignore lint/suspicious/noTemplateCurlyInString: one of nginx's ways to write a variable
    '$host $remote_addr [$time_iso8601] $request_method $scheme "$request_uri" $status $request_time ${upstream_response_time} "$http_referer"',
    'default',
  )
  t.same([main.hasRequest, main.hasDuration], [false, true])
  const text = `lab.example.org 10.0.0.1 [2026-06-25T00:06:54+00:00] POST https "${target}?a=b" 201 12.345 12.340, 0.001 "-"`
  t.match(main.parse(text), {
    host: 'lab.example.org',
    timeMs: at,
    method: 'POST',
    target: `${target}?a=b`,
    status: 201,
    durationMs: 12_345,
    referer: null,
  })
  t.match(main.parse(text.replace(' 12.345 ', ' - ')), { durationMs: null, status: 201 })
  const parts = compileLogFormat('$msec $request_method "$uri$is_args$args" $status "$server_name"', 'default')
  t.match(parts.parse(`1782346014.000 POST "${target}?x=1" 200 "_"`), { target: `${target}?x=1`, host: null })
  const apart = compileLogFormat('$msec $request_method "$uri" "$args" $status', 'default')
  t.match(apart.parse(`1782346014.000 POST "${target}" "instance=true" 200`), { target: `${target}?instance=true` })
  t.match(apart.parse(`1782346014.000 POST "${target}" "-" 200`), { target })
  const dotted = compileLogFormat('($status).*$msec|$request^', 'default')
  t.match(dotted.parse('(200).*1782346014.000|GET / HTTP/1.1^'), { status: 200, method: 'GET' }, 'nothing is a pattern')
})

t.test('JSON', async (t) => {
  const json = compileLogFormat(
    '{"time":"$time_iso8601","request":"$request","status":$status,"referer":"$http_referer","host":"$host","agent":"$http_user_agent"}',
    'json',
  )
  const write = (referer: string, request = post) =>
    Buffer.from(
      `{"time":"2026-06-25T00:06:54+00:00","request":${JSON.stringify(request)},"status":200,"referer":${JSON.stringify(referer)},"host":"lab.example.org","agent":"x"}`,
    ).toString('latin1')
  t.match(json.parse(write('https://a/é?"q"')), {
    target,
    status: 200,
    host: 'lab.example.org',
    referer: 'https://a/é?"q"',
  })
  t.match(json.parse(write('')), { referer: null })
  for (const text of [...hostile, '","status":500,"referer":"', '\\","host":"evil.org"'])
    t.match(json.parse(write(text)), { referer: text, status: 200, host: 'lab.example.org' }, text)
  const mixed = compileLogFormat('$msec "$request" "$http_referer" $status $http_user_agent', 'json')
  const tricky = String.raw`1782346014.000 "${post}" "a\" 500 b\\" 200 x`
  t.match(mixed.parse(tricky), { referer: 'a" 500 b\\', status: 200, target })
  t.match(json.parse(write('x', 'POST /a"b\\c HTTP/1.1')), { target: '/a"b\\c' })
})

t.test('no escape at all', async (t) => {
  const none = compileLogFormat('$msec\t$status\t$request\t$http_referer', 'none')
  t.match(none.parse(`1782346014.000\t200\t${post}\thttps://a/\\x22`), { target, referer: 'https://a/\\x22' })
})

const refused: [text: string, escaping: Escape, message: RegExp][] = [
  ['$remote_addr "$request" $status', 'default', /has not a time \(\$time_local, \$time_iso8601 or \$msec\)/],
  ['[$time_local] $status', 'default', /has not the request \(\$request, or \$request_method and \$request_uri\)/],
  ['[$time_local] "$request"', 'default', /has not \$status/],
  ['nothing', 'default', /a time .*, nor the request .*, nor \$status.*Give `combined`/],
  ['[$time_local] "$request" $status $http_a$http_b', 'json', /\$http_a and \$http_b stand side by side/],
  ['[$time_local] $request_method $status', 'default', /the request/],
  ['main', 'default', /"main" has not/],
]

t.test('formats that cannot do are refused with what they lack', async (t) => {
  for (const [text, escaping, message] of refused) {
    t.throws(() => compileLogFormat(text, escaping), Misconfigured, text)
    t.throws(() => compileLogFormat(text, escaping), { message }, text)
  }
})
