// Results that wait: on disk, within bounds, and in memory while the disk is full.
import { DatabaseSync } from 'node:sqlite'
import t from 'tap'
import { Spool } from '../../../src/probing/spool.ts'
import { temporaryFolder } from '../../services/temporary.ts'

const bounds = { resultsMax: 100, ageMaxMs: 10_000 }
const result = (id: string) => ({ id, event: `{"id":"${id}"}` })
const idsOf = (spool: Spool, nowMs = 0) => spool.take(1000, nowMs).map(({ id }) => id)

t.test('what was put is there after a restart, until it is removed', async (t) => {
  await using folder = await temporaryFolder('spool')
  const spool = new Spool(folder.file('probe.sqlite'), bounds)
  for (const id of ['a', 'b', 'c']) spool.put(result(id), 0)
  spool.remove(['b'])
  spool.close(0)
  const again = new Spool(folder.file('probe.sqlite'), bounds)
  t.same(again.take(1, 0), [result('a')])
  t.same(idsOf(again), ['a', 'c'])
  again.close(0)
})

t.test('the oldest go first, and how many went is told once', async (t) => {
  await using folder = await temporaryFolder('spool')
  const spool = new Spool(folder.file('probe.sqlite'), { ...bounds, resultsMax: 3 })
  for (const id of ['a', 'b', 'c', 'd', 'e']) spool.put(result(id), 0)
  t.same(idsOf(spool), ['c', 'd', 'e'])
  spool.put(result('f'), 9000)
  t.same(idsOf(spool, 10_001), ['f'], 'those that are too old, too')
  spool.close(0)
  const again = new Spool(folder.file('probe.sqlite'), bounds)
  again.tellDropped((count) => result(`dropped ${count}`), 10_001)
  again.tellDropped((count) => result(`dropped ${count}`), 10_001)
  t.same(idsOf(again, 10_001), ['f', 'dropped 5'])
  again.close(0)
})

t.test('while the disk is full results wait in memory, and go to the disk when there is room', async (t) => {
  await using folder = await temporaryFolder('spool')
  const path = folder.file('probe.sqlite')
  const event = 'x'.repeat(20_000)
  const first = new Spool(path, bounds)
  first.put({ id: 'a', event }, 0)
  first.close(0)
  const rows = (question: string) => {
    const database = new DatabaseSync(path)
    const found = database.prepare(question).all()
    database.close()
    return found.map((row) => Object.values(row)[0])
  }
  // SQLite says the same of a file that may not grow as of a disk that is full.
  const spool = new Spool(path, bounds, Number(rows('pragma page_count')[0]))
  spool.put({ id: 'b', event }, 0)
  t.same(idsOf(spool), ['a', 'b'])
  t.same(rows('select id from result'), ['a'])
  spool.remove(['a'])
  t.same(idsOf(spool), ['b'])
  t.same(rows('select id from result'), ['b'])
  for (let count = 0; count < 1005; count++) spool.put({ id: `m${count}`, event }, 0)
  t.equal(spool.waiting, 1001, 'a thousand at most')
  spool.remove(['m1003'])
  t.equal(spool.waiting, 1000)
  spool.close(0)
})
