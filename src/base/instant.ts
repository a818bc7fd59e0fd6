const shape = /^(\d{4}-\d\d-\d\d)(?:[T ](\d\d:\d\d(?::\d\d(?:\.\d+)?)?))?(Z|[+-]\d\d:?\d\d)?$/i

/**
 * A date or an instant to ms since 1970; UTC unless it says otherwise. `2026-06-25`, `2026-06-25T10:00`,
 * `2026-06-25 10:00:00+10:00`. `null` where it is neither.
 */
export function instantMs(text: string): number | null {
  const [, date, time = '00:00', zone = 'Z'] = shape.exec(text) ?? []
  const normal =
    zone.toUpperCase() === 'Z' || zone.includes(':') ? zone.toUpperCase() : `${zone.slice(0, 3)}:${zone.slice(3)}`
  const timeMs = Date.parse(`${date}T${time}${normal}`)
  // Date.parse takes the 31st of February for a day in March.
  const isDay = !Number.isNaN(timeMs) && new Date(`${date}T00:00Z`).toISOString().startsWith(date ?? '')
  return isDay ? timeMs : null
}

/** Seconds since 1970 as an instant, to the second: `2026-06-25T10:00:00Z`. */
export function instantText(second: number): string {
  return `${new Date(second * 1000).toISOString().slice(0, 19)}Z`
}
