// What is on disk survives whatever happens to the process that wrote it.
import { existsSync, readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import t from 'tap'
import { Failed } from '../../../src/base/errors.ts'
import { lockAlone, makeStateFolder, readWhole, writeWhole } from '../../../src/base/state.ts'
import { startChild } from '../../services/child.ts'
import { temporaryFolder } from '../../services/temporary.ts'

const state = join(import.meta.dirname, '../../../src/base/state.ts')

/** Runs a script that has the functions of state.ts. */
async function startScript(folder: string, script: string) {
  const file = join(folder, 'script.mjs')
  writeFileSync(file, `import { lockAlone, writeWhole } from ${JSON.stringify(state)}\n${script}`)
  return await startChild(process.execPath, [file])
}

const parse = (text: string) => JSON.parse(text) as unknown

t.test('what was written is read, and nothing is left beside it', async (t) => {
  await using folder = await temporaryFolder('state')
  const path = folder.file('place.json')
  t.same(readWhole(path, parse), { kind: 'none' })
  for (const value of [{ a: 1 }, { a: 'x'.repeat(200_000) }, { a: 2 }]) {
    writeWhole(path, JSON.stringify(value))
    t.same(readWhole(path, parse), { kind: 'found', value })
  }
  t.same(readdirSync(folder.path), ['place.json'])
  t.equal(statSync(path).mode & 0o777, 0o600)
})

t.test('a damaged file is set aside and told, and is not met again', async (t) => {
  await using folder = await temporaryFolder('state')
  const path = folder.file('place.json')
  for (const text of ['', '{', '\u0000\u0000\u0000', '{"version": 1']) {
    writeFileSync(path, text)
    t.same(readWhole(path, parse), { kind: 'damaged' }, JSON.stringify(text))
    t.notOk(existsSync(path))
    t.same(readWhole(path, parse), { kind: 'none' })
  }
  const aside = readdirSync(folder.path)
  t.ok(aside.length > 0 && aside.every((name) => name.startsWith('place.json.damaged-')))
  t.ok(
    aside.some((name) => readFileSync(folder.file(name), 'utf8') === '{"version": 1'),
    'it is kept as it was',
  )
})

t.test('a writer killed at any moment leaves a whole file', async (t) => {
  await using folder = await temporaryFolder('state')
  const path = folder.file('place.json')
  writeWhole(path, JSON.stringify({ number: 0, text: '' }))
  for (let round = 0; round < 5; round++) {
    await using writer = await startScript(
      folder.path,
      `for (let number = 1; ; number++) {
        writeWhole(${JSON.stringify(path)}, JSON.stringify({ number, text: 'x'.repeat(number * 100) }))
        if (number === ${3 + round * 7}) console.log('writing')
      }`,
    )
    await writer.waitFor(/writing/, { stream: 'stdout' })
    writer.signal('SIGKILL')
    await writer.exited
    const loaded = readWhole(path, parse)
    if (loaded.kind !== 'found') return t.fail(loaded.kind)
    const { number, text } = loaded.value as { number: number; text: string }
    t.equal(text.length, number * 100, 'one writing, not two mixed')
  }
})

t.test('one process alone holds a lock; it is free again when that one is killed', async (t) => {
  await using folder = await temporaryFolder('state')
  const path = folder.file('collect.lock')
  const holder = await startScript(
    folder.path,
    `globalThis.lock = lockAlone(${JSON.stringify(path)}, 'x'); console.log('held'); setInterval(() => {}, 1000)`,
  )
  t.teardown(() => holder.stop())
  await holder.waitFor(/held/, { stream: 'stdout' })
  t.throws(() => lockAlone(path, 'another collector'), Failed)
  t.throws(() => lockAlone(path, 'another collector'), { message: path }, 'it names the lock')
  holder.signal('SIGKILL')
  await holder.exited
  const lock = lockAlone(path, 'another collector')
  t.throws(() => lockAlone(path, 'another collector'), Failed, 'also within one process')
  lock[Symbol.dispose]()
  lockAlone(path, 'another collector')[Symbol.dispose]()
})

t.test('a state folder is made for its owner alone', async (t) => {
  await using folder = await temporaryFolder('state')
  makeStateFolder(folder.file('a', 'b'))
  t.equal(statSync(folder.file('a', 'b')).mode & 0o777, 0o700)
  makeStateFolder(folder.file('a', 'b'))
  writeFileSync(folder.file('file'), '')
  t.throws(() => makeStateFolder(folder.file('file', 'b')), Failed)
  t.throws(() => makeStateFolder(folder.file('file', 'b')), { message: dirname(folder.file('file', 'b')) })
})
