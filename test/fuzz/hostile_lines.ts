// Lines that mean harm. Of each it is known, by how it is made, what has to come of it: nothing, or one refused request.
import { escaped, localTime } from '../world/access_line.ts'
import { encodeId, encodeText } from '../world/encoded_id.ts'
import { domainOf } from '../world/oracle/domain.ts'
import type { Random } from '../world/random.ts'
import { deleted, encoded, idle, idleRevisions, invoked, settings } from './hostile_site.ts'

/** A line's bytes as latin1 text, without its end; `refused` names the series that its point is in. */
export type HostileLine = { text: string; refused?: { domain: string; status: string } }

type Maker = (time: string, serial: number) => HostileLine

const lineMaxBytes = 1024 * 1024
const poolSize = 400

/** Makes lines; their texts come out of pools, since there are to be millions. */
export class HostileLines {
  readonly #random: Random
  readonly #makers: [Maker, number][]

  constructor(random: Random) {
    this.#random = random
    const pool = <T>(make: () => T): (() => T) => {
      const values = Array.from({ length: poolSize }, make)
      return () => random.pick(values)
    }
    const real = pool(() => encoded(random.pick([...invoked, ...idle])))
    const forged = pool(() => escaped(forgery(random, real())))
    const nearMiss = pool(() => escaped(random.pick(nearMisses).replaceAll('ID', real())))
    const wrongId = pool(() => anyWrongId(random))
    const missingId = pool(() => anyMissingId(random))
    const referer = pool(() => anyReferer(random))
    const unlike = pool(() => anyGarbage(random, real()))
    const other = pool(() => random.pick(everyday).replaceAll('ID', real()))
    const impossible = pool(() => anyImpossible(random, real()))
    const address = () => `203.0.113.${random.integer(1, 254)}`
    const line = (time: string, serial: number, rest: string, agent = 'Mozilla/5.0') =>
      `${address()} - - [${time}] ${rest} "${agent} ${serial}"`

    const refusals = ['400', '401', '403', '404', '409', '413', '429', '301', '100', '999', '000', '499', '500', '503']
    const refused: Maker = (time, serial) => {
      const status = random.pick(refusals)
      // Nobody runs these, so that no row of them can have been made by a request that was cut off.
      const id = random.pick([wrongId, missingId, () => encoded(random.pick(idle))])()
      const from = random.chance(0.5) ? referer() : `https://s${serial}.usegalaxy.org.au/`
      const request = `POST /api/workflows/${id}/${random.pick(['invocations', 'usage', 'invocations/'])} HTTP/1.1`
      return {
        text: line(time, serial, `"${request}" ${status} ${random.integer(0, 9999)} "${escaped(from)}"`),
        refused: { domain: domainOf({ referer: from }, settings.domains, true), status: String(Number(status)) },
      }
    }
    const get = (status: number) => `"GET /api/histories HTTP/1.1" ${status} 512`
    const nothing: [(time: string, serial: number) => string, number][] = [
      [(time, serial) => line(time, serial, `"${other()}" 200 512 "https://usegalaxy.org.au/"`), 3500],
      [(time, serial) => line(time, serial, `"${nearMiss()}" 200 512 "-"`), 1000],
      [(time, serial) => line(time, serial, `${get(200)} "${forged()}"`), 500],
      [(time, serial) => line(time, serial, `${get(200)} "-"`, forged()), 500],
      [(time) => `${address()} - ${forged()} [${time}] ${get(401)} "-" "-"`, 300],
      // Not escaped, as another program may have written it.
      [
        (time, serial) =>
          line(time, serial, `${get(200)} "-" "x" "POST /api/workflows/${real()}/invocations" 200 7 "-"`),
        100,
      ],
      [(time, serial) => line(time, serial, `"POST /api/workflows/${wrongId()}/invocations HTTP/1.1" 200 9 "-"`), 700],
      [(time, serial) => line(time, serial, `"POST /api/workflows/${missingId()} HTTP/1.1" 200 9 "${referer()}"`), 300],
      [(time, serial) => line(time, serial, `"POST ${missingPath(missingId())} HTTP/1.1" 201 9 "-"`), 700],
      [() => unlike(), 700],
      [(_, serial) => impossible().replace('SERIAL', String(serial)), 400],
      [
        (time, serial) =>
          line(
            time,
            serial,
            `"POST /api/workflows/${real()}/invocations HTTP/1.1" 200 7 "-"`,
            'x'.repeat(lineMaxBytes + random.integer(0, 700_000)),
          ),
        0.2,
      ],
      [
        (time, serial) =>
          line(time, serial, `${get(200)} "-"`, '\\x22POST /api/workflows/'.repeat(random.integer(1000, 45_000))),
        0.2,
      ],
      [() => '"'.repeat(random.integer(1, lineMaxBytes)), 0.1],
      [
        (time) =>
          `${address()} - - [${time}] "POST /api/workflows/${'a'.repeat(random.integer(1000, 900_000))}/invocations HTTP/1.1" 200 1 "-" "-"`,
        0.1,
      ],
    ]
    this.#makers = [
      ...nothing.map(([make, weight]): [Maker, number] => [(time, serial) => ({ text: make(time, serial) }), weight]),
      [refused, 800],
    ]
  }

  /** The line that stands `serial`-th in the log, at its instant. */
  next(endMicros: number, serial: number): HostileLine {
    return this.#random.weighted(this.#makers)(timeText(endMicros), serial)
  }
}

