// Galaxy's database: read only and sparingly; away, hanging or forbidden, nothing is lost and it is said why.
import t from 'tap'
import { Live, requestLine, until } from './live.ts'

const live = await Live.start(t)
const { postgres } = live

t.test('down at the start, restarted and killed later', async (t) => {
  const one = await live.site(t)
  await one.site.invoke(2)
  await postgres.stop()
  const collector = await one.collect()
  const [said] = await collector.waitFor(/event=waiting for="Galaxy's database" .*/)
  t.match(said, /ECONNREFUSED.*remedy="Is the server up/)
  await one.site.invokeWithoutRow()
  await postgres.restart()
  await one.wholeWithin()
  await postgres.restart()
  await one.site.invoke()
  await one.site.refuse()
  await one.wholeWithin()
  await postgres.kill9()
  await one.site.invokeWithoutRow()
  await postgres.restart()
  await one.site.invoke()
  await one.wholeWithin()
  t.same(await collector.stop(), { status: 0, signal: null })
})

t.test('connections that the server ends', async (t) => {
  const one = await live.site(t)
  const collector = await one.collect()
  const sql = postgres.sql('postgres')
  for (let count = 0; count < 10; count++) {
    await one.site.invoke()
    await sql`select pg_terminate_backend(pid) from pg_stat_activity where usename = 'reader'`
  }
  await one.wholeWithin()
  t.same(await collector.stop(), { status: 0, signal: null })
})

t.test('hanging in the middle of the work', async (t) => {
  const one = await live.site(t)
  const collector = await one.collect()
  await one.site.invoke()
  await one.wholeWithin()
  await postgres.pause()
  await one.site.invokeWithoutRow()
  await one.site.refuse()
  await one.site.invokeWithoutRow()
  await postgres.resume()
  await one.site.invoke()
  await one.wholeWithin()
  t.same(await collector.stop(), { status: 0, signal: null })
})

t.test('a reader without a grant: it is told which, and goes on when it is given', async (t) => {
  const one = await live.site(t)
  const sql = postgres.sql(one.name)
  await sql`revoke select (user_id) on history from reader`
  await sql`revoke select (name) on stored_workflow from reader`
  const collector = await one.collect()
  await one.site.invoke()
  const [said] = await collector.waitFor(/event=waiting for="Galaxy's database" .*/)
  t.match(said, /history\.user_id may not be read/)
  t.match(said, /stored_workflow\.name may not be read/)
  t.match(said, /remedy=".*SELECT rights/)
  await sql`grant select (user_id) on history to reader`
  await sql`grant select (name) on stored_workflow to reader`
  await one.wholeWithin()
})

t.test('a grant that is taken back later is named, too', async (t) => {
  const one = await live.site(t)
  const sql = postgres.sql(one.name)
  const collector = await one.collect()
  await one.site.invoke()
  await one.wholeWithin()
  await sql`revoke select (user_id) on history from reader`
  await one.site.invoke()
  const [said] = await collector.waitFor(/event=waiting for="Galaxy's database" .*/)
  t.match(said, /permission denied for table history.*remedy="Grant/)
  await sql`grant select (user_id) on history to reader`
  await one.wholeWithin()
})

t.test('a wrong password, and a database that is none of Galaxy’s', async (t) => {
  const one = await live.site(t)
  await one.site.invoke()
  const wrong = new URL(one.site.readerUrl)
  wrong.password = 'wrong-marker'
  const first = await one.collect({ galaxy: { database_url: wrong.href } })
  const [said] = await first.waitFor(/event=waiting for="Galaxy's database" .*/)
  t.match(said, /remedy="Check the password in galaxy\.database_url"/)
  t.notMatch(first.stderr(), /wrong-marker/)
  await first.stop()
  const second = await one.collect({ galaxy: { database_url: postgres.readerUrl('postgres') } })
  t.match(await second.waitFor(/event=waiting for="Galaxy's database" .*/), [/stored_workflow\.id is not there/])
  await second.stop()
  await one.collect()
  await one.wholeWithin()
})

t.test('only read-only transactions with a time-out, and at most two connections', async (t) => {
  const one = await live.site(t)
  await postgres.sql('postgres')`alter role reader set log_statement = 'all'`
  t.teardown(() => postgres.sql('postgres')`alter role reader reset log_statement`)
  const before = postgres.log().length
  const lines = Array.from({ length: 6000 }, (_, index) => requestLine(1 + (index % 8), index))
  await one.write(lines.join(''))
  const collector = await one.collect()
  const sql = postgres.sql(one.name)
  let most = 0
  await until('all is read', async () => {
    const [row] = await sql`select count(*)::int as count from pg_stat_activity where usename = 'reader'`
    most = Math.max(most, row?.['count'] ?? 0)
    return (await one.found()).withoutRow === lines.length
  })
  t.ok(most === 1 || most === 2, `${most} connections at most`)
  await collector.stop()
  await until('they are closed', async () => {
    const [row] = await sql`select count(*)::int as count from pg_stat_activity where usename = 'reader'`
    return row?.['count'] === 0
  })

  const log = postgres.log().slice(before)
  const said = [...log.matchAll(/\[(\d+)\] LOG: {2}(?:statement|execute [^:]*): ([^\n]*(?:\n\t[^\n]*)*)/g)]
  const statements = said.map(([, pid, text = '']) => ({ pid, text: text.trim().replace(/\s+/g, ' ').toLowerCase() }))
  t.ok(statements.length > 10, `${statements.length} statements`)
  const inside = new Map<string | undefined, number>()
  for (const { pid, text } of statements) {
    const place = inside.get(pid)
    if (text.startsWith('begin')) {
      t.match(text, /^begin read only$/)
      inside.set(pid, 0)
    } else if (/^(commit|rollback)$/.test(text)) {
      inside.delete(pid)
    } else if (place === undefined) {
      t.match(text, /^select [^;]* from pg_catalog\.pg_type/, 'only the types of the server outside of one')
    } else {
      if (place === 0) t.match(text, /^select set_config\('statement_timeout'/)
      else t.match(text, /^select /)
      inside.set(pid, place + 1)
    }
  }
  const parameters = [...log.matchAll(/statement_timeout[\s\S]*?DETAIL: {2}parameters: \$1 = '(\d+)'/gi)]
  t.ok(
    parameters.length > 0 && parameters.every(([, ms]) => Number(ms) >= 1000 && Number(ms) <= 60_000),
    'a time-out that is one',
  )
})
