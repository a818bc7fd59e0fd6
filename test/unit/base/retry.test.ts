// Waiting for what is out of reach: how often, how long, and what is said.
import t from 'tap'
import { Refused, Stopped, Unavailable } from '../../../src/base/errors.ts'
import { delayMs, pause, untilAvailable } from '../../../src/base/retry.ts'

const trouble = { what: 'InfluxDB', where: 'http://127.0.0.1:1', cause: 'down' }
const never = new AbortController().signal
const forever = Number.POSITIVE_INFINITY

/** Fails so many times, then answers. */
function answersAfter(failures: number) {
  const calls = { count: 0 }
  const ask = async () => {
    if (calls.count++ < failures) throw new Unavailable(trouble)
    return 'answer'
  }
  return { calls, ask }
}

t.test('delays double from 0.2 to 10 s, less up to a half by chance', async (t) => {
  t.same(
    [0, 1, 2, 3, 4, 5, 6, 7, 50].map((attempt) => delayMs(attempt, 0)),
    [200, 400, 800, 1600, 3200, 6400, 10_000, 10_000, 10_000],
  )
  t.equal(delayMs(0, 1), 100)
  t.equal(delayMs(2000, 0), 10_000)
  for (let index = 0; index < 100; index++) {
    const delay = delayMs(3)
    if (delay < 800 || delay > 1600) t.fail(`${delay} ms`)
  }
})

t.test('asks until there is an answer, and tells what is waited for and when it is over', async (t) => {
  const { calls, ask } = answersAfter(2)
  const waits: (string | null)[] = []
  const answer = await untilAvailable(ask, { patienceMs: forever, signal: never, onWait: (what) => waits.push(what) })
  t.equal(answer, 'answer')
  t.equal(calls.count, 3)
  t.same(waits, ['InfluxDB', 'InfluxDB', null])
})

t.test('an answer at once tells nothing', async (t) => {
  const waits: unknown[] = []
  await untilAvailable(answersAfter(0).ask, { patienceMs: 0, signal: never, onWait: (what) => waits.push(what) })
  t.same(waits, [])
})

t.test('says the cause once, and again when it is another', async (t) => {
  const causes = ['connection refused', 'connection refused', 'HTTP 401', 'HTTP 401']
  const written = t.capture(process.stderr, 'write', () => true)
  const ask = async () => {
    const cause = causes.shift()
    if (cause !== undefined) throw new Unavailable({ ...trouble, cause })
  }
  await untilAvailable(ask, { patienceMs: forever, signal: never })
  written.restore()
  const said = written().map(({ args: [line] }) => /cause="?([\w ]+)/.exec(String(line))?.[1])
  t.same(said, ['connection refused', 'HTTP 401', undefined])
})

t.test('gives up when patience is at its end, with the last reason', async (t) => {
  const { calls, ask } = answersAfter(forever)
  await t.rejects(untilAvailable(ask, { patienceMs: 250, signal: never }), trouble.cause)
  t.ok(calls.count >= 2, 'it was asked again')
  const once = answersAfter(forever)
  await t.rejects(untilAvailable(once.ask, { patienceMs: 0, signal: never }), Unavailable)
  t.equal(once.calls.count, 1, 'without any patience it is asked once')
})

t.test('what waiting cannot mend goes through at once', async (t) => {
  for (const error of [new Refused(trouble), new TypeError('a fault of ours')]) {
    let calls = 0
    const ask = async () => {
      calls++
      throw error
    }
    await t.rejects(untilAvailable(ask, { patienceMs: forever, signal: never }), error)
    t.equal(calls, 1)
  }
})

t.test('a stop ends the waiting', async (t) => {
  const stop = new AbortController()
  const waiting = untilAvailable(answersAfter(forever).ask, {
    patienceMs: forever,
    signal: stop.signal,
    onWait: () => stop.abort(),
  })
  await t.rejects(waiting, Stopped)
  await t.rejects(pause(60_000, AbortSignal.abort()), Stopped)
})

t.test('an answer that comes while a stop is asked for is kept', async (t) => {
  t.equal(await untilAvailable(async () => 'answer', { patienceMs: 0, signal: AbortSignal.abort() }), 'answer')
})
