// `dead list`, `show` and `replay` on the embedded transport, the built file, also beside a `serve` that delivers.
import t from 'tap'
import type { DeadLetter } from '../../src/events/dead_letter.ts'
import { readEnvelope } from '../../src/events/envelope.ts'
import { Deliveries } from '../../src/outbox/deliveries.ts'
import { openOutbox } from '../../src/outbox/file.ts'
import { Outbox } from '../../src/outbox/outbox.ts'
import { type Finished, run } from '../services/program.ts'
import { ask, HubSite, job, send } from './hub_site.ts'
import { until } from './live.ts'
import { startStandIn } from './stand_in.ts'

t.test('dead letters are listed, shown and delivered again while serve runs', async (t) => {
  const site = await HubSite.make(t)
  let isMended = false
  const influxdb = await startStandIn(t, ({ path, lines }) => {
    const isBad = path.startsWith('/write') && lines.join().includes('bad=') && !isMended
    return isBad
      ? { status: 400, body: '{"error":"partial write: bad\\u001b[2J"}', type: 'application/json' }
      : { status: 204 }
  })
  const common = { kind: 'influxdb', url: influxdb.url, database: 'events', filter: ['job.#'] }
  const destinations = { there: common, other: { ...common, filter: ['user.#'] } }
  const { url } = await site.start({ destinations })
  const key = await site.key('--scope', 'events:write:*', '--scope', 'events:read')
  const config = site.folder.file('config.yml')
  const dead = (...args: string[]): Promise<Finished> => run(['dead', ...args], { config })
  const listed = async (...args: string[]) => {
    const { status, stdout } = await dead('list', '--json', ...args)
    t.equal(status, 0)
    return (JSON.parse(stdout) as { letters: DeadLetter[] }).letters
  }
  const state = async (id: string) => {
    const { destinations } = (await ask(url, key, `events/${id}`)).json
    return (destinations as { destination: string; state: string }[]).find((it) => it.destination === 'there')?.state
  }
  t.same(await listed(), [])

  const sent = await send(url, key, [job({ bad: 1 }), job(), job({ bad: 2 }), job({ bad: 3 })])
  const [first, good, second, third] = sent.json.results!.map(({ id }) => id!) as [string, string, string, string]
  await until('three are dead', async () => (await listed()).length === 3)
  t.equal(await state(good), 'delivered', 'and hold up nobody')
  const letters = await listed('--destination', 'there')
  t.same(
    letters.map(({ id }) => id),
    [first, second, third],
  )
  t.match(letters[0], {
    ...{ destination: 'there', attempts: 1, cause: /HTTP 400: partial write: bad/ },
    event: { id: first, category: 'job', type: 'started', payload: { bad: 1 } },
  })
  t.ok(Date.parse(letters[0]!.dead_at!) <= Date.now())
  t.same(await listed('--destination', 'other'), [])
  const tomorrow = new Date(Date.now() + 86_400_000).toISOString().slice(0, 10)
  t.same(await listed('--since', tomorrow), [])

  const table = await dead('list')
  const rows = table.stdout.trimEnd().split('\n')
  t.match(rows[0], /^dead since +id +destination +event +attempts +cause$/)
  t.equal(rows.length, 4)
  t.match(rows[2], new RegExp(`${second}  there +job\\.started  1 +HTTP 400`))
  t.equal(rows[2]!.indexOf('HTTP'), rows[0]!.indexOf('cause'))
  t.notOk(table.stdout.includes('\u001b'), 'what a server said does not steer a terminal')
  const shown = await dead('show', second.toUpperCase())
  t.match(shown, { status: 0, stdout: /^destination +there$/m })
  t.match(shown.stdout, '"bad":2')
  t.match((await dead('show', good)).status, 1, 'one that was delivered is none')
  t.match(await dead('show', second, '0000'), {
    status: 1,
    stderr: /^no dead letter with the id 0000; `dead list` shows/,
  })
  t.match(await dead('show'), { status: 2, stderr: /dead show needs ID/ })
  t.match(await dead('replay'), { status: 2, stderr: /needs --destination NAME/ })
  t.match(await dead('list', '--destination', 'nowhere'), { status: 2, stderr: /Known are there, other/ })

  t.match(await dead('replay', '--destination', 'there', first), { stdout: '1 to be delivered again\n' })
  const none = await dead('replay', '--destination', 'there', '0000')
  t.match(none, { status: 1, stderr: 'no dead letter with the id 0000; `dead list` shows them\n' })
  await until('it is dead again', async () => {
    const again = (await listed()).find(({ id }) => id === first)
    return again !== undefined && again.dead_at! > letters[0]!.dead_at!
  })
  t.equal((await listed()).length, 3, 'and still one letter')

  isMended = true
  t.equal((await dead('replay', '--destination', 'there', '--since', tomorrow)).stdout, '0 to be delivered again\n')
  t.same(JSON.parse((await dead('replay', '--destination', 'there', '--json', second)).stdout), { replayed: 1 })
  await until('the one that was named is delivered', async () => (await state(second)) === 'delivered')
  t.same(new Set((await listed()).map(({ id }) => id)), new Set([first, third]))
  t.equal((await dead('replay', '--destination', 'there')).stdout, '2 to be delivered again\n')
  for (const id of [first, third]) await until(`${id} is delivered`, async () => (await state(id)) === 'delivered')
  t.same(await listed(), [])
  t.match(await dead('list'), { status: 0, stdout: '', stderr: 'no dead letters\n' })
  const of = { config }
  t.equal((await run(['pause', '--destination', 'there'], of)).stderr, 'there is paused: its events wait\n')
  t.equal((await run(['resume', '--destination', 'there'], of)).stderr, 'there is delivered to again\n')
  t.equal(influxdb.accepted().length, 4, 'each once')
})

t.test('more dead letters than are listed at once are told of, and all replayed', async (t) => {
  const site = await HubSite.make(t)
  const there = { kind: 'influxdb', url: 'http://127.0.0.1:9', database: 'events' }
  const config = await site.config({ destinations: { there } })
  const database = openOutbox(site.file, 'normal')
  const deliveries = new Deliveries(database, 'there')
  const outbox = new Outbox(database, site.file)
  const origin = { source: 'galaxy', nowMs: Date.now() }
  const events = Array.from({ length: 10_001 }, () => readEnvelope(job(), origin))
  await outbox.accept(events)
  const pulled = deliveries.pull(events.length, Date.now())
  const outcomes = pulled.map((delivery) => ({ delivery, state: 'dead' as const, attempts: 1, cause: 'HTTP 400' }))
  deliveries.settle(outcomes, Date.now())
  outbox.close()

  const listed = await run(['dead', 'list', '--json'], { config })
  t.equal((JSON.parse(listed.stdout) as { letters: unknown[] }).letters.length, 10_000)
  t.match(listed.stderr, /event=dead_letters_cut_off destination=there listed=10000 remedy=/)
  t.match(await run(['dead', 'list', '--json', events.at(-1)!.id], { config }), { stderr: '' })
  t.match(await run(['dead', 'replay', '--destination', 'there'], { config }), { stdout: '10001 to be' })
})

t.test('before there is a file of events, that is said', async (t) => {
  const site = await HubSite.make(t)
  const there = { kind: 'influxdb', url: 'http://127.0.0.1:9', database: 'events' }
  const config = await site.config({ destinations: { there } })
  t.match(await run(['dead', 'list'], { config }), { status: 1, stderr: /there is none yet\. `serve` makes it/ })
})
