import { rmSync } from 'node:fs'
import { mkdtemp } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { idCodec } from '../src/galaxy/ids.ts'
import { Collector, configure } from './collector.ts'
import { visits } from './day.ts'
import { Galaxy } from './galaxy.ts'
import { firstMorningMs, work } from './lab.ts'
import { readPoint } from './line_protocol.ts'
import { AccessLog } from './nginx.ts'
import { Random } from './random.ts'
import { Screen } from './screen.ts'
import { Tally } from './tally.ts'
import { makeWorld, type World } from './world.ts'

const idSecret = 'secret of the demonstration'
const collectorPatienceMs = 1000
/** What has not stopped by then is killed or left behind. */
const leaveWithinMs = 1800
const silenceMs = 20_000

/**
 * Runs a made-up Galaxy, its log and the collector until the signal, and takes it all away again. Throws when the
 * collector does not do its part.
 *
 * @param onWork called when everything has started
 */
export async function demonstrate(seed: number, signal: AbortSignal, onWork: () => void): Promise<Tally> {
  const stopped = new Promise<void>((resolve) => signal.addEventListener('abort', () => resolve(), { once: true }))
  const tally = new Tally()
  await using releases = new AsyncDisposableStack()

  const folder = await mkdtemp(join(tmpdir(), 'workflow-reporting-demo-'))
  const removeFolder = () => rmSync(folder, { recursive: true, force: true })
  releases.defer(removeFolder)
  const children: Collector[] = []
  stopped.then(() => {
    const leave = () => {
      for (const child of children) child.kill()
      removeFolder()
      process.exit()
    }
    setTimeout(leave, leaveWithinMs).unref()
  })

  console.log('Starting an embedded PostgreSQL, which takes some seconds ...')
  const world = makeWorld(new Random(seed))
  const startMs = firstMorningMs(Date.now())
  const galaxy = releases.use(new Galaxy({ world, startMs }))
  await Promise.race([galaxy.started(), stopped])
  if (signal.aborted) return tally
  const log = releases.use(await AccessLog.create(join(folder, 'access.log')))
  const config = await configure(folder, log.path, galaxy.databaseUrl, idSecret)
  introduce(seed, world, galaxy.address, folder)

  const screen = new Screen(tally)
  releases.defer(() => screen.close())
  const collector = new Collector(config, (line) => {
    const point = readPoint(line)
    if (point !== null) screen.show(point)
  })
  children.push(collector)
  releases.defer(() => collector.stop(collectorPatienceMs))

  onWork()
  const codec = idCodec(idSecret)
  const days = visits(world, new Random(seed + 1), (id) => codec.encode(BigInt(id)))
  await Promise.race([work(days, startMs, galaxy, log, signal), galaxy.failed, troubleWith(collector, tally, signal)])
  return tally
}

function introduce(seed: number, { people, storedWorkflows }: World, database: string, folder: string): void {
  console.log(`
workflow-reporting on a Galaxy that is made up: ${storedWorkflows.length} workflows, ${people.length} people, four labs (seed ${seed}).
  Galaxy's database  ${database}, an embedded PostgreSQL in memory
  nginx's log        access.log in ${folder}, a day in five minutes
  The collector      dist/workflow-reporting.mjs collect --dry-run, with config.yml in that folder
Each line below is a point, as InfluxDB would get it. Ctrl-C ends everything and leaves nothing behind.
`)
}

/** Fails when the collector ends by itself or tells nothing for long; never returns. */
function troubleWith(collector: Collector, tally: Tally, signal: AbortSignal): Promise<never> {
  const lastWords = () =>
    collector.messages.length === 0 ? 'It said nothing.' : `It said:\n${collector.messages.join('\n')}`
  return new Promise((_, reject) => {
    collector.ended.then((status) => {
      if (!signal.aborted) reject(new Error(`The collector ended by itself (${status}). ${lastWords()}`))
    })
    const onSilence = () => {
      const silent = tally.points === 0 && !signal.aborted
      if (silent) reject(new Error(`The collector made no point in ${silenceMs / 1000} seconds. ${lastWords()}`))
    }
    setTimeout(onSilence, silenceMs).unref()
  })
}
