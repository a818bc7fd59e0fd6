// How fast the program is and what it takes, beside other readers of the same logs; prints Markdown, for
// docs/performance.md. `npm run bench -- [--only SECTION,...] [--runs N] [--bytes N] [--growth]`.
import { readFileSync } from 'node:fs'
import { cpus, loadavg } from 'node:os'
import { parseArgs } from 'node:util'
import { growth, manyInvocations, monitor, packedFile, plainFile, type Size, twoPackedFiles } from './backfills.ts'
import { live } from './live.ts'
import { Stage } from './stage.ts'

const { values } = parseArgs({
  options: {
    only: { type: 'string' },
    runs: { type: 'string', default: '5' },
    bytes: { type: 'string', default: '1040000000' },
    lines: { type: 'string', default: '300' },
    'idle-seconds': { type: 'string', default: '60' },
    growth: { type: 'boolean', default: false },
  },
})
const size: Size = { bytes: Number(values.bytes), runs: Number(values.runs) }

const sections: Record<string, (stage: Stage) => Promise<string>> = {
  plain: (stage) => plainFile(stage, size),
  gz: (stage) => packedFile(stage, size),
  two_gz: (stage) => twoPackedFiles(stage, size),
  frequent: (stage) => manyInvocations(stage, size),
  live: (stage) => live(stage, Number(values.lines), Number(values['idle-seconds'])),
  mtail: (stage) => monitor(stage, size),
  growth: (stage) => growth(stage, size),
}
/** Those that take minutes, or tens of gigabytes, are measured when they are asked for. */
const usual = Object.keys(sections).filter((name) => name !== 'mtail' && (name !== 'growth' || values.growth))
const chosen = values.only?.split(',') ?? usual
const unknown = chosen.filter((name) => !Object.hasOwn(sections, name))
if (unknown.length > 0) {
  process.stderr.write(`no such section: ${unknown.join(', ')}. There are ${Object.keys(sections).join(', ')}\n`)
  process.exit(2)
}

await using stage = await Stage.start()
console.log(`${cpus().length} × ${cpus()[0]?.model}, Node.js ${process.version}, ${kernel()}; ${load()} at the start\n`)
for (const name of chosen) console.log(await sections[name]!(stage))
console.log(`${load()} at the end`)

function kernel(): string {
  return `Linux ${readFileSync('/proc/sys/kernel/osrelease', 'latin1').trim()}`
}

/** Others at work on the machine make every figure worse, and not all by as much. */
function load(): string {
  return `load ${loadavg()[0]?.toFixed(1)}`
}
