// Many small worlds: other seeds, other years, other settings. Printed, not written, so that types show as well.
import t from 'tap'
import { parseLines } from '../world/line_protocol.ts'
import { linesOf } from '../world/log_files.ts'
import { expectedPoints } from '../world/oracle/points.ts'
import type { Settings } from '../world/settings.ts'
import { differencesOf, Servers, Trial } from '../world/trial.ts'
import { makeWorld, type WorldOptions } from '../world/world.ts'

const servers = await Servers.start()
t.teardown(() => servers[Symbol.asyncDispose]())

const small = { lines: 3000, invocations: 400, hours: 10 }

for (let seed = 1; seed <= 6; seed += 1) prints(`seed ${seed}`, { ...small, seed })

const withSettings = (settings: Partial<Settings>) => ({ ...small, seed: 'settings', settings })
prints('local workflows by number', withSettings({ identityLocal: 'stored_workflow' }))
prints('names of unpublished workflows hidden', withSettings({ hideUnpublishedNames: true }))
prints('more registries', withSettings({ registries: { 'trs.example.org': 'example', ours: 'house', unused: 'x' } }))
prints('under a prefix', withSettings({ urlPrefix: '/galaxy' }))
prints('under a long prefix', withSettings({ urlPrefix: '/a/b.c/d' }))
prints('a format with the time that a request took', {
  ...withSettings({ logFormat: 'timed' }),
  invocations: 1500,
  hours: 24,
})
prints('a shorter window', withSettings({ maxRequestSeconds: 110 }))
prints('a secret that is no ASCII', withSettings({ idSecret: 'Geheimnis für Überprüfung, 🧬' }))
// From the log alone, a UUID and a revision's id leave open which revision is meant.
prints('from the log alone', {
  ...withSettings({ matchInvocations: false }),
  without: ['sharedUuid', 'unflaggedRevision'],
})

for (const year of ['2021-03-04', '2025-10-05T13:00:00Z']) {
  t.test(`a log of ${year}, older than a ledger keeps rows of today, in two parts`, async (t) => {
    const world = makeWorld({ ...small, seed: year, start: year })
    const trial = await Trial.start(servers, await servers.load(world), world.settings)
    await trial.backfill([await trial.file(linesOf(world, 0, 0.5))])
    await trial.backfill([await trial.file(linesOf(world, 0.5, 1))])
    t.same(await trial.differences(world, expectedPoints(world).points), [])
  })
}

function prints(name: string, options: WorldOptions) {
  t.test(name, async (t) => {
    const world = makeWorld(options)
    const expected = expectedPoints(world)
    t.same(expected.ambiguities, [])
    const trial = await Trial.start(servers, await servers.load(world), world.settings)
    const { points, text } = await trial.dryRun([await trial.file(world.lines)])
    t.same(differencesOf(world, expected.points, points), [])
    const wrong = parseLines(text).filter(({ fields }) => !typesFit(fields))
    t.same(wrong.slice(0, 3), [], 'ids are integers, the count is a float')
  })
}

function typesFit(fields: Record<string, unknown>): boolean {
  return Object.entries(fields).every(([name, value]) => {
    if (name === 'count') return value === 1
    if (name === 'derived') return typeof value === 'boolean'
    return typeof value === (name === 'trs_version_id' ? 'string' : 'bigint')
  })
}
