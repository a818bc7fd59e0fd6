// How fast `serve` answers, and what memory it takes: `npm run bench:serve [-- --points N --requests N]`.
import { readFileSync, statSync } from 'node:fs'
import { parseArgs } from 'node:util'
import type { Point } from '../src/pipeline/entry.ts'
import { PointWriter } from '../src/store/points.ts'
import { request } from '../test/services/http.ts'
import { start, writeConfig } from '../test/services/program.ts'
import { temporaryFolder } from '../test/services/temporary.ts'

const { values } = parseArgs({ options: { points: { type: 'string' }, requests: { type: 'string' } } })
const points = Number(values.points ?? 1_000_000)
const requests = Number(values.requests ?? 100)
const spanSeconds = 730 * 86_400
const [people, workflows, domains] = [20_000, 3000, 6]
const endSecond = Math.floor(Date.now() / 1000)
const batchPoints = 5000

await using folder = await temporaryFolder('bench-serve')
const store = folder.file('store.sqlite')
const config = await writeConfig(folder.path, { store, state_dir: 'state', serve: { listen: '127.0.0.1:0' } })

const before = await started()
const emptyMib = memoryMib(before.pid)
await before.stop()
const writeMs = writePoints()
const size = statSync(store).size

const startedMs = performance.now()
const server = await started()
const url = server.stderr().match(/url=(\S+)/)![1]!
const first = await request(`${url}api/view?range=365d`)
const loadMs = performance.now() - startedMs
const { totals } = JSON.parse(first.body) as { totals: { invocations: number } }
console.log(`${points} points, ${totals.invocations} of them in the last 365 days`)
console.log(`written in ${(writeMs / 1000).toFixed(1)} s, ${(size / points).toFixed(0)} bytes a point on disk`)
console.log(`first answer ${(loadMs / 1000).toFixed(2)} s after the start, ${(first.body.length / 1000).toFixed(0)} kB`)

const paths = {
  year: 'range=365d',
  'year, one lab': 'range=365d&domain=lab1.galaxy.example',
  'year, one workflow': `range=365d&workflow=${encodeURIComponent('dockstore:#workflow/github.com/org/repo/workflow-3')}`,
  all: 'range=all',
  '30 days': 'range=30d',
}
console.log('\n| view | p50 ms | p95 ms | most ms |\n| --- | --- | --- | --- |')
for (const [name, query] of Object.entries(paths)) {
  const times: number[] = []
  for (let index = 0; index < requests; index++) {
    // Another instant each time, so that nothing is answered from what was kept.
    const sinceMs = Date.parse('2024-01-01') + index * 1000
    const path = query.startsWith('range=all') ? `${query}&identity=trs` : query
    const asked = index % 2 ? path : path.replace(/range=(\d+)d/, (_, days) => spanOf(Number(days), sinceMs))
    const from = performance.now()
    const answer = await request(`${url}api/view?${asked}`)
    times.push(performance.now() - from)
    if (answer.status !== 200) throw new Error(`${asked}: ${answer.status} ${answer.body}`)
  }
  times.sort((a, b) => a - b)
  const at = (share: number) => times[Math.min(times.length - 1, Math.floor(times.length * share))]!.toFixed(1)
  console.log(`| ${name} | ${at(0.5)} | ${at(0.95)} | ${times.at(-1)!.toFixed(1)} |`)
}
const fullMib = memoryMib(server.pid)
console.log(
  `\nmemory ${fullMib.toFixed(0)} MiB, ${emptyMib.toFixed(0)} without points: ${(((fullMib - emptyMib) / points) * 1e6).toFixed(0)} MiB for a million`,
)
await server.stop()

async function started() {
  const child = await start(['serve'], { config })
  await child.waitFor(/event=serving/)
  return child
}

function spanOf(days: number, shiftMs: number): string {
  const until = endSecond * 1000 - (shiftMs % 86_400_000)
  return `from=${new Date(until - days * 86_400_000).toISOString()}&until=${new Date(until).toISOString()}`
}

function memoryMib(pid: number): number {
  return Number(/VmRSS:\s+(\d+)/.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))![1]) / 1024
}

/** Some workflows and people are many times as busy as others. */
function writePoints(): number {
  const beganMs = performance.now()
  const writer = PointWriter.open(store)
  let state = 1
  const random = () => {
    state = (Math.imul(state, 1_103_515_245) + 12_345) >>> 0
    return state / 2 ** 32
  }
  for (let at = 0; at < points; at += batchPoints) {
    const batch = Array.from({ length: Math.min(batchPoints, points - at) }, (_, index): Point => {
      const workflow = Math.floor(random() ** 3 * workflows)
      const isLocal = workflow % 3 === 0
      const id = isLocal ? `workflow ${workflow}` : `dockstore:#workflow/github.com/org/repo/workflow-${workflow}`
      const second = endSecond - Math.floor((1 - (at + index) / points) * spanSeconds)
      return {
        measurement: 'workflow_invocation',
        tags: {
          domain: `lab${Math.floor(random() ** 2 * domains)}.galaxy.example`,
          workflow_name: `Workflow ${workflow}`,
          canonical_id: id,
          identity: isLocal ? 'local' : 'trs',
          ...(!isLocal && { trs_server: 'dockstore' }),
        },
        fields: {
          count: 1,
          workflow_id: BigInt(workflow),
          owner_id: 1n,
          user_id: BigInt(Math.floor(random() ** 2 * people) + 1),
          invocation_id: BigInt(at + index),
          revision_id: BigInt(workflow),
          derived: false,
          ...(!isLocal && { trs_version_id: `v0.${Math.floor(random() * 5)}` }),
        },
        timeNs: BigInt(second) * 1_000_000_000n + BigInt((at + index) * 2),
      }
    })
    writer.write(batch)
  }
  writer.close()
  return performance.now() - beganMs
}
