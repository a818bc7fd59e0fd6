// The services themselves: they start, ask for a password, survive what tests do to them, and leave nothing behind.
import { existsSync } from 'node:fs'
import { readFile, rename, writeFile } from 'node:fs/promises'
import { createServer } from 'node:http'
import { connect } from 'amqplib'
import postgres from 'postgres'
import { test } from 'tap'
import { startChild } from './child.ts'
import { request } from './http.ts'
import { startInfluxdb } from './influxdb.ts'
import { needs } from './needed.ts'
import { startNginx } from './nginx.ts'
import { startPostgres } from './postgres.ts'
import { descendants, isAlive } from './process_tree.ts'
import { startRabbitmq } from './rabbitmq.ts'
import { freePort, temporaryFolder } from './temporary.ts'

/** What a promise is while something is paused: nothing for as long as we care to look. */
const soon = <T>(promise: Promise<T>) =>
  Promise.race([promise, new Promise<'no answer'>((resolve) => setTimeout(resolve, 150, 'no answer'))])

test('PostgreSQL', needs('postgres'), async (t) => {
  const pids: number[] = []
  {
    await using server = await startPostgres()
    const url = await server.createGalaxyDatabase('galaxy')
    // The client reads types after it has connected, and breaks the process when it loses the connection meanwhile.
    const reader = postgres(url, { max: 1, connect_timeout: 2, fetch_types: false })
    const note = async () => pids.push(server.pid, ...(await descendants(server.pid)))
    await note()
    t.ok(pids.length > 3)

    await t.test('lets nobody in without a password', async (t) => {
      for (const wrong of [url.replace(/:\w+@/, ':wrong@'), server.url.replace(/:\w+@/, '@')]) {
        const client = postgres(wrong, { max: 1 })
        await t.rejects(client`SELECT 1`, { code: '28P01' })
        await client.end()
      }
    })

    await t.test('lets the reader read what is granted and nothing else', async (t) => {
      const sql = server.sql('galaxy')
      await sql`INSERT INTO galaxy_user (email, username) VALUES ('a@example.org', 'a')`
      t.match(await reader`SELECT id, email, username FROM galaxy_user`, [{ id: 1, username: 'a' }])
      await reader`SELECT id, stored_workflow_id, name, uuid, source_metadata, create_time, update_time FROM workflow`
      const denied = { code: '42501' }
      await t.rejects(reader`SELECT password FROM galaxy_user`, denied)
      await t.rejects(reader`SELECT * FROM workflow`, denied)
      await t.rejects(reader`UPDATE workflow SET name = 'x'`, denied)
      await t.rejects(reader`CREATE TABLE mine (id int)`, denied)
    })

    await t.test('can be an old Galaxy', async (t) => {
      await server.createGalaxyDatabase('old', { sourceMetadata: false })
      await t.rejects(server.sql('old')`SELECT source_metadata FROM workflow`, { code: '42703' })
    })

    await t.test('is paused and goes on', async (t) => {
      await reader`SELECT 1`
      await server.pause()
      const answer = reader`SELECT 7 AS seven`
      t.equal(await soon(answer.execute()), 'no answer')
      t.equal(
        await soon(postgres(url, { max: 1, connect_timeout: 1, fetch_types: false })`SELECT 1`.catch(() => 'late')),
        'no answer',
      )
      await server.resume()
      t.match(await answer, [{ seven: 7 }])
    })

    for (const end of ['kill9', 'stop'] as const)
      await t.test(`keeps its data and its port over ${end}`, async (t) => {
        const { pid, port } = server
        await note()
        await server[end]()
        await t.rejects(reader`SELECT 1`)
        t.equal(await isAlive(pid), false)
        await server.restart()
        t.equal(server.port, port)
        t.not(server.pid, pid)
        t.match(await reader`SELECT username FROM galaxy_user`, [{ username: 'a' }])
      })

    await note()
    await server.pause()
    await reader.end({ timeout: 0 })
  }
  t.same(await Promise.all(pids.map(isAlive)), Array(pids.length).fill(false), 'even when it was paused')
})

