// The same point is the same row, as it is one point in InfluxDB, and readers can tell what is new.
import { DatabaseSync } from 'node:sqlite'
import t from 'tap'
import type { Point } from '../../../src/pipeline/entry.ts'
import { openToRead } from '../../../src/store/file.ts'
import { invocationsBetween } from '../../../src/store/invocations.ts'
import { PointWriter } from '../../../src/store/points.ts'
import { temporaryFolder } from '../../services/temporary.ts'
import { storedPoints } from '../../world/stored_points.ts'

const tags = { domain: 'galaxy.example', workflow_name: 'RNA', canonical_id: 'dockstore:a', identity: 'trs' }
const at = (ns: bigint) => 1_700_000_000_000_000_000n + ns
const invocation = (ns: bigint, fields: Point['fields'] = {}, more: Point['tags'] = {}): Point => ({
  measurement: 'workflow_invocation',
  tags: { ...tags, trs_server: 'dockstore', ...more },
  fields: { count: 1, ...fields },
  timeNs: at(ns),
})

async function withStore(run: (path: string, writer: PointWriter) => void): Promise<void> {
  await using folder = await temporaryFolder('store')
  const path = folder.file('store')
  const writer = PointWriter.open(path)
  try {
    run(path, writer)
  } finally {
    writer.close()
  }
}

function changes(path: string): unknown {
  using database = new DatabaseSync(path, { readOnly: true })
  return database.prepare('select older from change').get()?.['older']
}

t.test('written again, fields merge; another time or tag is another point', async (t) => {
  await withStore((path, writer) => {
    writer.write([invocation(1n, { workflow_id: 4n, user_id: 7n, trs_version_id: 'v1', derived: false })])
    writer.write([invocation(1n, { user_id: 8n, invocation_id: 12n, derived: true })])
    writer.write([invocation(2n), invocation(1n, {}, { domain: 'other' }), invocation(1n, {}, { trs_server: 'x' })])
    const stored = storedPoints(path)
    t.equal(stored.length, 4)
    t.same(stored[0], {
      measurement: 'workflow_invocation',
      tags: { ...tags, trs_server: 'dockstore' },
      fields: { count: 1, workflow_id: 4, user_id: 8, trs_version_id: 'v1', invocation_id: 12, derived: true },
      time: at(1n),
    })
    t.same(stored[1]?.fields, { count: 1 }, 'what is not there stays out')
  })
})

t.test('a tag that is not there is not the same as any that is', async (t) => {
  await withStore((path, writer) => {
    const { trs_server, ...without } = invocation(1n).tags
    writer.write([{ ...invocation(1n), tags: without }, invocation(1n), { ...invocation(1n), tags: without }])
    t.same(
      storedPoints(path).map(({ tags }) => tags['trs_server']),
      [undefined, 'dockstore'],
    )
  })
})

t.test('readers are told of an older row that changes, and of nothing else', async (t) => {
  await withStore((path, writer) => {
    writer.write([invocation(1n, { user_id: 1n })])
    writer.write([invocation(1n, { user_id: 1n }), invocation(2n), invocation(2n, { user_id: 3n })])
    t.equal(changes(path), 0, 'the same again, and new ones')
    writer.write([invocation(3n), invocation(1n, { user_id: 2n })])
    t.equal(changes(path), 1)
    const refused = (status: string, fields: Point['fields']): Point => ({
      measurement: 'workflow_invocation_rejected',
      tags: { domain: 'unknown', status },
      fields: { count: 1, ...fields },
      timeNs: at(1n),
    })
    writer.write([refused('403', {}), refused('404', {}), refused('403', {})])
    t.equal(changes(path), 1)
    writer.write([refused('403', { workflow_id: 4n })])
    t.equal(changes(path), 2)
    t.equal(storedPoints(path).length, 5)
  })
})

t.test('a batch is written whole or not at all', async (t) => {
  await withStore((path, writer) => {
    const unknown = { ...invocation(2n), measurement: 'song' }
    t.throws(() => writer.write([invocation(1n), unknown]), /no table for points of song/)
    t.throws(() => writer.write([invocation(1n, { colour: 'red' })]), /no column for colour of workflow_invocation/)
    t.throws(() => writer.write([invocation(1n, {}, { colour: 'red' })]), /no column for colour of series/)
    t.same(storedPoints(path), [])
    writer.write([invocation(1n)])
    t.equal(storedPoints(path).length, 1, 'and the writer goes on')
  })
})

t.test('what the collector said of itself is kept for forty days', async (t) => {
  await withStore((path, writer) => {
    const said = (day: number, fields: Point['fields']): Point => ({
      measurement: 'workflow_reporting',
      tags: { host: 'a' },
      fields,
      timeNs: at(BigInt(day) * 86_400_000_000_000n),
    })
    writer.write([said(0, { lines: 1n }), said(10, { lines: 2n, points: 1n }), said(10, { lines: 3n, lag: 0.5 })])
    writer.write([said(45, { lines: 4n })])
    using database = new DatabaseSync(path, { readOnly: true })
    t.same(
      database
        .prepare('select fields from reporting order by second')
        .all()
        .map((row) => JSON.parse(String(row['fields']))),
      [{ lines: 3, points: 1, lag: 0.5 }, { lines: 4 }],
    )
  })
})

t.test('invocations are read between two instants in the order of time, in pages', async (t) => {
  await withStore((path, writer) => {
    const second = 1_700_000_000
    const points = Array.from({ length: 25_000 }, (_, index) =>
      invocation(BigInt(index % 5) * 1_000_000_000n + BigInt(index), index % 7 ? { invocation_id: BigInt(index) } : {}),
    )
    writer.write(points)
    using database = openToRead(path)!
    const read = [...invocationsBetween(database, second + 1, second + 4)]
    const wanted = points
      .filter((_, index) => index % 5 >= 1 && index % 5 < 4)
      .sort((a, b) => Number(a.timeNs - b.timeNs))
      .map(({ fields, timeNs }) => ({
        invocationId: fields['invocation_id'] === undefined ? null : Number(fields['invocation_id']),
        second: Number(timeNs / 1_000_000_000n),
        domain: 'galaxy.example',
      }))
    t.equal(read.length, 15_000)
    t.same(read, wanted)
  })
})

t.test('no store yet is no error for a reader', async (t) => {
  await using folder = await temporaryFolder('store')
  t.equal(openToRead(folder.file('store')), null)
})
