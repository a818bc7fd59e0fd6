// What each kind of check sees of real servers, good ones and bad ones.
import { once } from 'node:events'
import { readFileSync } from 'node:fs'
import http, { type RequestListener } from 'node:http'
import https from 'node:https'
import net, { type AddressInfo } from 'node:net'
import t, { type Test } from 'tap'
import { type Check, check } from '../../../src/probing/check.ts'
import type { Finding } from '../../../src/probing/finding.ts'
import { httpTry } from '../../../src/probing/http.ts'
import { pingTry } from '../../../src/probing/ping.ts'
import { nginxTry } from '../../../src/probing/stub_status.ts'
import { tcpTry } from '../../../src/probing/tcp.ts'
import { makeCertificates } from '../../services/certificates.ts'
import { needs } from '../../services/needed.ts'
import { startNginx } from '../../services/nginx.ts'
import { freePort, temporaryFolder } from '../../services/temporary.ts'

const { signal } = new AbortController()

/** One try of a check as an operator writes it. */
async function look(settings: object, timeoutMs = 10_000): Promise<Finding> {
  const read: Check = check.parse(settings)
  if (read.kind === 'ping') return pingTry(read)(timeoutMs, signal)
  if (read.kind === 'tcp') return tcpTry(read)(timeoutMs, signal)
  if (read.kind === 'nginx') return nginxTry(read, null)(timeoutMs, signal)
  return httpTry(read)(timeoutMs, signal)
}

async function listening(t: Test, server: net.Server | http.Server | https.Server): Promise<number> {
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  t.teardown(() => {
    server.close()
    if (server instanceof http.Server) server.closeAllConnections()
  })
  return (server.address() as AddressInfo).port
}

/** A web server that answers by path. */
async function site(t: Test, answers: Record<string, RequestListener>): Promise<string> {
  const server = http.createServer((request, response) => {
    const answer = answers[URL.parse(request.url!, 'http://x')!.pathname]
    if (answer) answer(request, response)
    else response.writeHead(404).end()
  })
  return `http://127.0.0.1:${await listening(t, server)}`
}

t.test('ping', needs('ping'), async (t) => {
  const good = await look({ kind: 'ping', target: '127.0.0.1', count: 2 })
  t.match(good, { verdict: 'good', result: 'success', message: /^2 of 2 packets came back/ })
  t.match(good.fields, { packets_transmitted: 2, packets_received: 2, percent_packet_loss: 0, ttl: 64, result_code: 0 })
  t.type(good.fields['average_response_ms'], 'number')
  t.type(good.fields['standard_deviation_ms'], 'number')
  t.match(await look({ kind: 'ping', target: 'no-such-host.invalid' }), {
    ...{ verdict: 'failed', result: 'no_such_host' },
    fields: { result_code: 1 },
  })
  t.throws(() => check.parse({ kind: 'ping', target: '-f' }), /host name or an address/)
})

t.test('ping over IPv6', needs('ping'), async (t) => {
  t.match(await look({ kind: 'ping', target: '::1', count: 1 }), { verdict: 'good', fields: { packets_received: 1 } })
})

t.test('ping of an address that nobody has', needs('ping'), async (t) => {
  // Reserved (RFC 1112, 4): a kernel refuses it, or a router drops it.
  const lost = await look({ kind: 'ping', target: '240.0.0.1', count: 1 }, 1000)
  t.equal(lost.verdict, 'failed')
  t.match(lost.result, /packet_loss|ping_error/)
})

t.test('tcp', async (t) => {
  const port = await listening(
    t,
    net.createServer((socket) => socket.end()),
  )
  const good = await look({ kind: 'tcp', target: `127.0.0.1:${port}` })
  t.match(good, { verdict: 'good', result: 'success', fields: { result_code: 0 } })
  t.type(good.fields['response_time'], 'number')
  t.match(await look({ kind: 'tcp', target: `127.0.0.1:${await freePort()}` }), {
    ...{ verdict: 'failed', result: 'connection_failed', message: /ECONNREFUSED/ },
    fields: { result_code: 2 },
  })
  t.throws(() => check.parse({ kind: 'tcp', target: 'host' }), /host and a port/)
})