let lastSecond = Number.NaN
let lastText = ''

function timeText(endMicros: number): string {
  const second = Math.floor(endMicros / 1_000_000)
  if (second !== lastSecond) lastText = localTime(endMicros)
  lastSecond = second
  return lastText
}

const missingPath = (id: string) => `/api/workflows/${id}/invocations`

const everyday = [
  'GET /api/histories/ID/contents?v=dev&limit=100 HTTP/1.1',
  'GET /api/workflows/ID/invocations HTTP/1.1',
  'GET /static/dist/analysis.bundled.js?v=25 HTTP/2.0',
  'POST /api/tools HTTP/1.1',
  'HEAD / HTTP/1.0',
]

const nearMisses = [
  'GET /api/workflows/ID/invocations HTTP/1.1',
  'POST  /api/workflows/ID/invocations HTTP/1.1',
  ' POST /api/workflows/ID/invocations HTTP/1.1',
  'post /api/workflows/ID/invocations HTTP/1.1',
  'XPOST /api/workflows/ID/invocations HTTP/1.1',
  'POST /api/workflows/ID/invocations// HTTP/1.1',
  'POST /api/workflows//ID/invocations HTTP/1.1',
  'POST /api/workflows/ID/../invocations HTTP/1.1',
  'POST /api/workflows/ID/invocations/ID/cancel HTTP/1.1',
  'POST /api/workflows/ID%2Finvocations HTTP/1.1',
  'POST /api/workflows/ID/invocations;x HTTP/1.1',
  'POST /api/workflows/ID/invocations#x HTTP/1.1',
  'POST /x?POST /api/workflows/ID/invocations HTTP/1.1',
  'POST http:///x/api/workflows/ID/invocations HTTP/1.1',
  'POST /another/api/workflows/ID/invocations HTTP/1.1',
  'POST /api/workflows/ID/invocations\u0000 HTTP/1.1',
]

function forgery(random: Random, id: string): string {
  const request = `POST /api/workflows/${id}/invocations HTTP/1.1`
  return random.pick([
    request,
    `" 200 5 "-" "-"\n203.0.113.9 - - [25/Jun/2026:00:00:01 +0000] "${request}" 200 7 "https://usegalaxy.org.au/" "x`,
    `x" "${request}" 200 1 "https://genome.usegalaxy.org.au/`,
    `- [25/Jun/2026:00:00:01 +0000] "${request}" 200 7 "-" "`,
    `\\" 200 1 "${request}`,
    `\\x22 200 1 \\x22${request}`,
    `\u0000\u0001\u001b]0;x\u0007${request}`,
    `\r\n${request}\r\n`,
    `{"request":"${request}","status":200}`,
    `ü🧬${request}`,
    `${'\\'.repeat(random.integer(1, 50))}"${request}`,
  ])
}

/** Texts where an id stands that are none of this server's. */
function anyWrongId(random: Random): string {
  const id = random.integer(1, 1000)
  return random.weighted<() => string>([
    [() => random.hexadecimal(16), 4],
    [() => random.hexadecimal(32), 2],
    [() => random.hexadecimal(random.integer(1, 60) * 2 + 1), 1],
    [() => random.hexadecimal(16 * random.integer(4, 200)), 1],
    [() => encodeId('a secret of another site', id), 4],
    [() => encodeText(settings.idSecret, `-${id}`), 1],
    [() => encodeText(settings.idSecret, `00${id}`), 1],
    [() => encodeText(settings.idSecret, `${id}.0`), 1],
    [() => `${encoded(id)}0`, 1],
    [() => encoded(id).slice(0, -1), 1],
    [() => String(id), 1],
    [() => `%20${encoded(id)}`, 1],
    [() => "1'%20OR%201=1--", 1],
    [() => '..%2f..%2fetc%2fpasswd', 1],
    [() => '\\xC3\\xBC\\x00', 1],
    [() => '$host{{7*7}}', 1],
  ])()
}

