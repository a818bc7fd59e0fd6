// Rows against points, in slices of every size: what is found depends on neither the slices nor the order of ids.
import t from 'tap'
import { compare } from '../../../src/audit/compare.ts'
import type { RecordedPoint } from '../../../src/audit/recorded.ts'
import { dayOf, nameOfDay, Tally } from '../../../src/audit/tally.ts'
import type { CountedRow } from '../../../src/galaxy/tables.ts'
import { Random } from '../../world/random.ts'

const nearMs = 60_000
/** Two hours before midnight, so that there is an edge of a day in each world. */
const startMs = Date.UTC(2024, 2, 5, 22)

interface Given {
  rows: CountedRow[]
  points: RecordedPoint[]
  sinceMs: number
  untilMs: number
}

/** Rows mostly in the order of their ids, and points of every kind. */
function given(random: Random): Given {
  const rows: CountedRow[] = []
  const points: RecordedPoint[] = []
  for (let id = 1; id <= 60; id++) {
    const createdMs = startMs + id * random.integer(60_000, 240_000) + random.integer(0, 999)
    rows.push({ id: id * 10, createdMs, isTopLevel: random.chance(0.8) })
    const second = Math.floor(createdMs / 1000)
    const times = random.weighted<number[]>([
      [[], 2],
      [[second + random.integer(0, 40)], 8],
      [[second, second + random.integer(1, 40)], 2],
      [[second + random.integer(100, 5000)], 1],
    ])
    for (const time of times) points.push({ invocationId: id * 10, second: time, domain: `d${id % 3}` })
    if (random.chance(0.1)) points.push({ invocationId: id * 10 + 1, second, domain: 'd' })
    if (random.chance(0.1)) points.push({ invocationId: null, second, domain: 'd' })
  }
  points.sort((a, b) => a.second - b.second)
  const sinceMs = startMs + random.integer(0, 7_200_000)
  return { rows, points, sinceMs, untilMs: sinceMs + random.integer(1, 10_000_000) }
}

async function found({ rows, points, sinceMs, untilMs }: Given, sliceRows: number, pageRows: number) {
  const tally = new Tally()
  const missing: number[] = []
  await compare({
    invocations: {
      async *pages() {
        for (let at = 0; at < rows.length; at += pageRows) yield { rows: rows.slice(at, at + pageRows), share: 0 }
      },
      byId: async (ids) => new Map(rows.filter(({ id }) => ids.includes(id)).map((row) => [row.id, row])),
    },
    points: {
      invocationsBetween: (since, until) => points.filter(({ second }) => second >= since && second < until),
    },
    sinceMs,
    untilMs,
    nearMs,
    sliceRows,
    tally,
    onMissing: async (some) => void missing.push(...some.map(({ id }) => id)),
    onProgress: () => {},
  })
  const days = tally.days().map(({ domains, ...day }) => ({
    ...day,
    domains: Object.fromEntries([...domains].sort()),
    missingIds: day.missingIds.sort((a, b) => a - b),
    extraPoints: day.extraPoints.map((point) => JSON.stringify(point)).sort(),
  }))
  return { days, total: tally.total, missing: missing.sort((a, b) => a - b) }
}

/** The same by looking at each row and each point alone. */
function judgedAlone({ rows, points, sinceMs, untilMs }: Given) {
  const isIn = (timeMs: number) => timeMs >= sinceMs && timeMs < untilMs
  const judged = rows.filter(({ isTopLevel, createdMs }) => isTopLevel && isIn(createdMs))
  const near = (row: CountedRow) =>
    points.filter((it) => it.invocationId === row.id && Math.abs(it.second * 1000 - row.createdMs) <= nearMs).length
  const strange = points.filter(({ invocationId, second }) => {
    if (invocationId === null || !isIn(second * 1000)) return false
    const row = rows.find(({ id, isTopLevel }) => id === invocationId && isTopLevel)
    return row === undefined || Math.abs(second * 1000 - row.createdMs) > nearMs
  })
  return {
    equal: judged.filter((row) => near(row) > 0).length,
    missing: judged.filter((row) => near(row) === 0).length,
    extra: judged.reduce((sum, row) => sum + Math.max(0, near(row) - 1), 0) + strange.length,
    unmatched: points.filter(({ invocationId, second }) => invocationId === null && isIn(second * 1000)).length,
  }
}

t.test('in slices of every size the same is found as for each row and point alone', async (t) => {
  for (let seed = 0; seed < 60; seed++) {
    const random = new Random(seed)
    const world = given(random)
    const whole = await found(world, 1000, 1000)
    const alone = judgedAlone(world)
    if (JSON.stringify(whole.total) !== JSON.stringify(alone)) t.same(whole.total, alone, `seed ${seed}`)
    if (whole.missing.length !== alone.missing) t.equal(whole.missing.length, alone.missing, `seed ${seed}, given away`)
    for (const [sliceRows, pageRows] of [
      [1, 60],
      [2, 3],
      [7, 5],
      [59, 60],
    ] as const) {
      const sliced = await found(world, sliceRows, pageRows)
      if (JSON.stringify(sliced) !== JSON.stringify(whole))
        t.same(sliced, whole, `seed ${seed}, slices of ${sliceRows}`)
    }
  }
  t.pass('60 worlds')
})

t.test('the worlds have differences of every kind', async (t) => {
  const kinds = new Map<string, number>()
  for (let seed = 0; seed < 60; seed++) {
    const { days, total } = await found(given(new Random(seed)), 7, 5)
    for (const [name, count] of Object.entries(total)) kinds.set(name, (kinds.get(name) ?? 0) + count)
    for (const point of days.flatMap(({ extraPoints }) => extraPoints)) {
      const { why } = JSON.parse(point)
      kinds.set(why, (kinds.get(why) ?? 0) + 1)
    }
    if (days.length > 1) kinds.set('two days', (kinds.get('two days') ?? 0) + 1)
  }
  const names = ['equal', 'missing', 'extra', 'unmatched', 'no_row', 'subworkflow', 'second_point', 'far_from_row']
  for (const name of [...names, 'two days']) t.ok((kinds.get(name) ?? 0) > 20, `${name}: ${kinds.get(name)}`)
})

t.test('days are those of UTC', async (t) => {
  const at = (text: string) => nameOfDay(dayOf(Date.parse(text) / 1000))
  t.equal(at('2024-02-29T00:00:00Z'), '2024-02-29')
  t.equal(at('2024-02-29T23:59:59.999Z'), '2024-02-29')
  t.equal(at('2024-02-29T23:59:59-01:00'), '2024-03-01')
  t.equal(at('1969-12-31T23:59:59Z'), '1969-12-31')
})

t.test('no more ids are kept than a bound, and all are counted', async (t) => {
  const tally = new Tally()
  for (let id = 1; id <= 100_010; id++) tally.missing(id % 2, 'd', id)
  t.match(tally, { total: { missing: 100_010 }, unnamed: 10 })
  t.equal(
    tally.days().reduce((sum, { missingIds }) => sum + missingIds.length, 0),
    100_000,
  )
})
