// How fast whole files are read, beside other readers of the same files.
import { execFileSync } from 'node:child_process'
import { rm, stat, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { compare, type Readers } from './compare.ts'
import { encodedIds, pack, type WrittenLog, writeLog } from './log.ts'
import { type Measured, measure } from './measure.ts'
import type { Stage } from './stage.ts'

export interface Size {
  bytes: number
  runs: number
}

const rare = 10_000
const frequent = 100
/** The same expression, whole, as the Python reader has it. */
const expression =
  '^[^ ]+ - [^ ]+ \\[[^]]+\\] "POST /api/workflows/[^/ ?]+/(invocations|usage)/?(\\?[^ ]*)? HTTP/[0-9.]+" [0-9]{3} [^ ]+ "[^"]*" "[^"]*"$'
const needle = '"POST /api/workflows/[^/ ?]+/(invocations|usage)/?(\\?[^ ]*)? HTTP/'
const reader = join(import.meta.dirname, 'reader.py')
const naive = join(import.meta.dirname, 'naive.py')

export async function plainFile(stage: Stage, { bytes, runs }: Size): Promise<string> {
  const log = await writeLog(stage.folder.file('plain.log'), { bytes, oneIn: rare })
  const site = await stage.site('plain', log.invocations)
  const { path } = log
  const count = log.invocations.length
  const readers: Readers = {
    'this program': () => stage.backfill(site, [path], count),
    'Python, the whole expression on each line': () => counting(['python3', reader, path], count),
    'grep -cE, the whole expression': () => counting(['grep', '-cE', expression, path], count),
    'grep -cE, the request alone': () => counting(['grep', '-cE', needle, path], count),
    'wc -l': () => measure(['wc', '-l', path]),
  }
  if (isThere('rg')) readers['rg -c, the whole expression'] = () => counting(['rg', '-c', expression, path], count)
  const found = await compare('plain', readers, runs)
  await rm(path)
  return `### A plain file\n\n${sizeOf([log])}.\n\n${found}`
}

/** One run beside a program that watches logs with expressions: it takes minutes for what others read in seconds. */
export async function monitor(stage: Stage, { bytes }: Size): Promise<string> {
  const log = await writeLog(stage.folder.file('monitor.log'), { bytes, oneIn: rare })
  const site = await stage.site('monitor', log.invocations)
  const counting = stage.folder.file('requests.mtail')
  await writeFile(counting, `counter requests\n/${expression.replaceAll('/', '\\/')}/ {\n  requests++\n}\n`)
  const args = ['--one_shot', '--port', '0', '--progs', counting, '--logs', log.path]
  const readers: Readers = {
    'this program': () => stage.backfill(site, [log.path], log.invocations.length),
    'mtail --one_shot': () => measure(['mtail', ...args]),
  }
  const found = await compare('monitor', readers, 1)
  await rm(log.path)
  return `### A plain file, beside mtail\n\n${sizeOf([log])}; one run.\n\n${found}`
}

export async function packedFile(stage: Stage, { bytes, runs }: Size): Promise<string> {
  const log = await writeLog(stage.folder.file('packed.log'), { bytes, oneIn: rare })
  const site = await stage.site('packed', log.invocations)
  const path = await pack(log.path)
  const found = await compare('packed', packedReaders(stage, site, [path], log.invocations.length), runs)
  const packedBytes = (await stat(path)).size
  await rm(path)
  return `### A .gz file\n\n${sizeOf([log])}, ${megabytes(packedBytes)} MB packed.\n\n${found}`
}

export async function twoPackedFiles(stage: Stage, { bytes, runs }: Size): Promise<string> {
  const first = await writeLog(stage.folder.file('first.log'), { bytes: bytes / 2, oneIn: rare })
  const shape = { bytes: bytes / 2, oneIn: rare, linesBefore: first.lines }
  const second = await writeLog(stage.folder.file('second.log'), shape)
  const invocations = [...first.invocations, ...second.invocations]
  const site = await stage.site('two_packed', invocations)
  const paths = [await pack(first.path), await pack(second.path)]
  const found = await compare('two packed', packedReaders(stage, site, paths, invocations.length), runs)
  for (const path of paths) await rm(path)
  return `### Two .gz files that follow each other\n\n${sizeOf([first, second])}.\n\n${found}`
}

function packedReaders(
  stage: Stage,
  site: Parameters<Stage['backfill']>[0],
  paths: string[],
  invocations: number,
): Readers {
  return {
    'this program': () => stage.backfill(site, paths, invocations),
    'zcat, Python': () => counting({ shell: `zcat ${paths.join(' ')} | python3 ${reader} -` }, invocations),
    'zcat, grep -cE': () => counting({ shell: `zcat ${paths.join(' ')} | grep -cE '${expression}'` }, invocations),
    'zcat alone': () => measure({ shell: `zcat ${paths.join(' ')} > /dev/null` }),
  }
}

export async function manyInvocations(stage: Stage, { bytes, runs }: Size): Promise<string> {
  const log = await writeLog(stage.folder.file('frequent.log'), { bytes, oneIn: frequent })
  const site = await stage.site('frequent', log.invocations)
  const readers: Readers = { 'this program': () => stage.backfill(site, [log.path], log.invocations.length) }
  const python = ['python3', '/usr/bin/python3'].find((name) => isThere(name, '-c', 'import psycopg2'))
  const ids = stage.folder.file('ids.json')
  await writeFile(ids, JSON.stringify(Object.fromEntries(encodedIds().map((id, index) => [id, index + 1]))))
  if (python !== undefined) {
    readers['Python, psycopg2, a look-up and a point a request'] = () =>
      counting([python, naive, log.path, site.databaseUrl, ids, site.writeUrl], log.invocations.length)
  }
  const found = await compare('frequent', readers, runs)
  await rm(log.path)
  const left =
    python === undefined ? '\nThe peer is left out: no Python here has psycopg2 (Debian: python3-psycopg2).\n' : ''
  return `### One line in ${frequent} invokes a workflow\n\n${sizeOf([log])}; look-ups, ledger and writes included.\n\n${found}${left}`
}

/** On three sizes, beside what starts in a millisecond: what grows is told by the peak, what starting costs by the ratio. */
export async function growth(stage: Stage, { bytes, runs }: Size): Promise<string> {
  const found: string[] = []
  for (const times of [1, 3, 10]) {
    const log = await writeLog(stage.folder.file('growth.log'), { bytes: bytes * times, oneIn: rare })
    const site = await stage.site(`growth_${times}`, log.invocations)
    const readers: Readers = {
      'this program': () => stage.backfill(site, [log.path], log.invocations.length),
      'grep -cE, the whole expression': () => counting(['grep', '-cE', expression, log.path], log.invocations.length),
      'wc -l': () => measure(['wc', '-l', log.path]),
    }
    found.push(`${sizeOf([log])}.\n\n${await compare(`growth ${times}`, readers, runs)}`)
    await rm(log.path)
  }
  return `### Growth\n\n${found.join('\n')}`
}

/** A reader that prints how many requests it found, and must have found them all. */
async function counting(command: Parameters<typeof measure>[0], invocations: number): Promise<Measured> {
  const measured = await measure(command)
  if (Number(measured.stdout) !== invocations) throw new Error(`${JSON.stringify(command)} found ${measured.stdout}`)
  return measured
}

function sizeOf(logs: WrittenLog[]): string {
  const sum = (of: (log: WrittenLog) => number) => logs.reduce((total, log) => total + of(log), 0)
  const invocations = sum((log) => log.invocations.length)
  return `${sum(({ lines }) => lines)} lines, ${megabytes(sum(({ bytes }) => bytes))} MB, ${invocations} invocations`
}

function megabytes(bytes: number): string {
  return (bytes / 1e6).toFixed(bytes < 1e7 ? 1 : 0)
}

function isThere(command: string, ...args: string[]): boolean {
  try {
    execFileSync(command, args.length === 0 ? ['--version'] : args, { stdio: 'ignore' })
    return true
  } catch {
    return false
  }
}
