// The same lines, however their bytes come: in what pieces, through how many files, and with how many starts between.
import { appendFileSync, renameSync } from 'node:fs'
import fc from 'fast-check'
import t from 'tap'
import { FollowedLog } from '../../src/lines/followed_log.ts'
import { LineBuffer, lineMaxBytes } from '../../src/lines/line_buffer.ts'
import { temporaryFolder } from '../services/temporary.ts'
import { holds, holdsLater } from './property.ts'

const bytes = fc
  .array(
    fc.oneof(fc.constantFrom('\n', '\n\n', '\r\n', '\0', 'a line', '\u00ff'), fc.string({ unit: 'binary-ascii' })),
    { maxLength: 40 },
  )
  .map((parts) => Buffer.from(parts.join(''), 'latin1'))
const sizes = fc.array(fc.integer({ min: 1, max: 60 }), { minLength: 1, maxLength: 20 })

/** All but what stands behind the last line end; longer lines are let go. */
function wholeLines(text: Buffer): string[] {
  return text
    .toString('latin1')
    .split('\n')
    .slice(0, -1)
    .filter((line) => line.length <= lineMaxBytes)
}

const linesOf = (region: Buffer) => (region.length === 0 ? [] : region.toString('latin1').slice(0, -1).split('\n'))

t.test('any pieces', async () => {
  holds([bytes, sizes], (all, pieces) => {
    const buffer = new LineBuffer()
    const found: string[] = []
    for (let at = 0, piece = 0; at < all.length; piece++) {
      const count = all.copy(buffer.space(), 0, at, at + pieces[piece % pieces.length]!)
      found.push(...linesOf(buffer.filled(count)))
      at += count
    }
    const whole = wholeLines(all)
    const rest = all.toString('latin1').split('\n').at(-1)!
    const isPlace = buffer.unfinishedBytes === rest.length
    const last = buffer.finish().toString('latin1')
    return (
      isPlace &&
      last === rest &&
      buffer.lines === whole.length + (rest === '' ? 0 : 1) &&
      JSON.stringify(found) === JSON.stringify(whole)
    )
  })
})

t.test('lines about as long as a line may be', async () => {
  const long = fc
    .tuple(fc.constantFrom(1, 2, 3), fc.integer({ min: -2, max: 2 }))
    .map(([times, more]) => 'x'.repeat(times * lineMaxBytes + more))
  const text = fc
    .array(fc.oneof(long, fc.constantFrom('', 'short')), { minLength: 1, maxLength: 4 })
    .map((all) => Buffer.from(`${all.join('\n')}\n`))
  holds(
    [text, fc.array(fc.integer({ min: 1, max: 300_000 }), { minLength: 1, maxLength: 8 })],
    (all, pieces) => {
      const buffer = new LineBuffer()
      const found: number[] = []
      for (let at = 0, piece = 0; at < all.length; piece++) {
        const least = Math.max(20_000, pieces[piece % pieces.length]!)
        const count = all.copy(buffer.space(), 0, at, at + least)
        found.push(...linesOf(buffer.filled(count)).map((line) => line.length))
        at += count
      }
      const lengths = all
        .toString('latin1')
        .split('\n')
        .slice(0, -1)
        .map((line) => line.length)
      const tooLong = lengths.filter((length) => length > lineMaxBytes).length
      const wanted = lengths.filter((length) => length <= lineMaxBytes)
      return (
        JSON.stringify(found) === JSON.stringify(wanted) &&
        buffer.malformed === tooLong &&
        buffer.lines === lengths.length
      )
    },
    40,
  )
})

type Step = { text: Buffer; next: 'read' | 'start again' | 'rename' }

t.test('a log that grows, is renamed, and is read by one start after another', async () => {
  const step: fc.Arbitrary<Step> = fc.record({
    // No two files may begin alike: each line of a log tells its second and its client.
    text: fc.tuple(fc.uuid(), bytes).map(([id, all]) => Buffer.concat([Buffer.from(`${id}\n`), all])),
    next: fc.constantFrom('read', 'read', 'start again', 'rename'),
  })
  await holdsLater(
    [fc.array(step, { minLength: 1, maxLength: 8 })],
    async (steps) => {
      await using folder = await temporaryFolder('lines')
      const path = folder.file('access.log')
      const settings = {
        place: { path, rotated: [folder.file('old-*')], byName: false },
        selector: { select: () => {}, timeMs: () => null },
        lookBackMs: 0,
      }
      let log = new FollowedLog(settings, [], 'beginning')
      const found: string[] = []
      const read = async () => {
        for (let region = await log.next(); region !== null; region = await log.next())
          found.push(region.bytes.toString('latin1'))
      }
      let written = Buffer.alloc(0)
      let files = 0
      for (const { text, next } of steps) {
        // A file ends with its last line; what is unfinished goes on in the same file.
        const all = next === 'rename' ? Buffer.concat([text, Buffer.from('\n')]) : text
        appendFileSync(path, all)
        written = Buffer.concat([written, all])
        await read()
        if (next === 'start again') {
          const saved = log.saved
          log.close()
          log = new FollowedLog(settings, saved, 'end')
        }
        if (next === 'rename') {
          renameSync(path, folder.file(`old-${++files}`))
          // Another start finds the renamed file, and goes on with the next.
          const saved = log.saved
          log.close()
          log = new FollowedLog(settings, saved, 'end')
        }
      }
      await read()
      log.close()
      const whole = written.subarray(0, written.lastIndexOf(0x0a) + 1).toString('latin1')
      return found.join('') === whole
    },
    60,
  )
})