t.test('http: what the server says', async (t) => {
  const url = await site(t, {
    '/ok': (_, response) => response.end('<p>Galaxy is here</p>'),
    '/gone': (_, response) => response.writeHead(503).end('closed'),
    '/to-ok': (_, response) => response.writeHead(302, { location: '/ok' }).end(),
    '/round': (_, response) => response.writeHead(302, { location: '/round' }).end(),
    '/a': (_, response) => response.end(`${'a'.repeat(50)}!`),
  })
  const cases: [settings: object, verdict: string, result: string, fields: object][] = [
    [{ target: `${url}/ok` }, 'good', 'success', { http_response_code: 200, content_length: 21, result_code: 0 }],
    [{ target: `${url}/ok`, body_text: 'Galaxy' }, 'good', 'success', { response_string_match: 1 }],
    [
      { target: `${url}/ok`, body_text: 'Moon' },
      'failed',
      'response_string_mismatch',
      { result_code: 1, response_string_match: 0 },
    ],
    [{ target: `${url}/ok`, body_regex: 'G.l[a-z]xy' }, 'good', 'success', {}],
    [{ target: `${url}/a`, body_regex: '(a+)+$' }, 'failed', 'response_string_mismatch', {}],
    [
      { target: `${url}/gone` },
      'failed',
      'response_status_code_mismatch',
      { result_code: 6, http_response_code: 503, response_status_code_match: 0 },
    ],
    [{ target: `${url}/gone`, status: [200, 503] }, 'good', 'success', { http_response_code: 503 }],
    [{ target: `${url}/to-ok` }, 'good', 'success', { http_response_code: 200, redirects: 1 }],
    [{ target: `${url}/to-ok`, redirects: 0 }, 'failed', 'response_status_code_mismatch', { http_response_code: 302 }],
    [{ target: `${url}/round` }, 'failed', 'response_status_code_mismatch', { http_response_code: 302, redirects: 5 }],
    [{ target: `${url}/ok`, method: 'HEAD' }, 'good', 'success', { method: 'HEAD', content_length: 0 }],
    [{ target: 'http://no-such-host.invalid/' }, 'failed', 'dns_error', { result_code: 5 }],
    [{ target: `http://127.0.0.1:${await freePort()}/` }, 'failed', 'connection_failed', { result_code: 3 }],
  ]
  for (const [settings, verdict, result, fields] of cases)
    t.match(await look({ kind: 'http', ...settings }), { verdict, result, fields }, JSON.stringify(settings))
})

t.test('http: slow, hanging and cut answers', async (t) => {
  const url = await site(t, {
    '/silent': () => {},
    '/stuck': (_, response) => void response.writeHead(200).write('begun'),
    '/cut': (_, response) => {
      response.writeHead(200, { 'content-length': '1000' })
      response.write('begun', () => response.destroy())
    },
  })
  const hangs = { verdict: 'failed', result: 'timeout', fields: { result_code: 4 } }
  t.match(await look({ kind: 'http', target: `${url}/silent` }, 300), hangs)
  t.match(await look({ kind: 'http', target: `${url}/stuck` }, 300), hangs)
  const cut = { verdict: 'failed', result: 'body_read_error', fields: { result_code: 2 } }
  t.match(await look({ kind: 'http', target: `${url}/cut` }), cut)
})

t.test('http: headers go to the host of the target alone', async (t) => {
  const heard: unknown[] = []
  const other = await site(t, {
    '/there': (request, response) => {
      heard.push(request.headers['x-key'], request.headers.authorization)
      response.end()
    },
  })
  const url = await site(t, {
    '/here': (request, response) => {
      heard.push(request.headers['x-key'], request.headers.authorization)
      response.writeHead(302, { location: `${other}/there` }).end()
    },
  })
  const target = `${url.replace('//', '//user:password@')}/here`
  t.match(await look({ kind: 'http', target, headers: { 'x-key': 'secret' } }), { verdict: 'good' })
  t.same(heard, ['secret', `Basic ${Buffer.from('user:password').toString('base64')}`, undefined, undefined])
})

