/** The variables that tell when a request ended, with their shapes. */
export const timeVariables = {
  msec: '\\d+\\.\\d{3}',
  time_iso8601: '\\d{4}-\\d\\d-\\d\\dT\\d\\d:\\d\\d:\\d\\d(?:[+-]\\d\\d:\\d\\d|Z)',
  time_local: '\\d\\d/[A-Z][a-z]{2}/\\d{4}:\\d\\d:\\d\\d:\\d\\d [+-]\\d{4}',
}

const months = new Map(
  ['Jan', 'Feb', 'Mar', 'Apr', 'May', 'Jun', 'Jul', 'Aug', 'Sep', 'Oct', 'Nov', 'Dec'].map((name, index) => [
    name,
    index,
  ]),
)

/** The instant in ms since 1970, from the most exact of the values given; `null` where it is none that there is. */
export function parseTimes(values: Map<string, string>): number | null {
  const msec = values.get('msec')
  if (msec !== undefined) return Math.round(Number(msec) * 1000)
  const iso = values.get('time_iso8601')
  if (iso !== undefined) {
    const timeMs = Date.parse(iso)
    return Number.isNaN(timeMs) ? null : timeMs
  }
  return parseTimeLocal(values.get('time_local') ?? '')
}

/** `25/Jun/2026:00:06:54 +1000` to ms since 1970. */
function parseTimeLocal(text: string): number | null {
  const month = months.get(text.slice(3, 6))
  const [day, year, hour, minute, second] = [
    [0, 2],
    [7, 11],
    [12, 14],
    [15, 17],
    [18, 20],
  ].map(([from, to]) => Number(text.slice(from, to))) as [number, number, number, number, number]
  if (month === undefined || day < 1 || day > 31 || hour > 23 || minute > 59 || second > 60) return null
  const offsetMinutes = Number(text.slice(22, 24)) * 60 + Number(text.slice(24, 26))
  const sign = text[21] === '-' ? -1 : 1
  return Date.UTC(year, month, day, hour, minute, second) - sign * offsetMinutes * 60_000
}
