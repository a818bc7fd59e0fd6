import { rmSync } from 'node:fs'
import { mkdtemp } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { idCodec } from '../src/galaxy/ids.ts'
import { confide, configure } from './configuration.ts'
import { visits } from './day.ts'
import { Galaxy } from './galaxy.ts'
import { happenings } from './happenings.ts'
import { fillHub, probesSource } from './hub.ts'
import { firstMondayMs, firstMorningMs, tell, work } from './lab.ts'
import { AccessLog } from './nginx.ts'
import { pagePort, shows } from './page.ts'
import { writePast } from './past.ts'
import { startPlatform } from './platform.ts'
import { probedPast } from './probed_past.ts'
import { Program } from './program.ts'
import { Random } from './random.ts'
import { Screen } from './screen.ts'
import { startStandIn } from './stand_in.ts'
import { letOneSleep, startStations } from './stations.ts'
import { StoredPoints } from './stored_points.ts'
import { Tally } from './tally.ts'
import { Clock } from './troubles.ts'
import { makeWorld, type World } from './world.ts'

const idSecret = 'secret of the demonstration'
const programPatienceMs = 1000
/** What has not stopped by then is killed or left behind. */
const leaveWithinMs = 1800
const silenceMs = 20_000
const lookEveryMs = 200

/**
 * Runs a made-up Galaxy, its log, the collector and the page until the signal, and takes it all away again. Throws when
 * a program does not do its part.
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
  const children: Program[] = []
  stopped.then(() => {
    for (const child of children) child.stop(programPatienceMs)
    const leave = () => {
      for (const child of children) child.kill()
      removeFolder()
      process.exit()
    }
    setTimeout(leave, leaveWithinMs).unref()
  })
  const start = (...args: ConstructorParameters<typeof Program>) => {
    const program = new Program(...args)
    children.push(program)
    releases.defer(() => program.stop(programPatienceMs))
    return program
  }

  console.log('Starting an embedded PostgreSQL, which takes some seconds ...')
  const world = makeWorld(new Random(seed))
  const nowMs = Date.now()
  const liveMs = firstMorningMs(nowMs)
  const startMs = firstMondayMs(liveMs)
  const pastMs = liveMs - startMs
  const galaxy = releases.use(new Galaxy({ world, startMs }))
  const started = galaxy.started()
  const log = releases.use(await AccessLog.create(join(folder, 'access.log')))

  const clock = new Clock()
  const platform = releases.use(await startPlatform(clock))
  const standIn = releases.use(await startStandIn(clock))
  const store = join(folder, 'points.sqlite')
  const port = await pagePort()
  const address = `http://127.0.0.1:${port}/`
  const config = await configure(folder, { logPath: log.path, store, port, events: { standInUrl: standIn.url, nowMs } })
  const page = start('serve', config)
  const events = happenings(world, new Random(seed + 2))
  const filled = fillHub(config, address, signal, async (hub) => {
    await hub.sendAll(probesSource, [...probedPast(nowMs, new Random(seed + 3), platform.port)])
    await hub.sendPast(events, startMs, pastMs)
  })
  filled.catch(() => {})

  const codec = idCodec(idSecret)
  const days = visits(world, new Random(seed + 1), (id) => codec.encode(BigInt(id)))
  const pastLog = `${log.path}-past`
  const past = await writePast(days, startMs, pastMs, pastLog)
  await Promise.race([started, galaxy.failed, stopped])
  if (signal.aborted) return tally
  await confide(folder, { databaseUrl: galaxy.databaseUrl, idSecret })

  console.log(`Reading the logs of the ${Math.round(pastMs / 7 / 86_400_000)} weeks before ...`)
  await Promise.race([galaxy.haveInvoked(past), galaxy.failed, stopped])
  if (signal.aborted) return tally
  const backfill = start('backfill', config, pastLog)
  const status = await Promise.race([backfill.ended, stopped])
  if (signal.aborted) return tally
  if (status !== 0) throw new Error(`Reading the logs failed (${status}). ${backfill.lastWords}`)

  const points = releases.use(new StoredPoints(store))
  for (const point of points.news()) tally.add(point)
  const collector = start('collect', config)
  const hub = await Promise.race([filled, endOf(page, signal), stopped])
  if (signal.aborted || hub === undefined) return tally
  const stations = await startStations(folder, address, hub, platform.port, start)
  await Promise.race([shows(address, tally.points, signal), endOf(page, signal), stopped])
  if (signal.aborted) return tally
  introduce(seed, world, galaxy.address, folder, address)

  const screen = new Screen(tally, address)
  releases.defer(() => screen.close())
  clock.start()
  onWork()
  await Promise.race([
    work(days, startMs, pastMs, galaxy, log, signal),
    tell(events, startMs, pastMs, hub, signal),
    letOneSleep(stations, clock, signal),
    show(points, screen, signal),
    galaxy.failed,
    ...[collector, page, ...stations.values()].map((program) => endOf(program, signal)),
    silenceOf(collector, tally, signal),
  ])
  return tally
}

function introduce(
  seed: number,
  { people, storedWorkflows }: World,
  database: string,
  folder: string,
  address: string,
): void {
  console.log(`
workflow-reporting on a Galaxy that is made up: ${storedWorkflows.length} workflows, ${people.length} people, four labs (seed ${seed}).
  Galaxy's database  ${database}, an embedded PostgreSQL in memory
  nginx's log        access.log in ${folder}, a day in five minutes
  The collector      dist/workflow-reporting.mjs collect, with config.yml in that folder
  Events             told to ${address}v1/events as they happen, by a Galaxy, a Clowder and sequencers
  Probes             dist/workflow-reporting.mjs probe, a process for each of three regions; their results are events

  The page           ${address}   (open it in a browser)

Each line below is a point as it comes in. Ctrl-C ends everything and leaves nothing behind.
`)
}

/** Shows points as the store gets them, until the signal. */
async function show(points: StoredPoints, screen: Screen, signal: AbortSignal): Promise<void> {
  while (!signal.aborted) {
    for (const point of points.news()) screen.show(point)
    await sleep(lookEveryMs, undefined, { signal }).catch(() => {})
  }
}

/** Fails when a program ends by itself; never returns. */
function endOf(program: Program, signal: AbortSignal): Promise<never> {
  return new Promise((_, reject) => {
    program.ended.then((status) => {
      if (!signal.aborted) reject(new Error(`${program.name} ended by itself (${status}). ${program.lastWords}`))
    })
  })
}

/** Fails when the collector makes no point for long; never returns. */
function silenceOf(collector: Program, tally: Tally, signal: AbortSignal): Promise<never> {
  const before = tally.points
  return new Promise((_, reject) => {
    const onSilence = () => {
      const silent = tally.points === before && !signal.aborted
      if (silent) reject(new Error(`collect made no point in ${silenceMs / 1000} seconds. ${collector.lastWords}`))
    }
    setTimeout(onSilence, silenceMs).unref()
  })
}
