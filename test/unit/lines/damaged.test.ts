import { writeFileSync } from 'node:fs'
import { gzipSync } from 'node:zlib'
import t from 'tap'
import { FollowedLog, type SavedLog } from '../../../src/lines/followed_log.ts'
import { temporaryFolder } from '../../services/temporary.ts'

t.test('a packed file that is still being copied is read on from the line it was cut in', async (t) => {
  await using folder = await temporaryFolder('damaged')
  const lines = Array.from({ length: 20_000 }, (_, index) => `line ${index} ${Math.sin(index)}`)
  const packed = gzipSync(`${lines.join('\n')}\n`)
  const path = folder.file('access.log')
  const rotated = folder.file('access.log-1.gz')
  const settings = {
    place: { path, rotated: [rotated], byName: false },
    selector: { select: () => {}, timeMs: () => null },
    lookBackMs: 1000,
  }
  const found: string[] = []
  const read = async (saved: SavedLog) => {
    const log = new FollowedLog(settings, saved, 'beginning')
    for (let region = await log.next(); region !== null; region = await log.next()) {
      found.push(...region.bytes.toString().split('\n').slice(0, -1))
    }
    log.close()
    return log.saved ?? []
  }
  writeFileSync(path, 'the live one\n')
  writeFileSync(rotated, packed.subarray(0, packed.length / 2))
  const saved = await read([])
  t.ok(found.length > 1 && found.length < lines.length, 'some of it')
  writeFileSync(rotated, packed)
  await read(saved)
  t.same(found.filter((line) => line !== 'the live one').sort(), [...lines].sort(), 'each line once')
})
