// Which lines of a region may invoke a workflow, found in raw bytes: none that does is passed over.
import t from 'tap'
import { compileLogFormat } from '../../../src/nginx/log_format.ts'
import { invocationSelector } from '../../../src/nginx/selector.ts'

const combined = compileLogFormat('combined', 'default')
const path = '/api/workflows/8a3f0bd1c9d7e642/invocations'

function line(request: string, agent = 'x', user = '-'): string {
  return `203.0.113.7 - ${user} [25/Jun/2026:00:06:54 +0000] "${request}" 200 1 "-" "${agent}"`
}

function selected(text: string, { format = combined, prefix = '' } = {}): string[] {
  const region = Buffer.from(text, 'latin1')
  const found: string[] = []
  invocationSelector(format, prefix).select(region, (start, end) => found.push(region.toString('latin1', start, end)))
  return found
}

const get = line('GET /api/histories HTTP/1.1')
const post = (number: number) => line(`POST ${path}?n=${number} HTTP/1.1`)

t.test('each line once, in order, wherever it stands', async (t) => {
  const lines = [post(1), get, post(2), post(3), get, post(4)]
  const wanted = [post(1), post(2), post(3), post(4)]
  t.same(selected(`${lines.join('\n')}\n`), wanted)
  t.same(selected(lines.join('\n')), wanted, 'the last line without its end')
  t.same(selected(''), [])
  t.same(selected('\n\n\n'), [])
  t.same(selected(`\n${post(1)}\n\n`), [post(1)])
  t.same(selected(`${get}\n${get}\n`), [])
})

t.test('a line that has the words more than once is one line', async (t) => {
  const twice = line(`POST ${path} HTTP/1.1`, `POST ${path} POST ${path}`)
  t.same(selected(`${twice}\n${post(1)}\n`), [twice, post(1)])
})

t.test('the words before the request do not hide it', async (t) => {
  const user = line(`POST ${path} HTTP/1.1`, 'x', 'POST /elsewhere')
  t.same(selected(`${user}\n`), [user])
  const other = line('POST /api/tools HTTP/1.1', `POST ${path}`)
  t.ok(selected(`${other}\n`).length <= 1, 'what only looks like it may be given, and is read whole later')
})

t.test('absolute addresses', async (t) => {
  for (const scheme of ['http', 'https', 'HTTP', 'Https']) {
    const absolute = line(`POST ${scheme}://usegalaxy.org.au${path} HTTP/1.1`)
    t.same(selected(`${get}\n${absolute}\n${get}\n`), [absolute], scheme)
  }
})

t.test('under a prefix', async (t) => {
  const prefixed = line(`POST /galaxy${path} HTTP/1.1`)
  t.same(selected(`${post(1)}\n${prefixed}\n`, { prefix: '/galaxy' }), [prefixed])
})

t.test('formats in which method and path stand apart', async (t) => {
  const format = compileLogFormat('$msec "$request_uri" $request_method $status', 'default')
  const apart = `1782346014.000 "${path}" POST 200`
  t.same(selected(`1782346014.000 "/" GET 200\n${apart}\n`, { format }), [apart])
  const json = compileLogFormat('{"t":$msec,"m":"$request_method","u":"$request_uri","s":$status}', 'json')
  const object = `{"t":1782346014.000,"m":"POST","u":"${path}","s":200}`
  t.same(selected(`${object}\n`, { format: json }), [object])
})

t.test('bytes that are no text', async (t) => {
  const noise = Buffer.alloc(1000, 0xff).toString('latin1')
  t.same(selected(`${noise}\n${post(1)}\u0000\xfe\n${noise}`), [`${post(1)}\u0000\xfe`])
})

t.test('the instant that a line tells', async (t) => {
  const { timeMs } = invocationSelector(combined, '')
  t.equal(timeMs(get), Date.UTC(2026, 5, 25, 0, 6, 54))
  t.equal(timeMs('no line'), null)
})
