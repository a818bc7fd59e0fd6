// One path is one endless stream of lines, however its files are renamed, packed, copied and cut.
import { copyFileSync, renameSync, truncateSync, writeFileSync } from 'node:fs'
import t from 'tap'
import { Follower, LogFolder, line } from './log_folder.ts'

t.test('renamed into another folder, and written to until nginx opens the new file', async (t) => {
  await using log = await LogFolder.make()
  using follower = new Follower(log)
  log.log([1, 2])
  t.same(await follower.read(), [1, 2])
  const old = log.rotate('1')
  log.log([3], old)
  t.same(await follower.read(), [1, 2, 3], 'before there is a new file')
  log.log([4], old)
  log.log([6])
  await follower.readSome()
  log.log([5], old)
  t.same(await follower.read(), [1, 2, 3, 4, 5, 6], 'a worker that is a moment late')
  log.log([7])
  t.same(await follower.read(), [1, 2, 3, 4, 5, 6, 7])
})

t.test('a worker that is late by more than a moment', async (t) => {
  await using log = await LogFolder.make()
  using follower = new Follower(log)
  log.log([1])
  await follower.read()
  const old = log.rotate('1')
  log.log([2])
  t.same(await follower.read(), [1, 2])
  log.log([3], old)
  t.same(await follower.read(), [1, 2, 3])
  log.log([4])
  t.same(await follower.read(), [1, 2, 3, 4])
})

t.test('a worker that is late again and again', async (t) => {
  await using log = await LogFolder.make()
  using follower = new Follower(log)
  log.log([1])
  await follower.read()
  const old = log.rotate('1')
  log.log([2])
  t.same(await follower.read(), [1, 2])
  log.log([3], old)
  t.same(await follower.read(), [1, 2, 3])
  log.log([4], old)
  t.same(await follower.read(), [1, 2, 3, 4])
  log.log([5])
  log.log([6], old)
  t.same((await follower.read()).sort(), [1, 2, 3, 4, 5, 6])
})

for (const read of ['read to its end', 'not read yet']) {
  t.test(`a restart between the renaming and nginx's opening, with the old file ${read}`, async (t) => {
    await using log = await LogFolder.make()
    using follower = new Follower(log)
    log.log([1])
    await follower.read()
    let old = ''
    follower.restart(() => {
      if (read === 'not read yet') log.log([2])
      old = log.rotate('1')
      writeFileSync(log.path, '')
    })
    const before = await follower.read()
    log.log([3], old)
    t.same(await follower.read(), [...before, 3])
    log.log([4])
    t.same(await follower.read(), [...before, 3, 4])
    log.log([5], old)
    t.same(await follower.read(), [...before, 3, 4, 5])
  })
}

t.test('an empty file made by logrotate before nginx is told', async (t) => {
  await using log = await LogFolder.make()
  using follower = new Follower(log)
  log.log([1])
  await follower.read()
  const old = log.rotate('1')
  writeFileSync(log.path, '')
  log.log([2], old)
  t.same(await follower.read(), [1, 2])
  log.log([3], old)
  log.log([4])
  t.same(await follower.read(), [1, 2, 3, 4])
})

t.test('renamed twice before anybody looks', async (t) => {
  await using log = await LogFolder.make()
  using follower = new Follower(log)
  log.log([1])
  await follower.read()
  log.log([2])
  log.rotate('1')
  log.log([3])
  log.rotate('2')
  log.log([4])
  t.same(await follower.read(), [1, 2, 3, 4])
})

t.test('packed as soon as it is renamed', async (t) => {
  await using log = await LogFolder.make()
  using follower = new Follower(log)
  log.log([1])
  await follower.read()
  log.log([2])
  log.gzip(log.rotate('1'))
  log.log([3])
  t.same(await follower.read(), [1, 2, 3])
})

t.test('packed later, it is not read again', async (t) => {
  await using log = await LogFolder.make()
  using follower = new Follower(log)
  log.log([1, 2])
  await follower.read()
  const old = log.rotate('1')
  log.log([3])
  t.same(await follower.read(), [1, 2, 3])
  log.gzip(old)
  log.rotate('2')
  log.log([4])
  t.same(await follower.read(), [1, 2, 3, 4])
  follower.restart()
  t.same(await follower.read(), [1, 2, 3, 4])
})

t.test('several rotations while nobody reads, some packed', async (t) => {
  await using log = await LogFolder.make()
  using follower = new Follower(log)
  log.log([1, 2])
  await follower.read()
  follower.restart(() => {
    log.log([3])
    log.gzip(log.rotate('1'))
    log.log([4, 5])
    log.rotate('2')
    log.log([6])
    log.gzip(log.rotate('3'))
    log.log([7])
  })
  t.same(await follower.read(), [1, 2, 3, 4, 5, 6, 7])
  follower.restart()
  t.same(await follower.read(), [1, 2, 3, 4, 5, 6, 7], 'and not once more')
})

t.test('rotated while nobody reads, and no new log yet', async (t) => {
  await using log = await LogFolder.make()
  using follower = new Follower(log)
  log.log([1])
  await follower.read()
  follower.restart(() => {
    log.log([2])
    log.rotate('1')
  })
  t.same(await follower.read(), [1, 2])
  log.log([3])
  t.same(await follower.read(), [1, 2, 3])
})

t.test('copied and cut, while running', async (t) => {
  await using log = await LogFolder.make()
  using follower = new Follower(log)
  log.log([1, 2])
  await follower.read()
  log.log([3])
  log.copyAndTruncate('1')
  log.log([4])
  t.same(await follower.read(), [1, 2, 3, 4])
  log.copyAndTruncate('2')
  t.same(await follower.read(), [1, 2, 3, 4], 'nothing twice from the copies')
  log.log([5])
  t.same(await follower.read(), [1, 2, 3, 4, 5])
})

