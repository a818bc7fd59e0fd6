// Hostile lines by the million through the built program, with real servers behind it, and a judge that does not know
// the program: nothing may be missing, nothing made up, nothing refused, and memory may not grow.
import { appendFileSync, createWriteStream, existsSync, readFileSync, renameSync, rmSync } from 'node:fs'
import { pipeline } from 'node:stream/promises'
import { setTimeout as sleep } from 'node:timers/promises'
import { constants, createGzip } from 'node:zlib'
import type { Child } from '../services/child.ts'
import { type Influxdb, startInfluxdb } from '../services/influxdb.ts'
import { startPostgres } from '../services/postgres.ts'
import { run, start, writeConfig } from '../services/program.ts'
import { type TemporaryFolder, temporaryFolder } from '../services/temporary.ts'
import { loadGalaxy } from '../world/load.ts'
import { Random } from '../world/random.ts'
import { configurationOf } from '../world/settings.ts'
import { HostileLog } from './hostile_log.ts'
import { makeGalaxy, maxDomains, settings } from './hostile_site.ts'
import { type Findings, judge } from './judge.ts'

export type FuzzOptions = { lines: number; seed: string; say?: (text: string) => void }

export type Counters = Record<string, number>

export type Run = {
  log: HostileLog
  influxdb: Influxdb
  /** What the program told when it ended, for each of its runs. */
  counters: Counters[]
  /** Peak memory of the collector, by the share of the lines that it had read. */
  peaks: { share: number; mib: number }[]
  stderr: string
}

const pieceMaxLines = 400_000
/** The last lines are read from whole files, plain and packed, by one `backfill` each. */
const backfillShare = 0.1
const silenceMaxMs = 180_000
const database = 'points'
const writer = { username: 'writer', password: 'only for writing' }

/** Runs it all; what is found to be wrong is in `violations`. */
export async function fuzz({ lines, seed, say = () => {} }: FuzzOptions): Promise<Findings> {
  await using folder = await temporaryFolder('fuzz')
  await using postgres = await startPostgres()
  await using influxdb = await startInfluxdb()
  const random = new Random(seed)
  const log = new HostileLog(random, lines)
  const galaxy = { ...makeGalaxy(random.fork('galaxy')), invocations: log.invocations }
  const galaxyUrl = await postgres.createGalaxyDatabase('galaxy')
  await loadGalaxy(postgres.sql('galaxy'), galaxy)
  await influxdb.createDatabase(database)
  await influxdb.addUser(writer.username, writer.password, { [database]: 'WRITE' })
  const config = await writeConfig(folder.path, {
    ...configurationOf(settings, galaxyUrl),
    nginx: { access_log: 'access.log', rotated: ['access.log-*'], start: 'beginning' },
    max_domains: maxDomains,
    influxdb: { url: influxdb.url, database, ...writer },
    state_dir: 'state',
  })
  const work: Run = { log, influxdb, counters: [], peaks: [], stderr: '' }
  await follow(work, config, folder, lines, say)
  await readWhole(work, config, folder, lines, say)
  return await judge(work, galaxy, database)
}

/** One collector reads a log that grows and is renamed; a few lines in, another takes its place. */
async function follow(work: Run, config: string, folder: TemporaryFolder, lines: number, say: (text: string) => void) {
  const { log } = work
  const end = Math.floor(lines * (1 - backfillShare))
  const pieceLines = Math.min(pieceMaxLines, Math.ceil(end / 5))
  const live = folder.file('access.log')
  let collector = await startCollector(config)
  try {
    for (let piece = 1; log.made < end; piece++) {
      const until = Math.min(end, log.made + pieceLines)
      // Every other piece ends in a line without an end.
      for (let block = log.block(until, piece % 2 === 0); block !== null; block = log.block(until, piece % 2 === 0))
        appendFileSync(live, block)
      await untilRead(collector, work, log.invoked)
      const mib = peakMib(collector.pid)
      work.peaks.push({ share: log.made / end, mib })
      say(`${log.made} lines, ${Math.round(log.bytes / 1e6)} MB; the collector's peak: ${mib} MiB`)
      const finished = finishedFiles(collector)
      renameSync(live, folder.file(`access.log-${piece}`))
      appendFileSync(live, '')
      // So that it is known for a new file, and the old one for finished.
      const first = log.block(Math.min(end, log.made + 50))
      if (first !== null) appendFileSync(live, first)
      await untilTold(
        collector,
        'a renamed file is finished',
        () => first === null || finishedFiles(collector) > finished,
      )
      if (first !== null) rmSync(folder.file(`access.log-${piece}`))
      if (piece === 1) {
        await stop(collector, work)
        collector = await startCollector(config)
      }
    }
  } finally {
    await stop(collector, work)
  }
}

