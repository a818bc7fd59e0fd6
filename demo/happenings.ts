import { busyness } from './day.ts'
import type { Random } from './random.ts'
import type { World } from './world.ts'

/** Who tells the hub of it, each with a key of its own: Galaxy in the hub's form, the others in Clowder's and as CloudEvents. */
export const senders = ['galaxy', 'clowder', 'sequencers'] as const
export type Sender = (typeof senders)[number]

/** An event in the form of its sender. */
export type Told = Record<string, unknown>

/** Something that people or machines did, and how its sender tells of it. */
export interface Happening {
  sinceStartMs: number
  sender: Sender
  tell(occurredMs: number): Told
  /** A mistake of its sender, which the hub refuses. */
  isWrong: boolean
}

/** A part of something that goes on for a while. */
type Part = Omit<Happening, 'sinceStartMs'> & { afterMs: number }

const gapMs = 260_000
const [secondMs, minuteMs, hourMs] = [1000, 60_000, 3_600_000]
const tools = ['fastp', 'hisat2', 'bwa_mem2', 'multiqc', 'flye', 'busco', 'featurecounts', 'scanpy_cluster', 'maxquant']
const formats = ['fastqsanger.gz', 'bam', 'tabular', 'h5ad', 'vcf.gz', 'html']
const destinations = ['slurm', 'pulsar-brisbane', 'pulsar-perth']
const gigabyte = 1e9

/** What happens on a platform, day after day, without end. */
export function* happenings(world: World, random: Random): Generator<Happening> {
  const pending: Happening[] = []
  let sinceStartMs = 0
  while (true) {
    sinceStartMs += random.gap(gapMs / busyness(sinceStartMs))
    const story = random.pickWeighted(stories, ({ weight }) => weight)
    const userId = random.pick(world.people).id
    for (const { afterMs, ...part } of story.of(random, userId))
      pending.push({ ...part, sinceStartMs: sinceStartMs + afterMs })
    pending.sort((a, b) => a.sinceStartMs - b.sinceStartMs)
    while (pending[0] !== undefined && pending[0].sinceStartMs <= sinceStartMs) yield pending.shift()!
  }
}

const stories: { weight: number; of(random: Random, userId: number): Part[] }[] = [
  { weight: 20, of: (_, userId) => [galaxy(0, 'user_activity', 'login', { user_id: userId })] },
  { weight: 2, of: (_, userId) => [galaxy(0, 'user_activity', 'signup', { user_id: userId })] },
  { weight: 42, of: job },
  { weight: 18, of: file },
  // Of a type that the hub does not know: it is taken as it is, and marked.
  {
    weight: 2,
    of: (random, userId) => [
      galaxy(0, 'quota', 'exceeded', { user_id: userId, used_percent: random.between(100, 131) }),
    ],
  },
  { weight: 6, of: upload },
  {
    weight: 9,
    of: (random, userId) => [
      clowder(0, {
        category: 'view_resource',
        type: 'dataset',
        ...datasetOf(random),
        user_id: visitor(random, userId),
      }),
    ],
  },
  {
    weight: 5,
    of: (random, userId) => [
      clowder(0, { category: 'download', type: 'file', ...fileOf(random), user_id: visitor(random, userId) }),
    ],
  },
  { weight: 1, of: (_, userId) => [{ ...clowder(0, { category: 'user_activity', type: 'login' }, userId) }] },
  { weight: 2, of: run },
]

function job(random: Random, userId: number): Part[] {
  const submitted = {
    job_id: random.between(1, 9_999_999),
    tool_id: random.pick(tools),
    destination: random.pick(destinations),
    user_id: userId,
  }
  const waitMs = random.gap(4 * minuteMs)
  const runMs = random.gap(40 * minuteMs)
  const state = random.pickWeighted(['ok', 'error', 'deleted'], (one) => ({ ok: 90, error: 8, deleted: 2 })[one] ?? 0)
  const finished = { ...submitted, state, wait_seconds: waitMs / secondMs, runtime_seconds: runMs / secondMs }
  const end = galaxy(waitMs + runMs, 'job', 'finished', finished)
  // An old version of the sender leaves out how the job ended.
  const { state: _, ...cut } = finished
  const mistaken = { ...galaxy(waitMs + runMs, 'job', 'finished', cut), isWrong: true }
  return [galaxy(0, 'job', 'submitted', submitted), random.chance(0.03) ? mistaken : end]
}

function file(random: Random, userId: number): Part[] {
  const about = {
    file_id: random.hexDigits(16),
    format: random.pick(formats),
    size: Math.round(random.gap(gigabyte)),
    user_id: userId,
  }
  const created = galaxy(0, 'file', 'created', about)
  return random.chance(0.3) ? [created, galaxy(random.gap(20 * hourMs), 'file', 'deleted', about)] : [created]
}

/** Clowder's uploads have no type. */
function upload(random: Random, userId: number): Part[] {
  const { resource_id: dataset_id, resource_name: dataset_name } = datasetOf(random)
  const about = fileOf(random)
  const extractor_name = random.pick(['ncsa.image.preview', 'ncsa.file.digest', 'soil.core.layers'])
  return [
    clowder(0, { category: 'upload', dataset_id, dataset_name, ...about }, userId),
    clowder(random.gap(20 * secondMs), { category: 'extraction', type: 'file', ...about, extractor_name }, userId),
  ]
}

/** A sequencer's run, as CloudEvents; of types that the hub does not know. */
function run(random: Random): Part[] {
  const name = `run-${random.hexDigits(6)}`
  const part = (afterMs: number, type: string, data: Told): Part => ({
    ...{ afterMs, sender: 'sequencers', isWrong: false },
    tell: (occurredMs) => ({
      specversion: '1.0',
      id: `${name}/${type}`,
      source: `/sequencers/${random.between(1, 3)}`,
      type: `org.example.sequencer.${type}`,
      time: new Date(occurredMs).toISOString(),
      data,
    }),
  })
  const bases = Math.round(random.gap(90 * gigabyte))
  return [part(0, 'run_started', { run: name }), part(19 * hourMs, 'run_finished', { run: name, bases })]
}

function galaxy(afterMs: number, category: string, type: string, payload: Told): Part {
  return {
    ...{ afterMs, sender: 'galaxy', isWrong: false },
    tell: (occurredMs) => ({ occurred_at: occurredMs, category, type, payload }),
  }
}

/** Flat, as Clowder sends them. */
function clowder(afterMs: number, told: Told, userId?: number): Part {
  const person = userId === undefined ? {} : { user_id: clowderId(userId) }
  return {
    ...{ afterMs, sender: 'clowder', isWrong: false },
    tell: (occurredMs) => ({ ...told, ...person, created: occurredMs }),
  }
}

const clowderId = (id: number) => id.toString(16).padStart(24, '60a1b2c3d4e5f607')

/** Some look without having logged in. */
const visitor = (random: Random, userId: number) => (random.chance(0.4) ? '0'.repeat(24) : clowderId(userId))

function datasetOf(random: Random) {
  const [resource_id, resource_name] = random.pick([
    [clowderId(71), 'Soil cores, 2020'],
    [clowderId(72), 'Wattle leaves under drought'],
    [clowderId(73), 'Reef transects'],
  ] as const)
  return { resource_id, resource_name }
}

function fileOf(random: Random) {
  const number = random.between(1, 400)
  return {
    resource_id: clowderId(1000 + number),
    resource_name: `core ${number}.tif`,
    size: Math.round(random.gap(gigabyte)),
  }
}
