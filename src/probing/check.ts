import { isIP } from 'node:net'
import * as z from 'zod'
import { maintenanceWindow } from '../events/maintenance_window.ts'

const whole = (least: number, most: number) =>
  z.int('expected a whole number').min(least, `must be ${least} or more`).max(most, `must be ${most} or less`)
const text = (what: string, most = 2000) => z.string(`expected ${what}`).max(most, `must be ${most} characters or less`)
const yesOrNo = z.boolean('expected true or false')

export const nameShape = 'a name is up to 100 letters, digits, dots, _ and -'

/** What a check may be called. */
export const checkName = z.string('expected a name').regex(/^[A-Za-z0-9][\w.-]{0,99}$/, nameShape)

const hostName = /^(?!-)[A-Za-z0-9_.-]{1,253}$/
const host = text('a host').refine(
  (value) => hostName.test(value) || isIP(value) !== 0,
  'expected a host name or an address, without scheme and port',
)
export const hostAndPort = text('a host and a port').refine(
  (value) => placeOf(value) !== null,
  'expected a host and a port, such as galaxy.example.org:5432 or [2001:db8::1]:22',
)
const webAddress = text('an address').refine(
  (value) => /^https?:\/\//i.test(value) && URL.canParse(value),
  'expected an address that begins with http:// or https://',
)

/** `HOST:PORT` in its parts, an IPv6 address in brackets; `null` where it is none. */
export function placeOf(text: string): { host: string; port: number } | null {
  const [, bracketed, plain, digits = ''] = /^(?:\[([\da-f:.]+)\]|([^:[\]]+)):(\d{1,5})$/i.exec(text) ?? []
  const [found, port] = [bracketed ?? plain, Number(digits)]
  if (found === undefined || port < 1 || port > 65_535) return null
  return isIP(found) !== 0 || (bracketed === undefined && hostName.test(found)) ? { host: found, port } : null
}

/** What every check has. */
const common = {
  interval_seconds: whole(1, 86_400).default(60).describe('How often it is made.'),
  timeout_seconds: whole(1, 300).default(10).describe('How long one try may take, everything included.'),
  retries: whole(0, 10)
    .default(1)
    .describe('How often a failed try is repeated, a second later each time, before the result is a failure.'),
  failures: whole(1, 100).default(2).describe('How many failed results in a row make its state `down`.'),
  successes: whole(1, 100).default(1).describe('How many good results in a row make it `up` again.'),
  report: z
    .enum(['always', 'change', 'failure'], 'expected always, change or failure')
    .default('always')
    .describe('What is sent: every result; each change of state; or failures and the first good result after them.'),
  heartbeat_intervals: whole(1, 10_000)
    .default(10)
    .describe(
      'With `change` and `failure`: after so many intervals a result is sent all the same, so that silence can be told from health.',
    ),
  maintenance: z
    .array(maintenanceWindow, 'expected a list of windows')
    .max(50, 'must be 50 windows or less')
    .default([])
    .describe('When failures are expected: results carry `maintenance: true` and count as no failure.'),
}

