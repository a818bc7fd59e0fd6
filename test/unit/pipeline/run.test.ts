// What is under way at once, in which order, and what becomes of it when something fails or a stop is asked for.
import t from 'tap'
import { run } from '../../../src/pipeline/run.ts'

/** A pipeline of batches 1, 2, 3 … of which each write is held until it is let go. */
function held(batches: number, readsAhead: boolean) {
  const did: string[] = []
  const asked = new AbortController()
  const writes: PromiseWithResolvers<[]>[] = []
  let changed = Promise.withResolvers<void>()
  const note = (what: string) => {
    did.push(what)
    changed.resolve()
    changed = Promise.withResolvers()
  }
  let last = 0
  const ended = run<number, number, number>({
    source: {
      async pull() {
        if (asked.signal.aborted || last === batches) return null
        note(`pull ${++last}`)
        return { entries: [last] }
      },
      remember: () => note('remember'),
      close: async () => note('close source'),
    },
    transforms: [
      { apply: (entries) => entries },
      {
        apply(entries) {
          note(`transform ${entries}`)
          return entries
        },
      },
    ],
    sink: {
      write(entries) {
        const written = Promise.withResolvers<[]>()
        writes.push(written)
        note(`write ${entries}`)
        return written.promise
      },
      close: async () => note('close sink'),
    },
    stop: { asked: asked.signal, now: new AbortController().signal },
    patience: { patienceMs: 0 },
    readsAhead,
  })
  ended.catch(() => {})
  const until = async (what: string) => {
    while (!did.includes(what)) await changed.promise
  }
  return { did, asked, writes, ended, until }
}

/** Whatever could go on by itself has done so. */
const settled = () => new Promise((resolve) => setImmediate(resolve))

t.test('one batch after the other', async (t) => {
  const { did, writes, ended, until } = held(2, false)
  await until('write 1')
  await settled()
  t.same(did, ['pull 1', 'transform 1', 'write 1'])
  writes[0]!.resolve([])
  await until('write 2')
  t.same(did.slice(3), ['remember', 'pull 2', 'transform 2', 'write 2'])
  writes[1]!.resolve([])
  t.equal(await ended, true)
  t.same(did.slice(7), ['remember', 'close source', 'close sink'])
})

t.test('reading ahead: the next batch is made ready while one is written, and no more', async (t) => {
  const { did, writes, ended, until } = held(3, true)
  await until('transform 2')
  await settled()
  t.same(did, ['pull 1', 'transform 1', 'write 1', 'pull 2', 'transform 2'])
  writes[0]!.resolve([])
  await until('transform 3')
  await settled()
  t.same(did.slice(5), ['remember', 'write 2', 'pull 3', 'transform 3'], 'one is written at a time, in order')
  writes[1]!.resolve([])
  await until('write 3')
  await settled()
  t.notOk(did.includes('close sink'), 'the end waits for the last write')
  writes[2]!.resolve([])
  t.equal(await ended, true)
  t.same(did.slice(-3), ['remember', 'close source', 'close sink'])
})

t.test('reading ahead: a write that fails ends it, and what was made ready is not written', async (t) => {
  const { did, writes, ended, until } = held(3, true)
  await until('transform 2')
  writes[0]!.reject(new Error('our fault'))
  await t.rejects(ended, { message: 'our fault' })
  t.notOk(did.includes('remember'))
  t.notOk(did.includes('write 2'))
  t.same(did.slice(-2), ['close source', 'close sink'])
})

t.test('reading ahead: asked to stop, it finishes both batches', async (t) => {
  const { did, asked, writes, ended, until } = held(3, true)
  await until('transform 2')
  asked.abort()
  writes[0]!.resolve([])
  await until('write 2')
  writes[1]!.resolve([])
  t.equal(await ended, false)
  t.same(did.slice(-4), ['write 2', 'remember', 'close source', 'close sink'])
})
