// What results add up to, and which of them are told.
import t from 'tap'
import { Standing } from '../../../src/probing/standing.ts'

const policy = { failures: 2, successes: 2, heartbeat_intervals: 100, interval_seconds: 60 }

/** Results as letters: good, failed, unknown; in capitals within maintenance. Answers states, with `*` where told. */
function statesOf(results: string, report: 'always' | 'change' | 'failure', changes: object = {}): string {
  const standing = new Standing({ ...policy, report, ...changes })
  const verdicts = { g: 'good', f: 'failed', u: 'unknown' } as const
  const states = [...results].map((letter) => {
    const verdict = verdicts[letter.toLowerCase() as 'g']
    const { state, isReported } = standing.after(verdict, letter !== letter.toLowerCase())
    return state + (isReported ? '*' : '')
  })
  return states.join(' ')
}

t.test('a target is down after enough failures in a row, and up after enough good results', async (t) => {
  t.equal(statesOf('gfgffggf', 'always'), 'up* up* up* up* down* down* up* up*')
  t.equal(statesOf('ff', 'always'), 'unknown* down*', 'nothing is known at first')
})

t.test('change: the first result, each change, and a sign of life', async (t) => {
  t.equal(statesOf('ggfgffffggg', 'change'), 'up* up up up up down* down down down up* up')
  t.equal(statesOf('ggggggg', 'change', { heartbeat_intervals: 3 }), 'up* up up up* up up up*')
})

t.test('failure: what is not good, and the first good result after it', async (t) => {
  t.equal(statesOf('ggfggffgg', 'failure'), 'up* up up* up* up up* down* down* up')
  t.equal(statesOf('fgg', 'failure'), 'unknown* up* up')
})

t.test('in maintenance nothing counts as a failure', async (t) => {
  t.equal(statesOf('gFFFFg', 'change'), 'up* maintenance* maintenance maintenance maintenance up*')
  t.equal(statesOf('gFFFFf', 'failure'), 'up* maintenance maintenance maintenance maintenance up*')
  const standing = new Standing({ ...policy, report: 'always' })
  for (let count = 0; count < 5; count++) t.equal(standing.after('failed', true).consecutiveFailures, 0)
})

t.test('a network that is down says nothing about the target', async (t) => {
  t.equal(statesOf('gfuufg', 'always'), 'up* up* unknown* unknown* down* down*')
  t.equal(statesOf('guuug', 'change'), 'up* unknown* unknown unknown up*')
})

t.test('it tells within what time it is heard of again', async (t) => {
  t.equal(new Standing({ ...policy, report: 'always' }).nextWithinSeconds, 60)
  t.equal(new Standing({ ...policy, report: 'change', heartbeat_intervals: 5 }).nextWithinSeconds, 300)
})