/** Whole files, one `backfill` each; one of them is a packed gigabyte of nothing. */
async function readWhole(
  work: Run,
  config: string,
  folder: TemporaryFolder,
  lines: number,
  say: (text: string) => void,
) {
  const { log } = work
  const pieceLines = Math.min(pieceMaxLines, Math.ceil((lines - log.made) / 3))
  for (let piece = 1; log.made < lines; piece++) {
    const isPacked = piece % 2 === 0
    const path = folder.file(`old-${piece}.log${isPacked ? '.gz' : ''}`)
    const until = Math.min(lines, log.made + pieceLines)
    await writePiece(path, isPacked, log, until)
    work.counters.push(await backfill(work, config, path))
    rmSync(path)
    say(`${log.made} lines, the last of them by backfill`)
  }
  const bomb = folder.file('bomb.log.gz')
  await pipeline(zeros(lines >= 1_000_000 ? 1024 : 64), createGzip({ level: 9 }), createWriteStream(bomb))
  work.counters.push(await backfill(work, config, bomb))
}

async function writePiece(path: string, isPacked: boolean, log: HostileLog, until: number) {
  function* blocks() {
    for (let block = log.block(until); block !== null; block = log.block(until)) yield block
  }
  if (isPacked) await pipeline(blocks, createGzip({ level: constants.Z_BEST_SPEED }), createWriteStream(path))
  else await pipeline(blocks, createWriteStream(path))
}

function* zeros(mebibytes: number) {
  for (let count = 0; count < mebibytes; count++) yield Buffer.alloc(1024 * 1024)
}

async function backfill(work: Run, config: string, path: string): Promise<Counters> {
  const { status, stdout, stderr } = await run(['backfill', '--json', path], { config, timeoutMs: 600_000 })
  work.stderr += stderr
  if (status !== 0) throw new Error(`backfill ended with ${status}: ${stderr.slice(-2000)}`)
  return JSON.parse(stdout) as Counters
}

async function startCollector(config: string): Promise<Child> {
  const collector = await start(['collect'], { config })
  await collector.waitFor(/event=(collecting|log_missing)/)
  return collector
}

async function stop(collector: Child, work: Run) {
  const { status, signal } = await collector.stop({ timeoutMs: 60_000 })
  work.stderr += collector.stderr()
  if (status !== 0) throw new Error(`collect ended with ${signal ?? status}: ${collector.stderr().slice(-2000)}`)
  const told = /event=collected (.*)/.exec(collector.stderr())?.[1] ?? ''
  work.counters.push(
    Object.fromEntries([...told.matchAll(/(\w+)=(\d+)/g)].map(([, name, value]) => [name, Number(value)])),
  )
}

const finishedFiles = (collector: Child) => collector.stderr().split('event=log_file_finished').length - 1

/** Until the point of the last invocation is there. */
async function untilRead(collector: Child, { influxdb }: Run, invocation: number) {
  await untilTold(collector, `the point of invocation ${invocation}`, async () => {
    if (invocation === 0) return true
    const rows = await influxdb.query(
      database,
      `SELECT count("count") AS found FROM "workflow_invocation" WHERE "invocation_id" = ${invocation}`,
    )
    return rows.length > 0
  })
}

async function untilTold(collector: Child, what: string, holds: () => boolean | Promise<boolean>) {
  const deadline = Date.now() + silenceMaxMs
  while (!(await holds())) {
    if (!collector.running()) throw new Error(`the collector ended before ${what}: ${collector.stderr().slice(-2000)}`)
    if (Date.now() > deadline)
      throw new Error(`not within ${silenceMaxMs} ms: ${what}: ${collector.stderr().slice(-2000)}`)
    await sleep(50)
  }
}

/** The kernel's own mark of the most memory that a process ever had. */
function peakMib(pid: number): number {
  const path = `/proc/${pid}/status`
  const kib = existsSync(path) ? /VmHWM:\s+(\d+)/.exec(readFileSync(path, 'utf8'))?.[1] : undefined
  return Math.round(Number(kib ?? 0) / 1024)
}
