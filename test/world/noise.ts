// Everything else in an access log: what must not count, and what isn't a line of the format at all.
import { formatLine, localTime } from './access_line.ts'
import { anyReferer } from './labs.ts'
import { encodedSegment } from './paths.ts'
import type { LoggedLine, Stage } from './stage.ts'

const everydayRequests = [
  'GET /api/histories/HEX/contents?v=dev&limit=100 HTTP/1.1',
  'GET /api/workflows/HEX?style=instance HTTP/1.1',
  'GET /api/workflows/HEX/invocations HTTP/1.1',
  'GET /api/workflows/HEX/usage HTTP/1.1',
  'GET /workflows/run?id=HEX HTTP/1.1',
  'GET /api/jobs/HEX HTTP/2.0',
  'GET /static/dist/analysis.bundled.js?v=25 HTTP/2.0',
  'GET / HTTP/1.1',
  'HEAD / HTTP/1.0',
  'POST /api/tools HTTP/1.1',
  'POST /api/histories/HEX/copy_contents HTTP/1.1',
]

/** Near misses: each would be an invocation if one thing about it were different. */
const nearMisses = [
  'GET /api/workflows/HEX/invocations HTTP/1.1',
  'HEAD /api/workflows/HEX/invocations HTTP/1.1',
  'OPTIONS /api/workflows/HEX/invocations HTTP/1.1',
  'PUT /api/workflows/HEX/invocations HTTP/1.1',
  'DELETE /api/workflows/HEX/invocations HTTP/1.1',
  'POST /api/workflows/HEX/invocations/HEX HTTP/1.1',
  'POST /api/workflows/HEX/invocations/HEX/steps/HEX HTTP/1.1',
  'POST /api/workflows/HEX/usage/HEX HTTP/1.1',
  'POST /api/workflows/HEX/invocations// HTTP/1.1',
  'POST /api/workflows/HEX/invocationsx HTTP/1.1',
  'POST /api/workflows/HEX/invocation HTTP/1.1',
  'POST /api/workflows/HEX/usages HTTP/1.1',
  'POST /api/workflows/HEX/HEX/invocations HTTP/1.1',
  'POST /api/workflows/HEX HTTP/1.1',
  'POST /api/workflows HTTP/1.1',
  'POST /api/workflows/upload HTTP/1.1',
  'POST /api/workflow_landings HTTP/1.1',
  'POST /api/invocations HTTP/1.1',
  'POST /api/workflow/HEX/invocations HTTP/1.1',
  'POST /another/api/workflows/HEX/invocations HTTP/1.1',
  'POST /api/histories?next=/api/workflows/HEX/invocations HTTP/1.1',
  'POST /login?redirect=/api/workflows/HEX/usage/ HTTP/1.1',
]

/** Texts that a client may send in a header, made to look like what they aren't. */
const forgeries = [
  'POST /api/workflows/HEX/invocations HTTP/1.1',
  '" 200 5 "-" "-"\n203.0.113.9 - - [TIME] "POST /api/workflows/HEX/invocations HTTP/1.1" 200 7 "-" "x',
  'x" "POST /api/workflows/HEX/usage HTTP/1.1" 200 1 "https://genome.usegalaxy.org.au/"',
  'https://genome.usegalaxy.org.au/?a=" "POST /api/workflows/HEX/invocations HTTP/1.1',
]

