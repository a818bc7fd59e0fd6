// `check` tries everything and says what to do where it fails; it changes nothing.
import { existsSync } from 'node:fs'
import { writeFile } from 'node:fs/promises'
import t, { type Test } from 'tap'
import { type Changes, Live, type LiveSite, requestLine } from './live.ts'

const live = await Live.start(t)

type Finding = { name: string; ok: boolean; detail: string; remedy?: string }

async function check(site: LiveSite, changes?: Changes, ...args: string[]) {
  const { status, stdout, stderr } = await site.run(['check', '--json', ...args], changes)
  const { ok, checks } = JSON.parse(stdout) as { ok: boolean; checks: Finding[] }
  return { status, stderr, ok, checks, of: (name: string) => checks.find((finding) => finding.name === name) }
}

async function siteWithLog(t: Test): Promise<LiveSite> {
  const site = await live.site(t)
  await site.site.invoke()
  await site.site.browse()
  await site.write(requestLine(1, 0) + requestLine(2, 1))
  return site
}

t.test('all is well: a line each, and nothing is written', async (t) => {
  const site = await siteWithLog(t)
  const { status, ok, checks } = await check(site)
  t.equal(status, 0)
  t.equal(ok, true)
  const names = [
    'configuration',
    'access log',
    'log format',
    'rotated logs',
    'id secret',
    'state folder',
    'database',
    'InfluxDB',
  ]
  t.same(new Set(checks.map(({ name }) => name)), new Set(names))
  t.ok(checks.every(({ ok }) => ok))
  const text = await site.run(['check'])
  t.equal(text.status, 0)
  t.equal(text.stdout.trimEnd().split('\n').length, checks.length)
  t.match(text.stdout, /^ok {4}id secret +decodes 3 of the 3 ids in the logs$/m)
  t.same(await live.influxdb.query(site.name, 'SHOW MEASUREMENTS'), [], 'nothing in the database of points')
  t.notOk(existsSync(site.folder.file('state')), 'no state folder')
})

t.test('offline: the configuration alone', async (t) => {
  const site = await siteWithLog(t)
  const nowhere = {
    galaxy: { database_url: 'postgres://reader:x@127.0.0.1:9/galaxy' },
    influxdb: { url: 'http://127.0.0.1:9' },
    nginx: { access_log: '/nowhere/access.log' },
  }
  t.match(await check(site, nowhere, '--offline'), { status: 0, ok: true })
  const wrong = await site.run(['check', '--offline', '--json'], { identity: { local: 'nonsense' } })
  t.equal(wrong.status, 2)
  t.match(wrong.stderr, /identity\.local: expected name or stored_workflow/)
})

const failures: [what: string, changes: Changes, finding: { name: string; detail: RegExp; remedy: RegExp }][] = [
  [
    'a log that is not there',
    { nginx: { access_log: '/nowhere/access.log' } },
    { name: 'access log', detail: /\/nowhere\/access\.log is not there/, remedy: /nginx\.access_log/ },
  ],
  [
    'a log format that does not fit',
    { nginx: { log_format: '[$time_local] "$request" $status $request_time' } },
    { name: 'log format', detail: /fits 0 of the last 4 lines/, remedy: /nginx\.log_format/ },
  ],
  [
    'the secret of another server',
    { galaxy: { id_secret: 'another secret' } },
    { name: 'id secret', detail: /decodes 0 of the 3 ids/, remedy: /probably not the id_secret of this Galaxy/ },
  ],
  [
    'a database that is down',
    { galaxy: { database_url: 'postgres://reader:MARKER@127.0.0.1:9/galaxy' } },
    { name: 'database', detail: /127\.0\.0\.1:9\/galaxy: .*ECONNREFUSED/, remedy: /server up/ },
  ],
  [
    'an InfluxDB that is down',
    { influxdb: { url: 'http://127.0.0.1:9', password: 'MARKER' } },
    { name: 'InfluxDB', detail: /ECONNREFUSED/, remedy: /server up/ },
  ],
  [
    'a wrong password for InfluxDB',
    { influxdb: { password: 'MARKER' } },
    { name: 'InfluxDB', detail: /HTTP 401/, remedy: /influxdb\.password/ },
  ],
  [
    'a database of points that nobody created',
    { influxdb: { database: 'nobodys' } },
    { name: 'InfluxDB', detail: /HTTP 40[34]/, remedy: /nobodys/ },
  ],
]

for (const [what, changes, wanted] of failures)
  t.test(what, async (t) => {
    const site = await siteWithLog(t)
    const { status, ok, of, checks } = await check(site, changes)
    t.equal(status, 1)
    t.equal(ok, false)
    t.match(of(wanted.name), { ok: false, detail: wanted.detail, remedy: wanted.remedy })
    t.same(
      checks.filter(({ ok }) => !ok).map(({ name }) => name),
      [wanted.name],
      'this alone',
    )
    t.notMatch(JSON.stringify(checks), /MARKER/)
    t.match((await site.run(['check'], changes)).stdout, /^FAIL/m)
  })

t.test('a reader who may not read everything: what is lacking is named', async (t) => {
  const site = await siteWithLog(t)
  const sql = live.postgres.sql(site.name)
  await sql`revoke select (user_id) on history from reader`
  const forbidden = await check(site)
  t.equal(forbidden.status, 1)
  t.match(forbidden.of('database'), { ok: false, detail: /history\.user_id may not be read/, remedy: /grants/ })
  await sql`alter table history drop column user_id`
  t.match((await check(site)).of('database'), { ok: false, detail: /history\.user_id is not there/ })
  const other = await check(site, { galaxy: { database_url: live.postgres.readerUrl('postgres') } })
  t.match(other.of('database'), { ok: false, detail: /workflow_invocation\.id is not there/ })
})

t.test('a Galaxy before 22.05 is well, and it is said what that means', async (t) => {
  const site = await siteWithLog(t)
  await live.postgres.sql(site.name)`alter table workflow drop column source_metadata`
  const { status, of } = await check(site)
  t.equal(status, 0)
  t.match(of('database'), { ok: true, detail: /source_metadata .*22\.05.*every workflow is local/ })
})

t.test('several things at once are all told', async (t) => {
  const site = await siteWithLog(t)
  await writeFile(site.site.accessLog, '')
  const { status, checks } = await check(site, {
    galaxy: { database_url: 'postgres://reader:x@127.0.0.1:9/galaxy' },
    influxdb: { url: 'http://127.0.0.1:9' },
    state_dir: `${site.site.accessLog}/state`,
  })
  t.equal(status, 1)
  t.same(
    checks
      .filter(({ ok }) => !ok)
      .map(({ name }) => name)
      .sort(),
    ['InfluxDB', 'database', 'state folder'],
  )
})

t.test('a folder in the place of the log', async (t) => {
  const site = await siteWithLog(t)
  const { status, of } = await check(site, { nginx: { access_log: site.folder.path } })
  t.equal(status, 1)
  t.match(of('access log'), { ok: false, detail: /./ })
})
