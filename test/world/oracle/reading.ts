// What a line of the log says, read by a rule as plain as can be. Slow, and that is fine here.
import type { Settings } from '../settings.ts'

export type Reading =
  | { kind: 'malformed' }
  | { kind: 'other' }
  | {
      kind: 'request'
      second: number
      status: number
      referer: string
      /** The next two only where the format has them. */
      host: string | undefined
      durationMicros: number | undefined
      segment: string
      isRevision: boolean
    }

const mebibyte = 1_048_576
const months = ['Jan', 'Feb', 'Mar', 'Apr', 'May', 'Jun', 'Jul', 'Aug', 'Sep', 'Oct', 'Nov', 'Dec']

// Neither user nor request nor Referer can hold a bare quote: nginx writes it as \x22. So the first quote opens the
// request, and what stands before it in brackets is the time, whatever brackets the user's name has.
const combined =
  /^[^ "]+ - [^"]* \[(\d\d)\/(\w{3})\/(\d{4}):(\d\d):(\d\d):(\d\d) ([+-])(\d\d)(\d\d)\] "([^"]*)" (\d{3}) (?:\d+|-) "([^"]*)" "[^"]*"/
const shapes = {
  combined: new RegExp(`${combined.source}$`),
  timed: new RegExp(`${combined.source} (\\d+)\\.(\\d{3}) (\\S+)$`),
}

/** Contract, section 4: a request is a POST whose path, less prefix and query, is one of two. */
export function readLine(bytes: Buffer, { urlPrefix, logFormat }: Settings): Reading {
  if (bytes.length > mebibyte) return { kind: 'malformed' }
  const text = bytes.toString('latin1')
  const match = shapes[logFormat].exec(text)
  const second = match ? secondOf(match.slice(1, 10)) : undefined
  // Contract open: which other bytes count as malformed. Fixed: those that hold the text of such a request.
  if (!match || second === undefined) return { kind: /POST \S*\/api\/workflows\//.test(text) ? 'malformed' : 'other' }
  const [request, status, referer, seconds, millis, host] = match.slice(10) as [string, string, string, ...string[]]
  const [method, target = '', ...rest] = request.split(' ')
  if (method !== 'POST' || rest.length !== 1) return { kind: 'other' }
  const [path, query = ''] = splitOnce(target, '?')
  // Contract open: whether a path without the prefix is one, where a prefix is configured. Taken as: it is not.
  if (!path.startsWith(urlPrefix)) return { kind: 'other' }
  const segment = /^\/api\/workflows\/([^/]+)\/(?:invocations|usage)\/?$/.exec(path.slice(urlPrefix.length))?.[1]
  if (segment === undefined) return { kind: 'other' }
  return {
    kind: 'request',
    second,
    status: Number(status),
    referer: unescaped(referer),
    host,
    durationMicros: seconds === undefined ? undefined : Number(`${seconds}${millis}000`),
    segment,
    isRevision: /^(?:true|yes|on|1)$/i.test(new URLSearchParams(query).get('instance') ?? ''),
  }
}

function secondOf([day, month, year, hour, minute, second, sign, zoneHours, zoneMinutes]: string[]) {
  const index = months.indexOf(month as string)
  if (index < 0) return undefined
  const utc = Date.UTC(Number(year), index, Number(day), Number(hour), Number(minute), Number(second)) / 1000
  const ahead = (Number(zoneHours) * 60 + Number(zoneMinutes)) * 60
  return sign === '-' ? utc + ahead : utc - ahead
}

function splitOnce(text: string, separator: string): [string, string?] {
  const at = text.indexOf(separator)
  return at < 0 ? [text] : [text.slice(0, at), text.slice(at + 1)]
}

/** Undoes nginx's `\xHH`, of which several can make one character of UTF-8. */
function unescaped(text: string): string {
  const bytes = text.replace(/\\x([0-9A-Fa-f]{2})/g, (_, digits) => String.fromCharCode(Number.parseInt(digits, 16)))
  return Buffer.from(bytes, 'latin1').toString('utf8')
}
