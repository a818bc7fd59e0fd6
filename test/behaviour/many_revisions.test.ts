// What is kept in memory of workflows has a bound; how much is asked for at once has no say in what a point tells.
import { writeFile } from 'node:fs/promises'
import t from 'tap'
import { Live, requestLine } from './live.ts'

const live = await Live.start(t)
const workflows = 600
const revisionsOfEach = 10
/** Beyond those that every site has. */
const first = 200

t.test('a batch of more revisions than are kept: each point has the identity of its own', async (t) => {
  const site = await live.site(t)
  const sql = live.postgres.sql(site.name)
  await sql`
    insert into stored_workflow (id, user_id, name)
    select id, 1, 'workflow ' || id from generate_series(${first}::int, ${first + workflows - 1}::int) as id`
  // The address of each is long, as its owner may make it.
  await sql`
    insert into workflow (id, stored_workflow_id, name, create_time, update_time, source_metadata)
    select 10000 + id * ${revisionsOfEach} + n, id, 'workflow ' || id, '2020-01-01', '2020-01-01',
      convert_to(json_build_object('url', 'https://example.org/' || id || '/' || repeat('x', 5000))::text, 'utf8')
    from generate_series(${first}::int, ${first + workflows - 1}::int) as id,
      generate_series(0, ${revisionsOfEach - 1}::int) as n`
  const log = site.folder.file('old.log')
  await writeFile(log, Array.from({ length: workflows }, (_, index) => requestLine(first + index, index)).join(''))
  for (const round of ['first', 'again']) {
    t.equal((await site.run(['backfill', log])).status, 0)
    const points = await live.influxdb.pointsOf(site.name, 'workflow_invocation')
    t.equal(points.length, workflows, round)
    const wrong = points.filter(
      ({ tags, fields }) => !tags['canonical_id']?.startsWith(`https://example.org/${fields['workflow_id']}/x`),
    )
    t.same(wrong.slice(0, 3), [], round)
  }
})
