import { Temporal } from 'temporal-polyfill'
import { type MaintenanceWindow, weekdays } from './maintenance_window.ts'

/** The first of the windows that holds the instant, ms since 1970; `null` where none does. Its end is no part of it. */
export function maintenanceAt(windows: MaintenanceWindow[], instantMs: number): MaintenanceWindow | null {
  return windows.find((window) => isWithin(window, instantMs)) ?? null
}

/**
 * Each repetition is found anew from the calendar, so that 22:00 stays 22:00 when the clocks change. A start that the
 * clock skips is as much later as it skips; one that it shows twice is the first, and an end the second.
 */
function isWithin(window: MaintenanceWindow, instantMs: number): boolean {
  const start = Temporal.PlainDateTime.from(window.start)
  const first = start.toPlainDate()
  const today = Temporal.Instant.fromEpochMilliseconds(instantMs).toZonedDateTimeISO(window.zone).toPlainDate()
  if (window.repeat === 'none') return holds(window, start, first, instantMs)
  // The clocks may take a repetition into the day after its last one.
  for (let daysAgo = 0; daysAgo <= daysOf(window) + 1; daysAgo++) {
    const day = today.subtract({ days: daysAgo })
    if (Temporal.PlainDate.compare(day, first) < 0) return false
    if (isDayOf(window, first, day) && holds(window, start, day, instantMs)) return true
  }
  return false
}

function isDayOf({ repeat, days }: MaintenanceWindow, first: Temporal.PlainDate, day: Temporal.PlainDate): boolean {
  if (repeat === 'monthly') return day.day === first.day
  if (repeat === 'weekly') return (days ?? [weekdays[first.dayOfWeek - 1]]).includes(weekdays[day.dayOfWeek - 1]!)
  return true
}

/** Whether the repetition that begins on `day` holds the instant. */
function holds(window: MaintenanceWindow, start: Temporal.PlainDateTime, day: Temporal.PlainDate, instantMs: number) {
  const { zone, end, duration_minutes: minutes } = window
  const from = day.toPlainDateTime(start.toPlainTime()).toZonedDateTime(zone)
  if (instantMs < from.epochMilliseconds) return false
  if (end === undefined) return instantMs < from.add({ minutes: minutes! }).epochMilliseconds
  const last = Temporal.PlainDateTime.from(end)
  const later = start.toPlainDate().until(last.toPlainDate()).days
  const wall = day.add({ days: later }).toPlainDateTime(last.toPlainTime())
  return instantMs < wall.toZonedDateTime(zone, { disambiguation: 'later' }).epochMilliseconds
}

/** How many days after the day it began on it may still last. */
function daysOf({ start, end, duration_minutes: minutes }: MaintenanceWindow): number {
  if (end === undefined) return Math.ceil(minutes! / 1440)
  return Temporal.PlainDate.from(start).until(Temporal.PlainDate.from(end)).days
}