t.test('http: certificates', needs('openssl'), async (t) => {
  await using folder = await temporaryFolder('probe')
  const { caFile, certificateFile, keyFile } = await makeCertificates(folder.path)
  const settings = { cert: readFileSync(certificateFile), key: readFileSync(keyFile) }
  const port = await listening(
    t,
    https.createServer(settings, (_, response) => response.end('secure')),
  )
  const target = `https://localhost:${port}/`
  const unknown = await look({ kind: 'http', target, certificate_days: 0 })
  t.match(unknown, {
    verdict: 'failed',
    result: 'connection_failed',
    fields: { result_code: 3, tls_error: /^[A-Z_]+$/ },
  })
  const known = { kind: 'http', target, ca_file: caFile }
  const days = { verdict: 'good', fields: { certificate_days: 1 } }
  t.match(await look({ ...known, certificate_days: 1 }), days)
  t.match(await look({ ...known, ca_file: undefined, verify_ssl: false, certificate_days: 0 }), days)
  t.match(await look(known), {
    verdict: 'failed',
    result: 'certificate_expires',
    fields: { result_code: 7, certificate_days: 1 },
  })
  t.match(await look({ ...known, ca_file: folder.file('none.pem') }), { verdict: 'unknown', result: 'probe_error' })
  const plain = await listening(
    t,
    net.createServer((socket) => socket.end('SSH-2.0\r\n')),
  )
  t.match(await look({ ...known, target: `https://localhost:${plain}/` }), {
    verdict: 'failed',
    result: 'connection_failed',
  })
})

t.test('http: the whole page', async (t) => {
  const elsewhere = await site(t, { '/logo.png': (_, response) => response.end(Buffer.alloc(3000)) })
  const page = (missing: string) => `<!doctype html><base href="/static/">
    <link rel="preload stylesheet" href="a.css"><link rel=icon href="no.ico"><script src='b.js?x=1&amp;y=2'></script>
    <img src="${elsewhere}/logo.png"><img src="${elsewhere}/logo.png#again"><img src="data:image/png;base64,AA=="><!-- <img src="/comment.png"> -->
    ${missing}`
  const asked: string[] = []
  const url = await site(t, {
    '/': (_, response) => response.end(page('')),
    '/broken': (_, response) => response.end(page('<img src="/none.png?token=secret">')),
    '/static/a.css': (_, response) => response.end('c'.repeat(1000)),
    '/static/b.js': (request, response) => {
      asked.push(request.url!)
      response.end('d'.repeat(2000))
    },
  })
  const whole = await look({ kind: 'http', target: `${url}/`, page: true })
  t.match(whole, { verdict: 'good', fields: { page_resources: 3, page_failed: 0 } })
  t.equal(whole.fields['page_bytes'], page('').length + 6000)
  t.same(asked, ['/static/b.js?x=1&y=2'])
  const broken = await look({ kind: 'http', target: `${url}/broken`, page: true })
  t.match(broken, { verdict: 'failed', result: 'page_incomplete', fields: { result_code: 8, page_failed: 1 } })
  t.match(broken.message, '/none.png: HTTP 404')
  t.notMatch(broken.message, 'secret')
})

t.test('nginx', needs('nginx'), async (t) => {
  await using folder = await temporaryFolder('probe')
  const server = 'location = /status { stub_status; }'
  await using nginx = await startNginx({ accessLog: folder.file('access.log'), server })
  const found = await look({ kind: 'nginx', target: `${nginx.url}/status` })
  t.match(found, { verdict: 'good', message: '1 active connections' })
  const numbers = { active: 1, accepts: 1, handled: 1, requests: 1, reading: 0, writing: 1, waiting: 0 }
  t.match(found.fields, numbers)
  t.match(await look({ kind: 'nginx', target: `${nginx.url}/else` }), {
    ...{ verdict: 'failed', result: 'response_string_mismatch', message: /stub_status/ },
  })
})
