// `npm run test:hosts [-- PART...]`: the playbooks against booted Debian hosts. The last line is
// `N passed, N failed`, whatever happens.
import { join } from 'node:path'
import { runOnHosts } from './testing/host_run.ts'
import type { Tally } from './testing/tally.ts'

process.chdir(join(import.meta.dirname, '..'))
const interrupted = new AbortController()
for (const name of ['SIGINT', 'SIGTERM'] as const) process.on(name, () => interrupted.abort())

const tally = await runOnHosts({
  parts: process.argv.slice(2),
  say: (text) => console.log(`# ${text}`),
  print: (text) => process.stdout.write(text),
  signal: interrupted.signal,
}).catch((error: Error): Tally => ({ passed: 0, failed: [error.stack ?? error.message], notRun: [] }))

for (const [title, names] of [['Failed:', tally.failed] as const, ['Not run:', tally.notRun] as const])
  if (names.length > 0) console.log(['', title, ...names.map((name) => `  ${name}`)].join('\n'))
console.log(`${tally.passed} passed, ${tally.failed.length} failed`)
process.exitCode = tally.failed.length > 0 ? 1 : 0
