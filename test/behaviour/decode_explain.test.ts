// `decode` and `explain`: what stands behind an id.
import { writeFile } from 'node:fs/promises'
import t from 'tap'
import { run } from '../services/program.ts'
import { temporaryFolder } from '../services/temporary.ts'
import { encodeId } from '../world/encoded_id.ts'
import { idSecret } from '../world/living_site.ts'
import { Live } from './live.ts'

const uuid = '6f9619ff-8b86-d011-b42d-00c04fc964ff'

t.test('decode: a number a line, with the secret alone', async (t) => {
  await using folder = await temporaryFolder('decode')
  await writeFile(folder.file('config.yml'), `galaxy: {id_secret: '${idSecret}'}\n`, { mode: 0o600 })
  const decode = (...ids: string[]) => run(['decode', ...ids], { config: folder.file('config.yml') })
  const ids = [1n, 12_345_678n, 9_223_372_036_854_775_807n]
  const good = ids.map((id) => encodeId(idSecret, id))
  const all = await decode(...good, good[0]!.toUpperCase())
  t.match(all, { status: 0, stdout: `${[...ids, 1n].join('\n')}\n`, stderr: '' })
  const foreign = encodeId('another secret', 5)
  const mixed = await decode(foreign, good[1]!, uuid)
  t.match(mixed, { status: 1, stdout: '12345678\n' })
  for (const id of [foreign, uuid]) t.match(mixed.stderr, `${id}: is no id`)
  t.notMatch(mixed.stderr, idSecret)
  t.equal((await decode()).status, 2, 'no id at all')
})

t.test('explain: name, owner, revision, canonical id, and why', async (t) => {
  const live = await Live.start(t)
  const one = await live.site(t)
  const sql = live.postgres.sql(one.name)
  const metadata = Buffer.from('{"trs_server": "workflowhub", "trs_tool_id": "109", "trs_version_id": "5"}')
  await sql`insert into galaxy_user (id, email, username) values (7, 'b@example.org', 'bea')`
  await sql`insert into stored_workflow (id, user_id, name) values (500, 7, 'Edited'), (501, 7, 'Empty'), (502, 1, 'Url')`
  await sql`insert into workflow (id, stored_workflow_id, name, uuid, source_metadata, create_time, update_time) values
    (5000, 500, 'Imported', ${uuid.replaceAll('-', '')}, ${metadata}, '2026-01-01', '2026-01-01'),
    (5001, 500, 'Edited', null, null, '2026-01-02', '2026-01-02'),
    (5002, 502, 'Url', ${uuid.replaceAll('-', '')}, ${Buffer.from('{"url": "https://u:p@example.org/w.ga?k=s"}')}, '2026-01-02', '2026-01-02')`

  const explain = async (...ids: string[]) => {
    const { status, stdout, stderr } = await one.run(['explain', '--json', ...ids])
    return { status, stderr, ...(JSON.parse(stdout) as { explained: Record<string, unknown>[]; unknown: string[] }) }
  }
  const derived = {
    stored_workflow: 500,
    name: 'Edited',
    owner: 'bea',
    revision: 5001,
    canonical_id: 'workflowhub:109',
  }
  const encoded = await explain(encodeId(idSecret, 500))
  t.match(encoded, { status: 0, explained: [{ ...derived, identity: 'trs', why: /earlier revision/ }], unknown: [] })
  t.match(await explain('500'), { status: 0, explained: [derived] })
  t.match(await explain('1'), {
    explained: [{ canonical_id: 'workflow 1', identity: 'local', owner: 'ann', why: /no revision/ }],
  })
  const url = {
    stored_workflow: 502,
    canonical_id: 'https://example.org/w.ga',
    identity: 'url',
    why: /newest revision/,
  }
  t.match(await explain('502'), { explained: [url] })
  const both = await explain(uuid)
  t.same(
    new Set(both.explained.map(({ stored_workflow }) => stored_workflow)),
    new Set([500, 502]),
    'all that a UUID means',
  )
  t.match(await explain('501'), { status: 0, explained: [{ revision: null, name: 'Empty' }] })

  const unknown = await explain(
    '987654',
    encodeId(idSecret, 987_654),
    encodeId('another', 1),
    '500',
    uuid.replace('6', '7'),
  )
  t.match(unknown, { status: 1, explained: [derived] })
  t.equal(unknown.unknown.length, 4)
  for (const id of unknown.unknown) t.match(unknown.stderr, id)

  const text = await one.run(['explain', '500', '502'])
  t.match(text.stdout, /workflow +Edited \(stored_workflow 500, owner bea\)/)
  t.match(text.stdout, /canonical id +workflowhub:109/)

  await sql`insert into stored_workflow (id, user_id, name) values
    (510, 1, 'By address'), (511, 1, 'Other tool'), (512, 7, 'Url copy'), (513, 1, 'Edited')`
  const metadataOf = (value: object) => Buffer.from(JSON.stringify(value))
  await sql`insert into workflow (id, stored_workflow_id, name, source_metadata, create_time, update_time) values
    (5010, 510, 'By address', ${metadataOf({ url: 'https://workflowhub.eu/ga4gh/trs/v2/tools/109/versions/4/GALAXY/descriptor' })}, '2026-01-03', '2026-01-03'),
    (5011, 511, 'Other tool', ${metadataOf({ trs_server: 'workflowhub', trs_tool_id: '1099' })}, '2026-01-03', '2026-01-03'),
    (5012, 512, 'Url copy', ${metadataOf({ url: 'https://example.org/w.ga?other=key' })}, '2026-01-03', '2026-01-03'),
    (5013, 513, 'Edited', null, '2026-01-03', '2026-01-03')`
  await sql`insert into history (id, user_id) values (900, 7)`
  await sql`insert into workflow_invocation (workflow_id, history_id, state, create_time, update_time)
    select revision, 900, 'scheduled', '2026-02-01', '2026-02-01' from unnest('{5000,5001,5010,5010,5010}'::int[]) as revision`
  const [shared] = (await explain('500')).explained
  t.match(shared, {
    invocations: 2,
    imported: { revision: 5000, from: 'workflowhub:109', version: '5', created: '2026-01-01T00:00:00.000Z' },
    revisions: [
      { revision: 5000, name: 'Imported' },
      { revision: 5001, name: 'Edited', from: null },
    ],
  })
  t.same(
    shared!['copies'],
    [{ stored_workflow: 510, name: 'By address', owner: 'ann', invocations: 3 }],
    'another import of the same tool, and none that is only alike',
  )
  t.match(await explain('502'), { explained: [{ copies: [{ stored_workflow: 512 }], copies_total: 1 }] })
  t.match(await explain('511'), { explained: [{ copies: [], copies_complete: true }] })
  const shown = (await one.run(['explain', '500'])).stdout
  t.match(shown, /imported +from workflowhub:109, version 5, by revision 5000 of 2026-01-01\n/)
  t.match(shown, /copies +510: By address, owner ann, invoked 3 times\n/)

  await sql`revoke select (username) on galaxy_user from reader`
  t.match(
    await explain('500'),
    { status: 0, explained: [{ owner: 'user 7' }] },
    'owners by number where names are closed',
  )
  await live.postgres.stop()
  const down = await one.run(['explain', '500'])
  t.equal(down.status, 1)
  t.match(down.stderr, /ECONNREFUSED/)
})
