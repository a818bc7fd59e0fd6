// Maintenance windows against Python's datetime and zoneinfo, which know nothing of our library or of V8's zones.
import { execFileSync } from 'node:child_process'
import fc from 'fast-check'
import t from 'tap'
import { maintenanceAt } from '../../src/events/maintenance.ts'
import { maintenanceWindow } from '../../src/events/maintenance_window.ts'
import { needs, programPath } from '../services/needed.ts'

const zones = ['UTC', 'Europe/Berlin', 'America/New_York', 'Australia/Lord_Howe', 'Asia/Kolkata', 'America/Santiago']
const weekdays = ['mon', 'tue', 'wed', 'thu', 'fri', 'sat', 'sun'] as const
const hourMs = 3_600_000

/** Goes through every repetition there is, from the first day on. */
const oracle = `
import json, sys
from datetime import datetime, timedelta, timezone
from zoneinfo import ZoneInfo
names = ['mon', 'tue', 'wed', 'thu', 'fri', 'sat', 'sun']
def instants(wall, zone):
    return [wall.replace(tzinfo=zone, fold=fold).timestamp() for fold in (0, 1)]
def within(w, at):
    zone = ZoneInfo(w['zone'])
    first = datetime.fromisoformat(w['start'])
    days = w.get('days') or [names[first.weekday()]]
    day = first
    while True:
        is_day = {'none': day == first, 'daily': True, 'weekly': names[day.weekday()] in days, 'monthly': day.day == first.day}[w['repeat']]
        begin = instants(day, zone)[0]
        if begin > at + 3 * 86400: return False
        if is_day:
            if 'end' in w: end = max(instants(datetime.fromisoformat(w['end']) + (day - first), zone))
            else: end = begin + 60 * w['duration_minutes']
            if begin <= at < end: return True
        if w['repeat'] == 'none': return False
        day += timedelta(days=1)
print(json.dumps([within(w, at / 1000) for w, at in json.load(sys.stdin)]))
`

const minute = fc.integer({ min: 0, max: 1439 })
const wall = (date: string, minutes: number) =>
  new Date(Date.parse(`${date}T00:00Z`) + minutes * 60_000).toISOString().slice(0, 16)
/** Around the days on which clocks change somewhere, and the ends of months. */
const date = fc.constantFrom(
  '2026-03-07',
  '2026-03-28',
  '2026-04-04',
  '2026-10-03',
  '2026-10-24',
  '2026-10-31',
  '2026-01-31',
)

const shape = fc.record({
  zone: fc.constantFrom(...zones),
  date,
  from: minute,
  minutes: fc.oneof(fc.integer({ min: 1, max: 300 }), fc.integer({ min: 1, max: 3 * 1440 })),
  isByEnd: fc.boolean(),
  repeat: fc.constantFrom('none', 'daily', 'weekly', 'monthly'),
  days: fc.uniqueArray(fc.constantFrom(...weekdays), { minLength: 1 }),
  hasDays: fc.boolean(),
  afterMs: fc.oneof(
    fc.integer({ min: -2 * 24 * hourMs, max: 4 * 24 * hourMs }),
    fc.integer({ min: 0, max: 200 * 24 }).map((hours) => hours * hourMs),
  ),
})

t.test('a window holds the instants that Python says it holds', needs('python3'), async (t) => {
  const cases = fc
    .sample(shape, { numRuns: 4000, seed: Number(process.env['PROPERTY_SEED'] ?? Date.now() % 1e9) })
    .map((it) => {
      const start = wall(it.date, it.from)
      const length = it.isByEnd ? { end: wall(it.date, it.from + it.minutes) } : { duration_minutes: it.minutes }
      const days = it.repeat === 'weekly' && it.hasDays ? { days: it.days } : {}
      const window = { name: 'w', zone: it.zone, start, ...length, repeat: it.repeat, ...days }
      return [window, Date.parse(`${start}Z`) + it.afterMs] as const
    })
  const input = JSON.stringify(cases)
  const expected = JSON.parse(
    execFileSync(programPath('python3'), ['-c', oracle], { input, encoding: 'utf8' }),
  ) as boolean[]
  const inside = expected.filter(Boolean).length
  t.ok(inside > 400 && inside < 3600, `both answers come up: ${inside} of 4000 are inside`)
  const wrong = cases.filter(([window, at], index) => {
    return (maintenanceAt([maintenanceWindow.parse(window)], at) !== null) !== expected[index]
  })
  t.same(wrong.slice(0, 3), [])
})

t.test('a window that is none is refused with the reason', async (t) => {
  const good = { name: 'w', start: '2026-06-25T22:00' }
  const reasonsOf = (window: object) => maintenanceWindow.safeParse(window).error?.issues.map(({ message }) => message)
  t.equal(reasonsOf({ ...good, duration_minutes: 5 }), undefined)
  t.match(reasonsOf(good), [/either end or duration_minutes/])
  t.match(reasonsOf({ ...good, end: '2026-06-25T22:00' }), [/must come after start/])
  t.match(reasonsOf({ ...good, end: '2026-08-25T22:00' }), [/within 31 days/])
  t.match(reasonsOf({ ...good, duration_minutes: 5, zone: 'Europe/Nowhere' }), [/Europe\/Berlin/])
  t.match(reasonsOf({ ...good, duration_minutes: 5, start: '2026-02-30T22:00' }), [/expected a date and a time/])
  t.match(reasonsOf({ ...good, duration_minutes: 5, days: ['mon'] }), [/repeat: weekly/])
})
