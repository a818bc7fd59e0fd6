// How soon a line that was just written is a point, and what a collector takes that has nothing to do.
import { once } from 'node:events'
import { appendFileSync, writeFileSync } from 'node:fs'
import { createServer, type IncomingMessage, request, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { setTimeout as sleep } from 'node:timers/promises'
import { type Child, startChild } from '../test/services/child.ts'
import { table } from './compare.ts'
import { encodedIds, invocationLine } from './log.ts'
import { quantile } from './measure.ts'
import { cpuMsOf, mibOf } from './process.ts'
import { program, type Site, type Stage } from './stage.ts'

const answerMs = 20_000

/** Writes lines one at a time, each when the one before has come through; and then lets the collector be. */
export async function live(stage: Stage, lines: number, idleSeconds: number): Promise<string> {
  const [idle, seen] = [await stage.site('idle', []), await stage.site('seen', [])]
  const passed = await Passage.open(stage.influxdb.url)
  const stored = await stage.site('stored', [], passed.url)
  const printing = await collect(seen, ['--dry-run'])
  const printedMs = await latencies(seen, lines, () => once(printing.process.stdout, 'data'))
  await printing.stop()
  const writing = await collect(stored, [])
  const storedMs = await latencies(stored, lines, () => passed.next())
  await writing.stop()
  await passed.close()
  const points = (await stage.influxdb.pointsOf(stored.name, 'workflow_invocation')).length
  if (points !== lines) throw new Error(`${points} points instead of ${lines}`)
  const rows = [
    ['looked up and printed (`--dry-run`)', ...summary(printedMs)],
    ['accepted by InfluxDB', ...summary(storedMs)],
  ]
  return [
    `### From a line that is written to its point\n\n${lines} lines, one at a time, each when the one before was through.\n`,
    table(['until it is', 'p50 ms', 'p99 ms', 'most ms'], rows),
    `### A collector with nothing to do\n\n${await idleFigures(idle, idleSeconds)}`,
  ].join('\n')
}

async function collect(site: Site, args: string[]): Promise<Child> {
  writeFileSync(site.log, '')
  const child = await startChild(process.execPath, [program, 'collect', '--config', site.config, ...args])
  await child.waitFor(/event=collecting /)
  return child
}

async function latencies(site: Site, lines: number, through: () => Promise<unknown>): Promise<number[]> {
  const ids = encodedIds()
  const all: number[] = []
  for (let index = 0; index < lines; index++) {
    const line = invocationLine(ids[index % ids.length]!, Date.now(), index % 250, String(index))
    const coming = through()
    const startedMs = performance.now()
    appendFileSync(site.log, line)
    await within(coming, `line ${index + 1} of ${site.name}`)
    all.push(performance.now() - startedMs)
  }
  process.stderr.write(`live: ${lines} lines of ${site.name}\n`)
  return all
}

/** What the kernel says of the process after a while in which nothing was logged. */
async function idleFigures(site: Site, seconds: number): Promise<string> {
  const child = await collect(site, [])
  const beforeMs = cpuMsOf(child.pid)
  await sleep(seconds * 1000)
  const mib = (['VmRSS', 'RssAnon'] as const).map((name) => mibOf(child.pid, name).toFixed(0))
  const row = [String(seconds), ...mib, (cpuMsOf(child.pid) - beforeMs).toFixed(0)]
  await child.stop()
  return table(['seconds', 'memory MiB', 'of it its own MiB', 'CPU ms'], [row])
}

function summary(values: number[]): string[] {
  return [quantile(values, 0.5), quantile(values, 0.99), Math.max(...values)].map((value) => value.toFixed(1))
}

async function within<T>(work: Promise<T>, what: string): Promise<T> {
  const timeout = AbortSignal.timeout(answerMs)
  return await Promise.race([
    work,
    once(timeout, 'abort').then(() => {
      throw new Error(`not within ${answerMs} ms: ${what}`)
    }),
  ])
}

/** Stands between the collector and InfluxDB, and tells when InfluxDB has accepted something. */
class Passage {
  readonly url: string
  readonly #server: Server
  #accepted: () => void = () => {}

  private constructor(server: Server) {
    this.#server = server
    this.url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`
  }

  static async open(to: string): Promise<Passage> {
    const server = createServer((coming, going) => {
      const onward = request(to + coming.url, { method: coming.method, headers: coming.headers } as object)
      coming.pipe(onward)
      onward.on('response', (answer: IncomingMessage) => {
        if (answer.statusCode === 204) passage.#accepted()
        going.writeHead(answer.statusCode ?? 502, answer.headers)
        answer.pipe(going)
      })
      onward.on('error', () => coming.destroy())
    })
    server.listen(0, '127.0.0.1')
    await once(server, 'listening')
    const passage = new Passage(server)
    return passage
  }

  /** When the next points are accepted. */
  next(): Promise<void> {
    return new Promise((resolve) => {
      this.#accepted = resolve
    })
  }

  async close(): Promise<void> {
    this.#server.closeAllConnections()
    await new Promise((resolve) => this.#server.close(resolve))
  }
}
