/** The variables that tell when a request ended, with their shapes. */
export const timeVariables = {
  msec: '\\d{1,10}\\.\\d{3}',
  time_iso8601: '\\d{4}-\\d\\d-\\d\\dT\\d\\d:\\d\\d:\\d\\d(?:[+-]\\d\\d:\\d\\d|Z)',
  time_local: '\\d\\d/[A-Z][a-z]{2}/\\d{4}:\\d\\d:\\d\\d:\\d\\d [+-]\\d{4}',
}

const months = new Map(
  ['Jan', 'Feb', 'Mar', 'Apr', 'May', 'Jun', 'Jul', 'Aug', 'Sep', 'Oct', 'Nov', 'Dec'].map((name, index) => [
    name,
    index,
  ]),
)

/** The last whole second of which InfluxDB can hold every nanosecond (64 bits with a sign), in the year 2262. */
const lastSecond = 9_223_372_035

/**
 * The instant in ms since 1970, from the most exact of the values given; `null` where it is none that there is, or none
 * that a clock tells: before 1970, or so late that no point can have it.
 */
export function parseTimes(values: Map<string, string>): number | null {
  const timeMs = instantOf(values)
  return timeMs >= 0 && Math.floor(timeMs / 1000) <= lastSecond ? timeMs : null
}

/** NaN where it is none. */
function instantOf(values: Map<string, string>): number {
  const msec = values.get('msec')
  if (msec !== undefined) return Math.round(Number(msec) * 1000)
  const iso = values.get('time_iso8601')
  return iso === undefined ? parseTimeLocal(values.get('time_local') ?? '') : Date.parse(iso)
}

/** `25/Jun/2026:00:06:54 +1000` to ms since 1970, or NaN. */
function parseTimeLocal(text: string): number {
  const month = months.get(text.slice(3, 6))
  const numberAt = (from: number) => Number(text.slice(from, from + 2))
  const [day, hour, minute, second] = [numberAt(0), numberAt(12), numberAt(15), numberAt(18)]
  const [offsetHours, offsetMinutes] = [numberAt(22), numberAt(24)]
  const year = Number(text.slice(7, 11))
  if (month === undefined || year < 1970 || hour > 23 || minute > 59 || second > 60) return Number.NaN
  if (offsetHours > 23 || offsetMinutes > 59) return Number.NaN
  // Date takes the 31st of February for a day in March.
  if (new Date(Date.UTC(year, month, day)).getUTCDate() !== day) return Number.NaN
  const sign = text[21] === '-' ? -1 : 1
  return Date.UTC(year, month, day, hour, minute, second) - sign * (offsetHours * 60 + offsetMinutes) * 60_000
}
