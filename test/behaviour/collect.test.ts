// `collect` as an operator meets it: real nginx writes, points appear; it starts where it should and leaves when asked.
import { existsSync, readFileSync } from 'node:fs'
import { chmod, copyFile, mkdir, readdir, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import t from 'tap'
import { startChild } from '../services/child.ts'
import { feed, start } from '../services/program.ts'
import { parseLines } from '../world/line_protocol.ts'
import { countersOf, Live, type LiveSite, until } from './live.ts'

const builtFile = join(import.meta.dirname, '../../dist/workflow-reporting.mjs')
const live = await Live.start(t)

/** Waits until it has looked at its logs, and knows where it began. */
async function begun({ folder }: LiveSite): Promise<void> {
  await until('a saved place', () => existsSync(folder.file('state', 'place.json')))
}

t.test('a request to nginx is a point within two seconds', async (t) => {
  const one = await live.site(t)
  await one.collect()
  for (let count = 0; count < 3; count++) {
    await one.site.invoke(1 + count)
    await one.site.refuse()
    await one.site.browse()
    await one.wholeWithin(2000)
  }
})

t.test('a first start at the end counts nothing older, and later lines get none of the older ones’ rows', async (t) => {
  const one = await live.site(t)
  for (let count = 0; count < 8; count++) await one.site.invoke()
  await one.site.refuse()
  one.site.made.invocations.length = one.site.made.refused = 0
  await one.collect({ nginx: { start: 'end' } })
  await begun(one)
  // The same eight workflows again, within the window of the first requests.
  for (let count = 0; count < 8; count++) await one.site.invoke()
  await one.site.refuse()
  await one.wholeWithin()
})

t.test('every later start goes on where the last one left off', async (t) => {
  const one = await live.site(t)
  for (let count = 0; count < 4; count++) {
    const collector = await one.collect({ nginx: { start: count === 0 ? 'beginning' : 'end' } })
    await one.site.invoke()
    await one.wholeWithin()
    t.same(await collector.stop(), { status: 0, signal: null })
    await one.site.invoke()
    await one.site.refuse()
  }
  await one.collect()
  await one.wholeWithin()
})

t.test('a log that is not there is waited for, and that is said', async (t) => {
  const one = await live.site(t)
  await one.site.invoke(2)
  const path = one.folder.file('later', 'access.log')
  const collector = await one.collect({ nginx: { access_log: path, start: 'end' } })
  const [said] = await collector.waitFor(/event=log_missing .*/)
  t.match(said, path)
  await begun(one)
  await mkdir(one.folder.file('later'))
  await copyFile(one.site.accessLog, path)
  await one.wholeWithin(5000)
})

t.test('lines from standard input, to its end', async (t) => {
  const one = await live.site(t)
  await one.site.invoke(2)
  const config = await one.config()
  const collector = await start(['collect', '--stdin'], { config })
  t.teardown(() => collector.stop())
  await until('nginx wrote', async () => (await one.readLog()).endsWith('\n'))
  await feed(collector, await one.readLog())
  await one.wholeWithin()
  const before = (await one.readLog()).length
  await one.site.invoke()
  await one.site.refuse()
  await until('nginx wrote', async () => (await one.readLog()).split('\n').length === 4)
  const rest = (await one.readLog()).slice(before)
  await feed(collector, rest.slice(0, 50))
  await feed(collector, rest.slice(50, -1))
  collector.process.stdin.end()
  t.same(await collector.exited, { status: 0, signal: null })
  await one.wholeWithin(1000)
  t.match(countersOf(collector.stderr()), { lines: 3, requests: 3, accepted: 2, rejected: 1, written: 4 })
})

t.test('a dry run prints line protocol and touches nothing', async (t) => {
  const one = await live.site(t)
  await one.site.invoke(2)
  const dry = await one.collect({}, ['--dry-run'])
  await dry.waitFor(/invocation_id=2i/, { stream: 'stdout' })
  await one.site.refuse()
  await dry.waitFor(/workflow_invocation_rejected/, { stream: 'stdout' })
  t.same(await dry.stop(), { status: 0, signal: null })
  t.equal(parseLines(dry.stdout()).length, 3)
  t.notOk(existsSync(one.folder.file('state')), 'no state folder')
  t.same(await one.found(), { invocations: [], withoutRow: 0, refused: 0 })

  const collector = await one.collect()
  await one.wholeWithin()
  await collector.stop()
  const stateOf = async () => {
    const names = (await readdir(one.folder.file('state'))).sort()
    return names.map((name) => [name, readFileSync(one.folder.file('state', name), 'base64')])
  }
  const before = await stateOf()
  await one.site.invoke()
  const again = await one.collect({}, ['--dry-run'])
  await again.waitFor(/invocation_id=3i/, { stream: 'stdout' })
  await again.stop()
  t.same(await stateOf(), before)
  await one.collect()
  await one.wholeWithin()
})

t.test('several logs at once, each with its rotated files', async (t) => {
  const one = await live.site(t)
  const other = one.folder.file('other.log')
  await one.site.invoke()
  // nginx writes its line just after the answer.
  await until('a line in the log', async () => (await one.readLog()).endsWith('\n'))
  const [line = ''] = (await one.readLog()).split('\n')
  const refused = `${line.replace('" 200 ', '" 403 ')}\n`
  await writeFile(other, refused)
  one.site.made.refused++
  const nginx = { access_log: [one.site.accessLog, other], rotated: [`${one.folder.path}/olddir/*`] }
  const collector = await one.collect({ nginx })
  await one.wholeWithin()
  await one.site.rotate(() => one.site.invoke())
  await one.site.invoke()
  await writeFile(other, refused.replace('403', '404'), { flag: 'a' })
  one.site.made.refused++
  await one.wholeWithin()
  await collector.stop()
  await writeFile(other, refused.replace('403', '401'), { flag: 'a' })
  await one.site.invoke()
  one.site.made.refused++
  await one.collect({ nginx })
  await one.wholeWithin()
})

t.test('a damaged place is set aside and told; everything is read again and nothing counted twice', async (t) => {
  const one = await live.site(t)
  const collector = await one.collect()
  await one.site.invoke()
  await one.site.refuse()
  await one.site.invokeWithoutRow()
  await one.site.rotate(() => one.site.invoke())
  await one.wholeWithin()
  await collector.stop()
  await writeFile(one.folder.file('state', 'place.json'), '{"version":1,"logs":{')
  await one.site.invoke()
  const again = await one.collect({ nginx: { start: 'end' } })
  await again.waitFor(/event=state_damaged .*set_aside/)
  await one.wholeWithin()
  await again.stop()
  t.match(countersOf(again.stderr()), { points: 5, written: 5 })
})

t.test('no permission: it says which group is missing, and goes on when it may', async (t) => {
  const one = await live.site(t)
  await one.site.invoke()
  await chmod(one.site.accessLog, 0)
  await mkdir(one.folder.file('its-state'))
  await chmod(one.folder.file('its-state'), 0o777)
  const config = await one.config({ state_dir: one.folder.file('its-state', 'state') })
  await chmod(config, 0o644)
  // Root may read everything; another user then takes its place.
  const options = { cwd: one.folder.path, user: 'postgres' }
  const collector = await startChild(process.execPath, [builtFile, 'collect', '--config', config], options)
  t.teardown(() => collector.stop())
  const [said] = await collector.waitFor(/event=waiting for=log .*/)
  t.match(said, one.site.accessLog)
  t.match(said, /no permission.*remedy=".*group.*adm/)
  await chmod(one.site.accessLog, 0o644)
  await one.wholeWithin()
})
