// How many clients an access log names in a minute.
import { appendFile, rename, writeFile } from 'node:fs/promises'
import t from 'tap'
import { ClientCounter } from '../../../src/nginx/clients.ts'
import { compileLogFormat } from '../../../src/nginx/log_format.ts'
import { temporaryFolder } from '../../services/temporary.ts'

const combined = compileLogFormat('combined', 'default')
const begin = Date.parse('2026-06-25T10:00:00Z')

function line(client: string, second: number): string {
  const time = new Date(begin + second * 1000).toISOString()
  const local = `25/Jun/2026:${time.slice(11, 19)} +0000`
  return `${client} - - [${local}] "GET / HTTP/1.1" 200 5 "-" "-"\n`
}

t.test('each client once, over the lines of the last minute that is over', async (t) => {
  await using folder = await temporaryFolder('clients')
  const path = folder.file('access.log')
  let nowMs = begin - 30_000
  await writeFile(path, line('10.0.0.1', -40))
  const counter = new ClientCounter(path, [], combined, () => nowMs)
  t.equal(await counter.lastMinute(), null, 'reading began within a minute')
  await appendFile(path, line('10.0.0.1', -10) + line('10.0.0.1', 0) + line('10.0.0.2', 1) + line('10.0.0.1', 59))
  nowMs = begin + 62_000
  t.equal(await counter.lastMinute(), null, 'a minute is given time to settle')
  await appendFile(path, `${line('2001:db8::1', 59)}no line at all\n${line('10.0.0.9', 60)}`)
  nowMs = begin + 65_000
  t.same(await counter.lastMinute(), { clients: 3, requests: 4, isExact: true })
  t.same(await counter.lastMinute(), { clients: 3, requests: 4, isExact: true }, 'asked again')
  nowMs = begin + 125_000
  t.same(await counter.lastMinute(), { clients: 1, requests: 1, isExact: true })
  nowMs = begin + 185_000
  t.same(await counter.lastMinute(), { clients: 0, requests: 0, isExact: true })
  counter.close()
})

t.test('a rotated log is read to its end', async (t) => {
  await using folder = await temporaryFolder('clients')
  const path = folder.file('access.log')
  let nowMs = begin - 30_000
  await writeFile(path, line('10.0.0.1', -40))
  const counter = new ClientCounter(path, [`${path}.*`], combined, () => nowMs)
  await counter.lastMinute()
  await appendFile(path, line('10.0.0.1', 5))
  await rename(path, `${path}.1`)
  await appendFile(`${path}.1`, line('10.0.0.2', 6))
  await writeFile(path, line('10.0.0.3', 7))
  nowMs = begin + 65_000
  t.same(await counter.lastMinute(), { clients: 3, requests: 3, isExact: true })
  counter.close()
})

t.test('an address is told nowhere', async (t) => {
  t.notMatch(JSON.stringify(combined.parse(line('203.0.113.7', 0))), /203\.0\.113\.7/)
})
