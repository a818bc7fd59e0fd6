// The world and its oracle, held against each other: what the writer of a line meant is what the rules make of it.
import t from 'tap'
import { decodeId, encodeId } from './encoded_id.ts'
import { allReferers, labs } from './labs.ts'
import { domainOf } from './oracle/domain.ts'
import { originOf } from './oracle/identity.ts'
import { cleaned, expectedPoints } from './oracle/points.ts'
import { originCases, originlessCases } from './origins.ts'
import { Random } from './random.ts'
import { defaultSettings } from './settings.ts'
import { makeWorld, type World, type WorldOptions } from './world.ts'

t.test('ids are encoded as Galaxy does', async (t) => {
  t.equal(encodeId('abcde', 1), '26598bdeef406731')
  t.equal(encodeId('abcde', 1000), '3ea5bb81dcca97c3')
  t.equal(encodeId('abcde', 12_345_678).length, 32, 'eight digits take a second block')
  for (const id of [1, 1000, 12_345_678, 2_147_483_647]) t.equal(decodeId('abcde', encodeId('abcde', id)), BigInt(id))
  t.equal(decodeId('abcde', '26598BDEEF406731'), 1n)
  t.equal(decodeId('another', '26598bdeef406731'), undefined)
})

t.test('every shape of metadata tells the origin that stands beside it', async (t) => {
  for (const { metadata, origin } of originCases)
    t.same(originOf(metadata, {}), origin, JSON.stringify(metadata.toString()))
  for (const { metadata } of originlessCases)
    t.equal(originOf(metadata, {}), undefined, JSON.stringify(metadata.toString()))
})

t.test('every Referer tells the domain that stands beside it', async (t) => {
  for (const { referer, domain, refusedDomain } of allReferers(new Random('referers'))) {
    t.equal(domainOf({ referer }, defaultSettings.domains, false), domain, JSON.stringify(referer))
    t.equal(domainOf({ referer }, defaultSettings.domains, true), refusedDomain, `${JSON.stringify(referer)}, refused`)
  }
  t.same(labs.filter((lab) => defaultSettings.domains.includes(lab)).length, 4)
})

t.test('tags lose what line protocol can not carry', async (t) => {
  t.equal(cleaned('two\nlines\\\\'), 'two lines')
  t.equal([...cleaned('🧪'.repeat(300))].length, 256)
  t.equal(cleaned(`${'y'.repeat(255)}\\more`), 'y'.repeat(255))
})

t.test('a seed makes the same world again, and another seed another', async (t) => {
  const small = { lines: 400, invocations: 120, hours: 8 }
  const [first, again, other] = [1, 1, 2].map((seed) => JSON.stringify(makeWorld({ seed, ...small })))
  t.ok(first === again)
  t.ok(first !== other)
})

for (let seed = 1; seed <= 30; seed += 1) check({ seed, lines: 500, invocations: 200, hours: 8 })
check({ seed: 'large' })
check({ seed: 'timed', settings: { logFormat: 'timed' } })

function check(options: WorldOptions) {
  t.test(`the world of seed ${options.seed} is told by the rules as it was meant`, async (t) => {
    const world = makeWorld(options)
    t.same(contradictions(world), [])
    t.ok(world.lines.length >= (options.lines ?? 100_000))
    t.ok(world.galaxy.invocations.length >= (options.invocations ?? 2_000))
  })
}

/** Where the rules make something else of a line than its writer meant, or give a row to none or to two lines. */
function contradictions(world: World): string[] {
  const expected = expectedPoints(world)
  const messages = [...expected.ambiguities]
  const given = new Map<number, number>()
  const meant = new Set<number>()
  for (const [line, { truth }] of world.lines.entries()) {
    const verdict = expected.verdicts.get(line)
    if (!verdict !== !truth) messages.push(`line ${line} is taken for ${verdict ? 'a request' : 'none'}`)
    if (!verdict || !truth) continue
    const ids = verdict.outcome === 'points' ? verdict.invocations.map(({ id }) => id).sort() : []
    const wanted = truth.invocations.map(({ id }) => id).sort()
    for (const id of ids) given.set(id, (given.get(id) ?? 0) + 1)
    for (const id of wanted) meant.add(id)
    if (truth.outcome === 'contested') continue
    if (truth.outcome !== verdict.outcome) messages.push(`${truth.scenario}, line ${line}: ${verdict.outcome}`)
    if (ids.join() !== wanted.join()) messages.push(`${truth.scenario}, line ${line}: rows ${ids}, meant ${wanted}`)
  }
  for (const id of meant) if (given.get(id) !== 1) messages.push(`row ${id} is given ${given.get(id) ?? 0} times`)
  for (const id of given.keys()) if (!meant.has(id)) messages.push(`row ${id} is given, and no line was meant by it`)
  return messages
}
