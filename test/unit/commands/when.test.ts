// Dates and instants as `--since` and `--until` take them: UTC unless they say otherwise.
import t from 'tap'
import { Misconfigured } from '../../../src/base/errors.ts'
import { parseWhen } from '../../../src/commands/when.ts'

t.test('dates and instants', async (t) => {
  const noon = Date.UTC(2026, 5, 25, 12)
  const cases: Record<string, number> = {
    '2026-06-25': Date.UTC(2026, 5, 25),
    '2026-06-25Z': Date.UTC(2026, 5, 25),
    '2026-06-25T12:00': noon,
    '2026-06-25T12:00Z': noon,
    '2026-06-25 12:00': noon,
    '2026-06-25 12:00:00': noon,
    '2026-06-25T12:00:00Z': noon,
    '2026-06-25t12:00:00z': noon,
    '2026-06-25T22:00:00+10:00': noon,
    '2026-06-25T22:00:00+1000': noon,
    '2026-06-25T07:30-0430': noon,
    '2026-06-25T12:00:00.250Z': noon + 250,
    '2028-02-29': Date.UTC(2028, 1, 29),
    '2026-06-25+10:00': Date.UTC(2026, 5, 24, 14),
  }
  for (const [text, timeMs] of Object.entries(cases)) t.equal(parseWhen(text, 'since'), timeMs, text)
})

t.test('everything else is refused with the option and a remedy', async (t) => {
  const texts = [
    '',
    'yesterday',
    '2026',
    '2026-06',
    '25/06/2026',
    '2026-13-01',
    '2026-02-31',
    '2027-02-29',
    '2026-00-10',
  ]
  const more = ['2026-06-25T25:00', '2026-06-25T12', '2026-06-25T12:61', '1782345600', '2026-06-25T12:00:00+99:00']
  for (const text of [...texts, ...more, ' 2026-06-25', '2026-06-25 ', '2026-6-5', '2026-06-25T12:00 UTC']) {
    t.throws(() => parseWhen(text, 'until'), Misconfigured, text)
    t.throws(() => parseWhen(text, 'until'), { message: `--until ${text}: is no date or instant. Write it as` }, text)
  }
})