/** A line of another request, at a time within the log. */
export function otherLine(stage: Stage): LoggedLine {
  const { random } = stage
  const endMicros = random.integer(stage.startMicros, stage.endMicros)
  const fill = (text: string) =>
    text
      .replace(' /api/', ` ${stage.settings.urlPrefix}/api/`)
      .replaceAll('HEX', () => knownId(stage))
      .replaceAll('TIME', () => localTime(endMicros))
  const person = {
    address: `198.51.100.${random.integer(1, 254)}`,
    user: random.chance(0.01) ? fill(random.pick(forgeries)) : '',
  }
  const request = random.weighted([
    [() => random.pick(everydayRequests), 95],
    [() => random.pick(nearMisses), 4],
    // A TLS greeting on a port that speaks HTTP, and a request line without a word in it.
    [() => Buffer.from('\u0016\u0003\u0001\u0002\u0000\u0001\u0000', 'latin1').toString('latin1'), 0.5],
    [() => '', 0.5],
  ])()
  const forged = random.chance(0.03)
  const line = {
    remoteAddress: person.address,
    remoteUser: person.user,
    endMicros,
    request: fill(request),
    status: request.includes(' /')
      ? random.weighted([
          [200, 20],
          [304, 3],
          [404, 1],
          [500, 1],
        ])
      : 400,
    bodyBytes: random.integer(0, 90_000),
    referer: forged ? fill(random.pick(forgeries)) : anyReferer(random).referer,
    userAgent: random.chance(0.03) ? fill(random.pick(forgeries)) : 'Mozilla/5.0 (X11; Linux x86_64) Gecko/20100101',
    durationMicros: random.integer(1, 5_000_000),
    host: '',
  }
  return { endMicros, bytes: formatLine(line, stage.settings.logFormat) }
}

/** The encoded id of a workflow that is there, so that a line counted by mistake makes a point and shows. */
function knownId(stage: Stage): string {
  const workflows = stage.random.chance(0.3) ? stage.library.crowded : stage.library.calm
  return encodedSegment(stage, stage.random.pick(workflows).stored.id)
}

const mebibyte = 1_048_576

/** Lines without the format's shape that hold the text of a request, and lines too long to be held: both are counted. */
export function malformedLines(stage: Stage): LoggedLine[] {
  const { random } = stage
  const at = () => random.integer(stage.startMicros, stage.endMicros)
  const time = localTime(at())
  const request = () => `POST ${stage.settings.urlPrefix}/api/workflows/${knownId(stage)}/invocations HTTP/1.1`
  const shapeless = [
    request(),
    `"${request()}" 200 12 "-" "-"`,
    `203.0.113.8 - - [${time}] "${request()}`,
    `203.0.113.8 - - [${time}] "${request()}" 200`,
    `203.0.113.8 - - [${time}] "${request()}" 200 12 "-`,
    `203.0.113.8 - - [yesterday] "${request()}" 200 12 "-" "-"`,
    `203.0.113.8 - - "${request()}" 200 12 "-" "-"`,
    `203.0.113.8 - - [${time}] "${request()}" OK 12 "-" "-"`,
    `\u0016\u0003\u0001${request()}\u0000\u0000`,
    `\u00ff\u00fe${request()}`,
  ].map((text) => Buffer.from(text, 'latin1'))
  // All right but for its length: a request that would count.
  const long = (length: number) => {
    const line = {
      remoteAddress: '203.0.113.8',
      remoteUser: '',
      endMicros: at(),
      request: request(),
      status: 200,
      bodyBytes: 12,
      referer: 'https://usegalaxy.org.au/',
      userAgent: 'x'.repeat(length),
      durationMicros: 1,
      host: '',
    }
    return formatLine(line, stage.settings.logFormat)
  }
  return [...shapeless, long(mebibyte), long(3 * mebibyte)].map((bytes) => ({ endMicros: at(), bytes }))
}

/** Other bytes that find their way into a log. Whether they count as malformed is not promised, only that they pass. */
export function garbageLines(stage: Stage): LoggedLine[] {
  const { random } = stage
  const withoutNewline = (bytes: Buffer) => Buffer.from(bytes.map((byte) => (byte === 0x0a ? 0x20 : byte)))
  return [
    Buffer.alloc(0),
    Buffer.alloc(4096),
    Buffer.from('\u0016\u0003\u0001\u0002\u0000\u0001\u0000\u0001\u00fc\u0003\u0003', 'latin1'),
    withoutNewline(random.bytes(300)),
    withoutNewline(random.bytes(20_000)),
    Buffer.from([0xff, 0xfe, 0xc3, 0x28, 0xa0, 0xa1]),
    Buffer.from('2026/06/25 00:00:00 [error] 7#7: *1 upstream prematurely closed connection'),
    Buffer.from('POST'),
    Buffer.from('" " " " "'),
    Buffer.from('\r'),
  ].map((bytes) => ({ endMicros: random.integer(stage.startMicros, stage.endMicros), bytes }))
}