for (const tls of [false, true])
  test(`InfluxDB${tls ? ' with TLS' : ''}`, needs('influxd', ...(tls ? ['openssl' as const] : [])), async (t) => {
    const pids: number[] = []
    let caFile: string | undefined
    {
      await using server = await startInfluxdb({ tls, maxValuesPerTag: 3 })
      caFile = server.caFile
      pids.push(server.pid)
      const ca = caFile === undefined ? undefined : await readFile(caFile, 'utf8')
      await server.createDatabase('stats')
      await server.createDatabase('other')
      await server.addUser('writer', `it's "secret"`, { stats: 'WRITE' })
      await server.addUser('reader', 'secret', { stats: 'READ' })
      const write = (user: string, password: string, database = 'stats', line = 'm value=1 1') => {
        const authorization = `Basic ${Buffer.from(`${user}:${password}`).toString('base64')}`
        const url = `${server.url}/write?db=${database}&precision=ns`
        return request(url, { method: 'POST', headers: { authorization }, body: line, ca })
      }

      await t.test('lets in who may, and nobody else', async (t) => {
        t.equal((await request(`${server.url}/query?q=SHOW+DATABASES`, { ca })).status, 401)
        t.equal((await write('writer', 'wrong')).status, 401)
        t.equal((await write('reader', 'secret')).status, 403)
        t.equal((await write('writer', `it's "secret"`, 'other')).status, 403)
        t.equal((await write('writer', `it's "secret"`)).status, 204)
        if (tls) await t.rejects(request(`${server.url}/ping`), { code: 'UNABLE_TO_VERIFY_LEAF_SIGNATURE' })
      })

      await t.test('gives back points without losing a digit', async (t) => {
        await server.write('stats', 'digits,tag=\\ a,more=b count=1,id=9007199254740993i,text="t" 1700000000123456789')
        await server.write('stats', 'digits,tag=c count=0.5 1700000000123456788')
        t.same(await server.pointsOf('stats', 'digits'), [
          { time: 1700000000123456788n, tags: { tag: 'c' }, fields: { count: 0.5 } },
          {
            time: 1700000000123456789n,
            tags: { tag: ' a', more: 'b' },
            fields: { count: 1, id: 9007199254740993n, text: 't' },
          },
        ])
        t.same(await server.query('stats', 'SELECT sum("count") FROM digits'), [{ time: 0n, sum: 1.5 }])
        t.same(await server.fieldTypes('stats', 'digits'), { count: 'float', id: 'integer', text: 'string' })
        await t.rejects(server.query('none', 'SELECT * FROM digits'), /database not found/)
        await t.rejects(server.write('stats', 'broken'), /400/)
      })

      await t.test('keeps to its limits', async (t) => {
        const lines = ['a', 'b', 'c', 'd'].map((value) => `many,tag=${value} count=1 1`)
        await server.write('stats', lines.slice(0, 3).join('\n')) // It counts what was there before the batch.
        await t.rejects(server.write('stats', lines.join('\n')), /partial write.*dropped=1/)
      })

      await t.test('is paused and goes on', async (t) => {
        await server.pause()
        const answer = server.query('stats', 'SELECT count("count") FROM digits')
        t.equal(await soon(answer), 'no answer')
        server.resume()
        t.match(await answer, [{ count: 2 }])
      })

      for (const end of ['kill9', 'stop'] as const)
        await t.test(`keeps its data and its port over ${end}`, async (t) => {
          const { pid } = server
          await server[end]()
          await t.rejects(server.query('stats', 'SHOW MEASUREMENTS'), { code: 'ECONNREFUSED' })
          await server.restart()
          t.not(server.pid, pid)
          pids.push(server.pid)
          t.equal((await server.pointsOf('stats', 'digits')).length, 2)
        })
      await server.pause()
    }
    t.same(await Promise.all(pids.map(isAlive)), Array(pids.length).fill(false), 'even when it was paused')
    if (caFile !== undefined) t.notOk(existsSync(caFile))
  })