/** Ids that this server would make, of what it does not have. */
function anyMissingId(random: Random): string {
  const hex = random.hexadecimal(32)
  return random.weighted<() => string>([
    [() => encoded(random.pick(deleted)), 4],
    [() => encoded(random.pick(idleRevisions)), 2],
    [() => encoded(random.pick(deleted)).toUpperCase(), 1],
    [() => encoded(0), 1],
    [() => encoded(2_147_483_647), 1],
    [() => encodeId(settings.idSecret, 2n ** 31n), 1],
    [() => encodeId(settings.idSecret, 2n ** 62n), 1],
    [() => `${hex.slice(0, 8)}-${hex.slice(8, 12)}-${hex.slice(12, 16)}-${hex.slice(16, 20)}-${hex.slice(20)}`, 2],
  ])()
}

function anyReferer(random: Random): string {
  const host = random.pick(settings.domains)
  return random.pick([
    `https://${host}/workflows/list`,
    `https://user:secret@${host}:8443/`,
    `https://x.y.${host}/`,
    `https://${host}.evil.example/`,
    `https://evil.example/?https://${host}/`,
    `https://evil${host}/`,
    `https://${'a'.repeat(60)}.${host}/`,
    'https://[2001:db8::1]:8443/',
    'https://xn--mnchen-3ya.example/',
    'https://münchen.example/',
    'javascript:alert(1)',
    'https://',
    'https:// /',
    'https://a,b=c d/',
    `https://${'a.'.repeat(120)}example/`,
    '',
    'about:blank',
    `${host}`,
  ])
}

/** Bytes without the format's shape. */
function anyGarbage(random: Random, id: string): string {
  const noise = (most: number) => {
    const length = random.integer(0, most)
    const all = random.chance(0.5) ? random.bytes(length) : Buffer.alloc(length, random.integer(0, 255))
    return all.toString('latin1').replaceAll('\n', '\r')
  }
  const request = `"POST /api/workflows/${id}/invocations HTTP/1.1" 200 12 "-" "-"`
  return random.pick([
    () => noise(400),
    () => noise(20_000),
    () => `\u00ff${noise(60)}${request}${noise(60)}`,
    () => `\u0000 - - [25/Jun/2026:00:00:01 +0000] ${request}`,
    () => `203.0.113.8 - - [25/Jun/2026:00:00:01 +0000] ${request}\r`,
    () => `203.0.113.8 - - [25/Jun/2026:00:00:01 +0000] ${request.replace('" 200', "' 200")}`,
    () => request,
    () => '\r',
    () => '',
    () => 'POST ',
  ])()
}

const times = [
  '31/Feb/2026:00:00:01 +0000',
  '00/Jan/2026:00:00:01 +0000',
  '32/Jan/2026:00:00:01 +0000',
  '25/Jun/0000:00:00:01 +0000',
  '25/Jun/0099:00:00:01 +0000',
  '25/Jun/1969:00:00:01 +0000',
  '25/Jun/9999:00:00:01 +0000',
  '25/Jun/2262:00:00:01 +0000',
  '25/Jum/2026:00:00:01 +0000',
  '25/Jun/2026:24:00:01 +0000',
  '25/Jun/2026:00:60:01 +0000',
  '25/Jun/2026:00:00:61 +0000',
  '25/Jun/2026:00:00:01 +9999',
  '25/Jun/20260:00:00:01 +0000',
  '-25/Jun/2026:00:00:01 +0000',
  '2026-06-25T00:00:01Z',
  '',
]
const statuses = ['', '-', '20', '2000', '-200', '+200', '2e2', '0x200', '200.0', '9'.repeat(400)]

/** Right but for one value that cannot be: a time or a status. */
function anyImpossible(random: Random, id: string): string {
  const [time, status] = random.chance(0.5)
    ? [random.pick(times), '200']
    : ['25/Jun/2026:00:00:01 +0000', random.pick(statuses)]
  return `203.0.113.8 - - [${time}] "POST /api/workflows/${id}/invocations HTTP/1.1" ${status} 12 "-" "SERIAL"`
}
