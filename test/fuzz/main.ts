// `npm run fuzz -- [--lines N] [--seed S]`: a table of what was found; exit status 1 where anything is wrong.
import { constants, setPriority } from 'node:os'
import { parseArgs } from 'node:util'
import { fuzz } from './fuzz.ts'

const { values } = parseArgs({
  options: { lines: { type: 'string', default: '10000000' }, seed: { type: 'string', default: String(Date.now()) } },
})
setPriority(constants.priority.PRIORITY_LOW)
const { lines, seed } = values
console.log(`${lines} lines, seed ${seed}`)
const startedMs = performance.now()
const { figures, violations } = await fuzz({ lines: Number(lines), seed, say: (text) => console.log(text) })
for (const [name, value] of figures) console.log(`${name.padEnd(26)}${value}`)
console.log(`${'seconds'.padEnd(26)}${Math.round((performance.now() - startedMs) / 1000)}`)
for (const violation of violations) console.error(`VIOLATION  ${violation}`)
process.exitCode = violations.length === 0 ? 0 : 1
