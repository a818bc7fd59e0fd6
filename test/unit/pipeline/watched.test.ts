// A pipeline's parts tell how the work goes, and do the same as without.
import t from 'tap'
import { newCounters } from '../../../src/base/counters.ts'
import { Unavailable } from '../../../src/base/errors.ts'
import { Progress } from '../../../src/base/progress.ts'
import type { Batch } from '../../../src/pipeline/part.ts'
import { watchedSink, watchedSource } from '../../../src/pipeline/watched.ts'

const now = Date.parse('2026-06-25T04:12:00Z')
const outOfReach = new Unavailable({ what: 'it', where: 'there', cause: 'down' })

t.test('a source tells what it read', async (t) => {
  const counters = newCounters()
  const progress = new Progress(counters, () => now)
  const batches: (Batch<number> | null | Error)[] = [
    { entries: [now - 9000, now - 8000] },
    { entries: [] },
    null,
    outOfReach,
  ]
  const did: string[] = []
  const source = watchedSource<number>(
    {
      async pull() {
        counters.lines++
        const batch = batches.shift()!
        if (batch instanceof Error) throw batch
        return batch
      },
      remember: () => did.push('remember'),
      close: async () => {
        did.push('close')
      },
    },
    progress,
    (ms) => ms,
  )
  const { signal } = new AbortController()
  t.same(await source.pull(signal), { entries: [now - 9000, now - 8000] })
  t.equal(progress.report().lag_seconds, 9)
  source.remember()
  t.equal(progress.report().lag_seconds, 8)
  t.same(await source.pull(signal), { entries: [] })
  t.equal(await source.pull(signal), null)
  const { signs } = progress
  await t.rejects(source.pull(signal), outOfReach)
  t.equal(progress.signs, signs, 'a failure is no sign of life; waiting for the end of it is')
  await source.close()
  t.same(did, ['remember', 'close'])
})

t.test('a sink tells what was written, once it is', async (t) => {
  const progress = new Progress(newCounters(), () => now)
  const answers = [outOfReach, null]
  const sink = watchedSink<number>(
    {
      async write() {
        const answer = answers.shift()
        if (answer) throw answer
        return [{ entry: 1, cause: 'no' }]
      },
      close: async () => {},
    },
    progress,
  )
  await t.rejects(sink.write([1]), outOfReach)
  t.equal(progress.report().last_point, null)
  t.same(await sink.write([1, 2]), [{ entry: 1, cause: 'no' }], 'and what was refused')
  t.equal(progress.report().last_point, '2026-06-25T04:12:00Z')
  await sink.close()
})
