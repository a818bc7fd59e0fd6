// Maintenance windows against Python's datetime and zoneinfo, which know nothing of our library or of V8's zones.
import { execFileSync } from 'node:child_process'
import fc from 'fast-check'
import t from 'tap'
import { maintenanceAt } from '../../src/events/maintenance.ts'
import { maintenanceWindow } from '../../src/events/maintenance_window.ts'
import { needs, programPath } from '../services/needed.ts'

/** With their hours ahead of UTC, about. */
const zones = {
  UTC: 0,
  'Europe/Berlin': 1,
  'America/New_York': -5,
  'Australia/Lord_Howe': 10.5,
  'Asia/Kolkata': 5.5,
  'America/Santiago': -3,
}
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

/** Clocks change early in the morning. */
const minute = fc.oneof(fc.integer({ min: 0, max: 1439 }), fc.integer({ min: 0, max: 240 }))
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
  zone: fc.constantFrom(...(Object.keys(zones) as (keyof typeof zones)[])),
  date,
  from: minute,
  minutes: fc.oneof(fc.integer({ min: 1, max: 300 }), fc.integer({ min: 1, max: 3 * 1440 })),
  isByEnd: fc.boolean(),
  repeat: fc.constantFrom('none', 'daily', 'weekly', 'monthly'),
  days: fc.uniqueArray(fc.constantFrom(...weekdays), { minLength: 1 }),
  hasDays: fc.boolean(),
  /** From its start, or from its end. */
  isFromEnd: fc.boolean(),
  afterMs: fc.oneof(
    fc.integer({ min: -2 * hourMs, max: 2 * hourMs }),
    fc.integer({ min: -2 * 24 * hourMs, max: 4 * 24 * hourMs }),
    fc.integer({ min: 0, max: 200 * 24 }).map((hours) => hours * hourMs),
  ),
})

t.test('a window holds the instants that Python says it holds', needs('python3'), async (t) => {
  const cases = fc
    .sample(shape, { numRuns: 2000, seed: Number(process.env['PROPERTY_SEED'] ?? Date.now() % 1e9) })
    .map((it) => {
      const start = wall(it.date, it.from)
      const length = it.isByEnd ? { end: wall(it.date, it.from + it.minutes) } : { duration_minutes: it.minutes }
      const days = it.repeat === 'weekly' && it.hasDays ? { days: it.days } : {}
      const window = { name: 'w', zone: it.zone, start, ...length, repeat: it.repeat, ...days }
      const fromMs =
        Date.parse(`${wall(it.date, it.from + (it.isFromEnd ? it.minutes : 0))}Z`) - zones[it.zone] * hourMs
      return [window, fromMs + it.afterMs] as const
    })
  const input = JSON.stringify(cases)
  const expected = JSON.parse(
    execFileSync(programPath('python3'), ['-c', oracle], { input, encoding: 'utf8' }),
  ) as boolean[]
  const inside = expected.filter(Boolean).length
  t.ok(inside > 200 && inside < 1800, `both answers come up: ${inside} of 2000 are inside`)
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

t.test('when the clocks of Berlin change', async (t) => {
  const inside = (settings: object, at: string) => {
    const window = maintenanceWindow.parse({ name: 'w', zone: 'Europe/Berlin', ...settings })
    return maintenanceAt([window], Date.parse(at)) !== null
  }
  const cases: [settings: object, inside: string[], outside: string[]][] = [
    // 02:30 comes twice on the 25th of October, at 00:30Z and at 01:30Z.
    [{ start: '2026-10-24T22:00', end: '2026-10-25T02:30' }, ['2026-10-25T01:29:59Z'], ['2026-10-25T01:30:00Z']],
    [{ start: '2026-10-25T02:30', duration_minutes: 10 }, ['2026-10-25T00:30:00Z'], ['2026-10-25T01:30:00Z']],
    // There is no 02:30 on the 29th of March: it is 03:30, at 01:30Z.
    [{ start: '2026-03-29T02:30', duration_minutes: 10 }, ['2026-03-29T01:30:00Z'], ['2026-03-29T00:30:00Z']],
    [
      { start: '2026-03-01T22:00', end: '2026-03-01T23:00', repeat: 'daily' },
      ['2026-03-28T21:00:00Z', '2026-03-29T20:00:00Z'],
      ['2026-03-28T20:59:59Z', '2026-03-29T21:00:00Z', '2026-02-28T21:00:00Z'],
    ],
    [
      { start: '2026-01-31T00:00', duration_minutes: 60, repeat: 'monthly' },
      ['2026-03-30T22:30:00Z'],
      ['2026-02-27T23:30:00Z'],
    ],
  ]
  for (const [settings, within, without] of cases) {
    for (const at of within) t.ok(inside(settings, at), `${JSON.stringify(settings)} holds ${at}`)
    for (const at of without) t.notOk(inside(settings, at), `${JSON.stringify(settings)} does not hold ${at}`)
  }
})
