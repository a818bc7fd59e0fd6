import * as z from 'zod'
import { instantMs } from '../base/instant.ts'

export const weekdays = ['mon', 'tue', 'wed', 'thu', 'fri', 'sat', 'sun'] as const
const longestDays = 31

const localTime = z
  .string('expected a date and a time in quotes, such as "2026-06-25T22:00"')
  .refine(isLocalTime, 'expected a date and a time without a zone, such as "2026-06-25T22:00"')

/** A time in which a failure is expected. Its times are those of the clock on the wall of its zone. */
export const maintenanceWindow = z
  .strictObject({
    name: z.string('expected a name').min(1).max(100).describe('What is told of it.'),
    zone: z
      .string('expected a time zone')
      .refine(isZone, 'expected a time zone of the IANA, such as Europe/Berlin')
      .default('UTC')
      .describe('The time zone of its times, by its IANA name.')
      .meta({ examples: ['Australia/Sydney'] }),
    start: localTime.describe('When it begins, or begins for the first time.').meta({ examples: ['2026-06-25T22:00'] }),
    end: localTime
      .optional()
      .describe('When it ends, or ends for the first time; instead of `duration_minutes`.')
      .meta({ examples: ['2026-06-26T02:00'] }),
    duration_minutes: z
      .int('expected a whole number')
      .min(1, 'must be 1 or more')
      .max(longestDays * 1440, `must be ${longestDays} days or less`)
      .optional()
      .describe('How long it is, whatever the clock on the wall does meanwhile.'),
    repeat: z
      .enum(['none', 'daily', 'weekly', 'monthly'], 'expected none, daily, weekly or monthly')
      .default('none')
      .describe('How often. `monthly` is the same day of each month that has it.'),
    days: z
      .array(z.enum(weekdays, `expected days such as mon: ${weekdays.join(', ')}`))
      .min(1, 'expected at least one day')
      .optional()
      .describe('With `weekly`: on which days; left out, on that of `start`.')
      .meta({ examples: [['tue', 'thu']] }),
  })
  .refine(({ end, duration_minutes }) => (end === undefined) !== (duration_minutes === undefined), {
    error: 'expected either end or duration_minutes',
    path: ['end'],
  })
  .refine(({ repeat, days }) => days === undefined || repeat === 'weekly', {
    error: 'days go with `repeat: weekly`',
    path: ['days'],
  })
  .refine(hasLength, { error: `must come after start, and within ${longestDays} days of it`, path: ['end'] })

export type MaintenanceWindow = z.output<typeof maintenanceWindow>

function hasLength({ start, end }: { start: string; end?: string | undefined }): boolean {
  if (end === undefined || !isLocalTime(start) || !isLocalTime(end)) return true
  // As if both were in UTC: it is their distance on the wall.
  const days = (instantMs(end)! - instantMs(start)!) / 86_400_000
  return days > 0 && days < longestDays
}

function isLocalTime(text: string): boolean {
  return /^\d{4}-\d\d-\d\d[T ]\d\d:\d\d(?::\d\d)?$/.test(text) && instantMs(text) !== null
}

function isZone(text: string): boolean {
  try {
    new Intl.DateTimeFormat('en', { timeZone: text })
    return true
  } catch {
    return false
  }
}
