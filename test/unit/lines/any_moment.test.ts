// What is done to a log's files is done between any two looks that the program takes at them: here before each in turn.
import fs, { copyFileSync, readFileSync, rmSync, truncateSync, writeFileSync } from 'node:fs'
import { syncBuiltinESMExports } from 'node:module'
import { gzipSync } from 'node:zlib'
import t from 'tap'
import { Follower, LogFolder } from './log_folder.ts'

/** What is still to be done, and before which of the program's calls; to the program it is another process that does it. */
let due: { call: number; act: () => void }[] = []
let calls = 0
let isActing = false
for (const name of ['openSync', 'fstatSync', 'statSync', 'readSync', 'globSync'] as const) {
  const original = fs[name] as (...args: unknown[]) => unknown
  Object.assign(fs, {
    [name]: (...args: unknown[]) => {
      if (!isActing) {
        const call = calls++
        isActing = true
        while (due[0]?.call === call) due.shift()!.act()
        isActing = false
      }
      return original(...args)
    },
  })
}
syncBuiltinESMExports()

interface Happening {
  name: string
  /** One after the other, with any number of the program's calls between. */
  steps: ((log: LogFolder) => void)[]
  /** What must be read of it, each once. */
  lines: number[]
  /** What stood in the log for a moment only: it may be read once or not at all. */
  perhaps?: number[]
}

const copy = (log: LogFolder) => copyFileSync(log.path, log.old('1'))
const cut = (log: LogFolder) => truncateSync(log.path)
const write =
  (...numbers: number[]) =>
  (log: LogFolder) =>
    log.log(numbers)

const happenings: Happening[] = [
  { name: 'copied and cut', steps: [copy, cut], lines: [] },
  { name: 'written to, copied, cut, written to', steps: [all(write(4), copy), all(cut, write(5))], lines: [4, 5] },
  { name: 'longer than it was', steps: [all(copy, cut), write(4, 5, 6, 7, 8)], lines: [4, 5, 6, 7, 8] },
  { name: 'begun with the same line again', steps: [all(copy, cut, write(1)), write(4)], lines: [1, 4] },
  { name: 'copied, written to, and cut', steps: [all(copy, write(9)), all(cut, write(4))], lines: [4], perhaps: [9] },
  {
    name: 'copied slowly, and cut',
    steps: [(log) => writeFileSync(log.old('1'), readFileSync(log.path).subarray(0, 120)), all(copy, cut, write(4))],
    lines: [4],
  },
  {
    name: 'the copy packed',
    steps: [all(copy, cut), all((log) => log.gzip(log.old('1')), write(4))],
    lines: [4],
  },
  {
    name: 'cut twice',
    steps: [
      all(copy, cut, write(4)),
      (log) => {
        log.copyAndTruncate('2')
        log.log([5])
      },
    ],
    lines: [4, 5],
  },
  { name: 'renamed, and made anew', steps: [(log) => log.rotate('1'), write(4)], lines: [4] },
  {
    name: 'renamed, written to, and made anew',
    steps: [(log) => log.log([4], log.rotate('1')), write(5)],
    lines: [4, 5],
  },
  {
    name: 'renamed, made anew and packed',
    steps: [
      (log) => {
        const packed = gzipSync(readFileSync(log.rotate('1')))
        log.log([4])
        writeFileSync(log.old('1.gz'), packed.subarray(0, packed.length / 2))
      },
      (log) => {
        rmSync(log.old('1.gz'))
        log.gzip(log.old('1'))
      },
    ],
    lines: [4],
  },
  {
    name: 'renamed twice',
    steps: [all((log) => log.rotate('1'), write(4)), all((log) => log.rotate('2'), write(5))],
    lines: [4, 5],
  },
]

const beginnings = {
  'while new lines are read': async (log: LogFolder) => {
    log.log([1, 2])
    const follower = new Follower(log)
    await follower.read()
    log.log([3])
    return follower
  },
  'before anything was read': async (log: LogFolder) => {
    const follower = new Follower(log)
    await follower.read()
    log.log([1, 2, 3])
    return follower
  },
  'at a start': async (log: LogFolder) => {
    log.log([1, 2])
    const follower = new Follower(log)
    await follower.read()
    follower.restart(() => log.log([3]))
    return follower
  },
  'at a start after a cut': async (log: LogFolder) => {
    log.log([1])
    const follower = new Follower(log)
    await follower.read()
    follower.restart(() => {
      log.log([2])
      log.copyAndTruncate('0')
      log.log([3])
    })
    return follower
  },
}

const underWayMax = 50
const callsBetween = [0, 1, 15]

for (const happening of happenings) {
  for (const [when, begin] of Object.entries(beginnings)) {
    t.test(`${happening.name}, ${when}`, async (t) => {
      const wrong: string[] = []
      const underWay = new Set<Promise<void>>()
      let moments = 0
      for (let first = 0, isLast = false; !isLast; first++) {
        for (const later of callsBetween) {
          const log = await LogFolder.make()
          const follower = await begin(log)
          calls = 0
          due = happening.steps.map((step, index) => ({ call: [first, first + later][index]!, act: () => step(log) }))
          await follower.readSome()
          const left = due.splice(0)
          for (const { act } of left) act()
          const end = endOf(happening, log, follower).then((found) => {
            if (found !== null) wrong.push(`before calls ${first} and ${first + later}: ${found}`)
          })
          underWay.add(end)
          void end.finally(() => underWay.delete(end))
          if (underWay.size >= underWayMax) await Promise.all(underWay)
          moments++
          isLast = left.length === happening.steps.length
          if (left.length > 0) break
        }
      }
      await Promise.all(underWay)
      t.same(wrong, [], `${moments} moments`)
      t.ok(moments > 20)
    })
  }
}

/** What is wrong with what was read in the end, and with what is read by another start; `null` where nothing is. */
async function endOf({ lines, perhaps = [] }: Happening, log: LogFolder, follower: Follower): Promise<string | null> {
  await follower.read()
  log.log([20])
  const found = (await follower.read()).sort(byNumber).join(' ')
  follower.restart()
  const foundLater = (await follower.read()).sort(byNumber).join(' ')
  follower.close()
  await log[Symbol.asyncDispose]()
  const right = [lines, [...lines, ...perhaps]].map((more) => [1, 2, 3, 20, ...more].sort(byNumber).join(' '))
  if (!right.includes(found)) return `read ${found}`
  return found === foundLater ? null : `read ${found}, and by the next start ${foundLater}`
}

function byNumber(a: number, b: number): number {
  return a - b
}

function all(...steps: Happening['steps']): (log: LogFolder) => void {
  return (log) => {
    for (const step of steps) step(log)
  }
}