t.test('copied and cut, then longer than it was before anybody looks', async (t) => {
  await using log = await LogFolder.make()
  using follower = new Follower(log)
  log.log([1])
  await follower.read()
  log.log([2])
  log.copyAndTruncate('1')
  log.log([3, 4, 5, 6])
  t.same(await follower.read(), [1, 2, 3, 4, 5, 6])
})

t.test('copied and cut, and begun again with the line that it began with', async (t) => {
  await using log = await LogFolder.make()
  using follower = new Follower(log)
  log.log([1, 2])
  await follower.read()
  log.log([3])
  log.copyAndTruncate('1')
  log.log([1])
  t.same(await follower.read(), [1, 2, 3, 1])
  log.log([4])
  follower.restart(() => {
    log.copyAndTruncate('2')
    log.log([1])
  })
  t.same((await follower.read()).sort(), [1, 1, 1, 2, 3, 4], 'each once, whichever of the same lines was read before')
})

for (const { how, kept } of [
  { how: 'short', kept: [1, 2] },
  { how: 'long', kept: Array.from({ length: 100 }, (_, index) => index + 1) },
]) {
  for (const packed of [false, true]) {
    t.test(`a ${how} copy${packed ? ', packed,' : ''} made before the last line was written and read`, async (t) => {
      await using log = await LogFolder.make()
      using follower = new Follower(log)
      log.log(kept)
      copyFileSync(log.path, log.old('1'))
      log.log([200])
      const read = [...kept, 200]
      t.same(await follower.read(), read)
      truncateSync(log.path)
      if (packed) log.gzip(log.old('1'))
      t.same(await follower.read(), read, 'nothing twice')
      log.log([201])
      t.same(await follower.read(), [...read, 201])
      log.copyAndTruncate('2')
      log.log([202])
      t.same(await follower.read(), [...read, 201, 202], 'the first copy is known at the next cut')
      follower.restart()
      t.same(await follower.read(), [...read, 201, 202], 'and at the next start')
    })
  }
}

t.test('a copy that comes only after the cut is read at the next, from where the log was left', async (t) => {
  await using log = await LogFolder.make()
  using follower = new Follower(log)
  log.log([1])
  await follower.read()
  log.log([2])
  const elsewhere = log.folder.file('elsewhere')
  copyFileSync(log.path, elsewhere)
  truncateSync(log.path)
  log.log([3])
  t.same(await follower.read(), [1, 3])
  renameSync(elsewhere, log.old('1'))
  log.log([4])
  log.copyAndTruncate('2')
  t.same(await follower.read(), [1, 3, 2, 4])
})

t.test('copied and cut while nobody reads', async (t) => {
  await using log = await LogFolder.make()
  using follower = new Follower(log)
  log.log([1, 2])
  await follower.read()
  follower.restart(() => {
    log.log([3])
    log.copyAndTruncate('1')
    log.log([4])
    log.copyAndTruncate('2')
    log.gzip(log.old('1'))
    log.log([5, 6, 7, 8])
  })
  t.same(await follower.read(), [1, 2, 3, 4, 5, 6, 7, 8])
})

t.test('its last lines lost by a power cut, and as many others written before anybody looks', async (t) => {
  await using log = await LogFolder.make()
  using follower = new Follower(log)
  // More than is known of its beginning.
  const kept = Array.from({ length: 100 }, (_, index) => 100 + index)
  log.log([...kept, 201, 202])
  await follower.read()
  follower.restart(() => {
    truncateSync(log.path, line(100).length * kept.length)
    log.log([301, 302, 303])
  })
  const all = [...kept, 201, 202, ...kept, 301, 302, 303]
  t.same(await follower.read(), all, 'read again from its beginning')
  follower.restart(() => log.log([304]))
  t.same(await follower.read(), [...all, 304], 'and from then on where it was left')
})

t.test('cut to nothing without a copy', async (t) => {
  await using log = await LogFolder.make()
  using follower = new Follower(log)
  log.log([1, 2, 3])
  await follower.read()
  truncateSync(log.path)
  t.same(await follower.read(), [1, 2, 3])
  log.log([4])
  t.same(await follower.read(), [1, 2, 3, 4])
  truncateSync(log.path)
  log.log([5, 6, 7])
  t.same(await follower.read(), [1, 2, 3, 4, 5, 6, 7])
})

t.test('removed and made anew', async (t) => {
  await using log = await LogFolder.make()
  using follower = new Follower(log)
  log.log([1, 2])
  await follower.read()
  log.remove()
  t.same(await follower.read(), [1, 2])
  log.log([3])
  t.same(await follower.read(), [1, 2, 3])
  follower.restart(() => {
    log.remove()
    log.log([4, 5])
  })
  t.same(await follower.read(), [1, 2, 3, 4, 5], 'while nobody reads, perhaps with the same inode')
})

t.test('a copy of the live log among the rotated ones is not read', async (t) => {
  await using log = await LogFolder.make()
  using follower = new Follower(log)
  log.log([1, 2])
  copyFileSync(log.path, log.old('copy'))
  t.same(await follower.read(), [1, 2])
  log.log([3])
  t.same(await follower.read(), [1, 2, 3])
  follower.restart()
  t.same(await follower.read(), [1, 2, 3])
})

t.test('a rotated file beside its packed copy, as there is while gzip works, is read once', async (t) => {
  await using log = await LogFolder.make()
  using follower = new Follower(log)
  log.log([1])
  await follower.read()
  follower.restart(() => {
    log.log([2])
    const old = log.rotate('1')
    copyFileSync(old, log.old('copy'))
    log.gzip(log.old('copy'))
    log.log([3])
  })
  t.same(await follower.read(), [1, 2, 3])
})