test('nginx', needs('nginx'), async (t) => {
  await using folder = await temporaryFolder('log')
  const accessLog = folder.file("access it's.log")
  const logged = async (path: string, pattern: RegExp) => {
    while (!pattern.test(await readFile(path, 'utf8'))) await new Promise(setImmediate)
  }
  const pids: number[] = []
  {
    await using server = await startNginx({ accessLog })
    pids.push(server.pid, ...(await descendants(server.pid)))
    t.ok(pids.length >= 2)
    t.equal((await server.request('/api/workflows/1/invocations')).status, 200)
    t.equal((await server.request('/refused', { headers: { 'X-Status': '403' } })).status, 403)
    await logged(accessLog, /^127\.0\.0\.1 - - \[.*\] "POST \/refused HTTP\/1.1" 403 \d+ "-" "-"$/m)
    await rename(accessLog, `${accessLog}.1`)
    await server.reopen()
    await server.request('/after')
    await logged(accessLog, /"POST \/after /)
    t.notMatch(await readFile(`${accessLog}.1`, 'utf8'), /after/)
  }
  t.same(await Promise.all(pids.map(isAlive)), Array(pids.length).fill(false))

  await t.test('writes a format of its own and passes requests on', async (t) => {
    const upstream = createServer((incoming, answer) => answer.writeHead(201).end(incoming.headers.host))
    await new Promise<void>((resolve) => upstream.listen(0, '127.0.0.1', resolve))
    const { port: upstreamPort } = upstream.address() as { port: number }
    const log = folder.file('json.log')
    const text = `{"it's": "\\\\ $host", "agent": "$http_user_agent", "status": $status}`
    await using server = await startNginx({ accessLog: log, logFormat: { text, escape: 'json' }, upstreamPort })
    const headers = { Host: 'genome.example.org', 'User-Agent': 'a "b"' }
    t.match(await server.request('/', { headers }), { status: 201, body: 'genome.example.org' })
    await logged(log, /\n$/)
    const line = JSON.parse(await readFile(log, 'utf8'))
    t.same(line, { "it's": '\\ genome.example.org', agent: 'a "b"', status: 201 })
    upstream.close()
  })

  await t.test('says why it does not start', async (t) => {
    await t.rejects(startNginx({ accessLog, logFormat: '$no_such_variable' }), /unknown "no_such_variable" variable/)
  })
})

test('a child ends with the process that started it, even when that is killed', async (t) => {
  await using folder = await temporaryFolder('parent')
  const child = new URL('child.ts', import.meta.url)
  await writeFile(
    folder.file('parent.ts'),
    `import { startChild } from '${child}'
     const { pid } = await startChild('sleep', ['1000'])
     console.log('child', pid, '.')`,
  )
  await using parent = await startChild(process.execPath, [folder.file('parent.ts')])
  const [, pid] = await parent.waitFor(/child (\d+) \./, { stream: 'stdout' })
  t.equal(await isAlive(Number(pid)), true)
  parent.signal('SIGKILL')
  await parent.exited
  while (await isAlive(Number(pid))) await new Promise(setImmediate)
  t.pass('it is gone')
})

test('a child that does not stop is killed, and a text that never comes is told', async (t) => {
  await using stubborn = await startChild('sh', ['-c', `trap '' TERM; echo ready; while :; do sleep 1; done`])
  await stubborn.waitFor(/ready/, { stream: 'stdout' })
  await t.rejects(stubborn.waitFor(/never/, { timeoutMs: 50 }), /50 ms passed before \/never\//)
  t.match(await stubborn.stop({ timeoutMs: 100 }), { signal: 'SIGKILL' })
  await t.rejects(stubborn.waitFor(/never/), /ended before/)
  await t.rejects(
    startChild('/no/such/program', []).then((child) => child.waitFor(/never/)),
    /No such file|ENOENT/,
  )
})

test('ports and folders are private', async (t) => {
  const ports = await Promise.all(Array.from({ length: 50 }, freePort))
  t.equal(new Set(ports).size, 50)
  const folder = await temporaryFolder()
  await writeFile(folder.file('a'), '')
  await folder.remove()
  t.notOk(existsSync(folder.path))
})

/** A connection whose loss fails what is asked over it, and nothing else. */
async function connectTo(url: string) {
  const connection = await connect(url)
  return connection.on('error', () => {})
}

test('RabbitMQ', needs('rabbitmq-server', 'openssl'), async (t) => {
  const pids: number[] = []
  {
    await using server = await startRabbitmq({ tls: true })
    const note = async () => pids.push(server.pid, ...(await descendants(server.pid)))
    await note()

    await t.test('lets nobody in without a password', async (t) => {
      await t.rejects(connect(server.url.replace(/:\w+@/, ':wrong@')), /403/)
    })

    await t.test('speaks TLS', async (t) => {
      const url = server.url.replace('amqp:', 'amqps:').replace(`:${server.port}`, `:${server.tlsPort}`)
      await t.rejects(connect(url), { code: 'UNABLE_TO_VERIFY_LEAF_SIGNATURE' })
      const connection = await connect(url, { ca: [await readFile(server.caFile as string)] })
      await connection.close()
    })

    for (const end of ['kill9', 'stop'] as const)
      await t.test(`keeps its data and its port over ${end}`, async (t) => {
        const before = await connectTo(server.url)
        const channel = await before.createConfirmChannel()
        channel.on('error', () => {})
        await channel.assertQueue('kept', { durable: true, arguments: { 'x-queue-type': 'quorum' } })
        channel.sendToQueue('kept', Buffer.from(end), { persistent: true })
        await channel.waitForConfirms()
        await note()
        await server[end]()
        await t.rejects(connect(server.url), { code: 'ECONNREFUSED' })
        await server.restart()
        const after = await connectTo(server.url)
        const message = (await (await after.createChannel()).get('kept', { noAck: true })) || null
        t.equal(message?.content.toString(), end)
        await after.close()
      })

    await note()
    await server.pause()
  }
  t.same(await Promise.all(pids.map(isAlive)), Array(pids.length).fill(false), 'even when it was paused')
})
