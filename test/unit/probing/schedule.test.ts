// When jobs are done, and how many at once.
import { setTimeout as sleep } from 'node:timers/promises'
import t from 'tap'
import { Schedule } from '../../../src/probing/schedule.ts'
import { until } from '../../behaviour/live.ts'

t.test('no job overlaps itself, and no more are at work than may be', async (t) => {
  const stop = new AbortController()
  const schedule = new Schedule(2, 'here', stop.signal)
  const runs = new Map<string, number>()
  const atWork = new Set<string>()
  let most = 0
  for (const name of ['a', 'b', 'c', 'd']) {
    const run = async () => {
      t.notOk(atWork.has(name), `${name} is not at work twice`)
      atWork.add(name)
      most = Math.max(most, atWork.size)
      await sleep(15)
      atWork.delete(name)
      runs.set(name, (runs.get(name) ?? 0) + 1)
    }
    schedule.start({ name, intervalMs: 10, run })
  }
  await until('all were done several times', () => runs.size === 4 && Math.min(...runs.values()) >= 3)
  stop.abort()
  await schedule.ended()
  t.equal(most, 2)
})

t.test('what was missed is not made up for', async (t) => {
  const stop = new AbortController()
  const schedule = new Schedule(1, 'here', stop.signal)
  const begun: number[] = []
  let isLong = true
  const run = async () => {
    begun.push(performance.now())
    // As if the machine had slept for many intervals.
    if (isLong) await sleep(500)
    isLong = false
  }
  schedule.start({ name: 'a', intervalMs: 100, run })
  await until('it was done some times more', () => begun.length >= 4)
  stop.abort()
  await schedule.ended()
  const [, second = 0, third = 0, fourth = 0] = begun
  t.ok(third - second > 40 && fourth - third > 40, `with an interval between them: ${begun.map(Math.round)}`)
})

t.test('a job that throws ends the program, and one that was stopped does not', async (t) => {
  const stop = new AbortController()
  const schedule = new Schedule(1, 'here', stop.signal)
  const never = (signal: AbortSignal) =>
    new Promise<void>((_, reject) => signal.addEventListener('abort', () => reject(signal.reason)))
  schedule.start({ name: 'a', intervalMs: 1, run: never })
  await sleep(20)
  await schedule.stop('a')
  schedule.start({ name: 'b', intervalMs: 1, run: async () => Promise.reject(new Error('our fault')) })
  await t.rejects(schedule.failed, { message: 'our fault' })
  stop.abort()
})
