// nginx's predefined `combined` format, and one with two variables more, written as nginx writes them.

export type AccessLine = {
  remoteAddress: string
  remoteUser: string
  /** End of the request, microseconds since 1970. The line keeps the second only. */
  endMicros: number
  /** The request line: method, target, protocol. */
  request: string
  status: number
  bodyBytes: number
  referer: string
  userAgent: string | Buffer
  /** Only the longer format shows these two. */
  durationMicros: number
  host: string
}

const months = ['Jan', 'Feb', 'Mar', 'Apr', 'May', 'Jun', 'Jul', 'Aug', 'Sep', 'Oct', 'Nov', 'Dec']

/** `$time_local` in UTC, without its brackets. */
export function localTime(micros: number): string {
  const [date, time] = new Date(Math.floor(micros / 1_000_000) * 1000).toISOString().slice(0, 19).split('T') as [
    string,
    string,
  ]
  const [year, month, day] = date.split('-') as [string, string, string]
  return `${day}/${months[Number(month) - 1]}/${year}:${time} +0000`
}

/** A variable with nginx's `escape=default`: quotes, backslashes, control bytes and all above 0x7e as `\xHH`. */
export function escaped(value: string | Buffer): string {
  if (value.length === 0) return '-'
  return Buffer.from(value as string)
    .toString('latin1')
    .replace(/["\\\x00-\x1f\x7f-\xff]/g, (character) => {
      const digits = character.charCodeAt(0).toString(16).toUpperCase()
      return `\\x${digits.padStart(2, '0')}`
    })
}

/** The line's bytes, without a newline at the end. */
export function formatLine(line: AccessLine, format: 'combined' | 'timed'): Buffer {
  const before = `${line.remoteAddress} - ${escaped(line.remoteUser)} [${localTime(line.endMicros)}]`
  const text = `${before} "${escaped(line.request)}" ${line.status} ${line.bodyBytes} "${escaped(line.referer)}" `
  // A raw user agent goes in as it is: other writers than nginx don't escape.
  const agent = Buffer.isBuffer(line.userAgent) ? line.userAgent : Buffer.from(escaped(line.userAgent), 'latin1')
  const seconds = (Math.floor(line.durationMicros / 1000) / 1000).toFixed(3)
  const end = format === 'timed' ? `" ${seconds} ${escaped(line.host)}` : '"'
  return Buffer.concat([Buffer.from(`${text}"`, 'latin1'), agent, Buffer.from(end)])
}
