// The times that Galaxy's database is asked about: few, and never less than what was to be asked.
import fc from 'fast-check'
import t from 'tap'
import { joinedUp, type Window } from '../../../src/galaxy/windows.ts'

const minuteMs = 60_000

t.test('windows of one id that overlap or lie near are one, whatever their order', async (t) => {
  const windows: Window[] = [
    { id: 7, fromMs: 100 * minuteMs, toMs: 110 * minuteMs },
    { id: 7, fromMs: 0, toMs: 10 * minuteMs },
    { id: 7, fromMs: 5 * minuteMs, toMs: 6 * minuteMs },
    { id: 7, fromMs: 40 * minuteMs, toMs: 50 * minuteMs },
    { id: 8, fromMs: 0, toMs: 10 * minuteMs },
    { id: 7, fromMs: 171 * minuteMs, toMs: 172 * minuteMs },
  ]
  const asked = structuredClone(windows)
  t.same(joinedUp(windows), [
    { id: 7, fromMs: 0, toMs: 110 * minuteMs },
    { id: 7, fromMs: 171 * minuteMs, toMs: 172 * minuteMs },
    { id: 8, fromMs: 0, toMs: 10 * minuteMs },
  ])
  t.same(windows, asked, 'those given are left as they were')
})

t.test('what was asked is in exactly one of them, and no two of one id meet', async (t) => {
  const window = fc
    .record({ id: fc.integer({ min: 1, max: 3 }), fromMs: fc.integer({ min: 0, max: 3e7 }), lengthMs: fc.nat(2e6) })
    .map(({ id, fromMs, lengthMs }) => ({ id, fromMs, toMs: fromMs + lengthMs }))
  fc.assert(
    fc.property(fc.array(window, { maxLength: 60 }), (windows) => {
      const joined = joinedUp(windows)
      for (const { id, fromMs, toMs } of windows)
        if (joined.filter((it) => it.id === id && it.fromMs <= fromMs && toMs <= it.toMs).length !== 1) return false
      return joined.every((one) =>
        joined.every(
          (other) => one === other || one.id !== other.id || one.toMs < other.fromMs || other.toMs < one.fromMs,
        ),
      )
    }),
  )
  t.pass()
})