const httpHeaders = z
  .record(
    z.string().regex(/^[!#$%&'*+.^_`|~0-9A-Za-z-]+$/, 'expected the name of a header'),
    text('a text').regex(/^[\t\x20-\x7e\x80-\xff]*$/, 'a header has no line breaks'),
    'expected a section of headers',
  )
  .default({})
  .describe('Sent to the host of `target` alone, and told to nobody. Secret ones are best kept in `secrets_file`.')

const ping = z
  .strictObject({
    kind: z.literal('ping'),
    target: host.describe('A host or an address.').meta({ examples: ['galaxy.example.org'] }),
    ...common,
    count: whole(1, 20).default(3).describe('How many packets one try sends.'),
    loss_percent: whole(1, 100).default(100).describe('The loss from which on the try failed.'),
    family: z
      .enum(['any', 'ipv4', 'ipv6'], 'expected any, ipv4 or ipv6')
      .default('any')
      .describe('The family of the address that is pinged.'),
  })
  .describe('Whether a host answers ICMP echo, and how fast. Needs the program `ping` of the package iputils-ping.')

const tcp = z
  .strictObject({
    kind: z.literal('tcp'),
    target: hostAndPort.describe('Host and port.').meta({ examples: ['galaxy.example.org:22'] }),
    ...common,
  })
  .describe('Whether a port takes connections, and how fast.')

const http = z
  .strictObject({
    kind: z.literal('http'),
    target: webAddress.describe('The address.').meta({ examples: ['https://galaxy.example.org/'] }),
    ...common,
    method: z
      .enum(['GET', 'HEAD', 'POST', 'OPTIONS'], 'expected GET, HEAD, POST or OPTIONS')
      .default('GET')
      .describe('The method of the request.'),
    headers: httpHeaders,
    status: z
      .array(whole(100, 599), 'expected a list of statuses')
      .min(1, 'expected at least one status')
      .optional()
      .describe('The statuses that are good; left out, any from 200 to 299.')
      .meta({ examples: [[200, 401]] }),
    body_text: text('a text').optional().describe('A text that the body must hold.'),
    body_regex: text('a regular expression', 500)
      .refine(isRegex, 'expected a regular expression of JavaScript')
      .optional()
      .describe('A regular expression of JavaScript that the body must match; only its first 5 MiB are looked at.'),
    redirects: whole(0, 20).default(5).describe('How many redirects are followed.'),
    verify_ssl: yesOrNo.default(true).describe('Whether the certificate is verified.'),
    certificate_days: whole(0, 1000)
      .default(14)
      .describe('A certificate that is good for fewer days is a failure; 0: never.'),
    page: yesOrNo
      .default(false)
      .describe('Whether the images, scripts and style sheets that the page names are fetched, too.'),
  })
  .describe('What a web server answers, how fast, and how long its certificate is good.')

const nginx = z
  .strictObject({
    kind: z.literal('nginx'),
    target: webAddress
      .describe("The address of nginx's `stub_status`.")
      .meta({ examples: ['http://127.0.0.1/nginx_status'] }),
    ...common,
    headers: httpHeaders,
    verify_ssl: yesOrNo.default(true).describe('Whether the certificate is verified.'),
  })
  .describe("nginx's open connections, and the clients that it served in a minute.")

const localFile = (what: string) => z.string('expected a file').optional().describe(what)
const caFile = { ca_file: localFile('The CA that signed the certificate, where the system does not know that CA.') }

/** What is said where there is no such kind. */
export const byKind = {
  error: (issue: { code?: string | undefined }) =>
    issue.code === 'invalid_union' ? 'expected ping, tcp, http or nginx' : 'expected a section',
}

/** A check as the hub's API takes it and hands it out: it can name no file of the machine that makes it. */
export const assignedCheck = z.discriminatedUnion('kind', [ping, tcp, http, nginx], byKind)

/** A check as the configuration of a probe has it. */
export const check = z.discriminatedUnion(
  'kind',
  [
    ping,
    tcp,
    http.extend(caFile).describe(http.description!),
    nginx
      .extend({
        ...caFile,
        access_log: localFile(
          'Its access log, in the format of `nginx.log_format`: how many clients it served in the last whole minute is counted there. Only the number leaves this machine.',
        ),
      })
      .describe(nginx.description!),
  ],
  byKind,
)

export type Check = z.output<typeof check>
export type CheckOf<Kind extends Check['kind']> = Extract<Check, { kind: Kind }>

/** How a target is told: an address without user, password, query and fragment. */
export function shownTarget({ target }: Pick<Check, 'target'>): string {
  const url = /^https?:/i.test(target) ? URL.parse(target) : null
  return url === null ? target : `${url.origin}${url.pathname}`
}

function isRegex(source: string): boolean {
  try {
    new RegExp(source)
    return true
  } catch {
    return false
  }
}
