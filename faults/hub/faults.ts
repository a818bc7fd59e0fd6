// `npm run faults:hub`: events by the hundred thousand while everything that they pass fails now and then.
import { setTimeout as sleep } from 'node:timers/promises'
import { temporaryFolder } from '../../test/services/temporary.ts'
import { Random } from '../../test/world/random.ts'
import { buildWith } from '../plants.ts'
import { readArguments, usage, type Wanted } from './arguments.ts'
import { startBroker } from './broker.ts'
import { Said, sendAll } from './client.ts'
import type { FarEnd } from './far_end.ts'
import { farEnds } from './far_ends.ts'
import { HubUnderTest } from './hub.ts'
import { differences, type Found } from './judge.ts'
import { type Offered, offers } from './offered.ts'
import { reportOf } from './report.ts'
import { disturb, troubleSeconds, troublesOf } from './troubles.ts'

const builtFile = `${import.meta.dirname}/../../dist/workflow-reporting.mjs`
/** Without anything new at any destination. */
const catchUpMs = 120_000
const lookEveryMs = 2000
/** With a bug there is nothing to wait for. */
const catchUpWithBugMs = 15_000

/** @returns the exit status */
async function main(): Promise<number> {
  let wanted: Wanted
  try {
    wanted = readArguments()
  } catch (error) {
    console.error(`${(error as Error).message}\n\n${usage}`)
    return 2
  }
  if (wanted.help) {
    console.log(usage)
    return 0
  }
  console.log(`seed ${wanted.seed}`)
  const { plant } = wanted
  await using folder = await temporaryFolder('hub-faults')
  const program = plant === null ? builtFile : await buildWith(plant, folder)
  await using ends = await farEnds()
  await using broker = wanted.transport === 'rabbitmq' ? await startBroker() : null
  const destinations = Object.fromEntries(ends.all.map(({ name, settings }) => [name, settings]))
  await using hub = await HubUnderTest.start(program, destinations, broker?.settings ?? null)

  const random = new Random(wanted.seed)
  const troubles = troublesOf(hub, ends.all, broker).filter(({ name }) => wanted.only?.includes(name) ?? true)
  const offered = new Map<string, Offered>()
  const said = new Said()
  const startedMs = performance.now()
  const times = await sendAmid(
    troubles,
    random,
    wanted,
    hub,
    remember(offered, offersOf(wanted, random, ends.all)),
    said,
  )
  const sentSeconds = (performance.now() - startedMs) / 1000
  const found = await caughtUp(hub, ends.all, offered, said, plant === null ? catchUpMs : catchUpWithBugMs)
  const allSeconds = (performance.now() - startedMs) / 1000
  console.log(reportOf(wanted, { said, times, found, offered, sentSeconds, allSeconds }))
  for (const collapse of hub.collapses) console.log(`\n${collapse}`)
  const isRight = found.every((it) => it.isRight)
  if (!isRight) console.log(`\n${hub.lastWords}`)
  return isRight && hub.collapses.length === 0 ? 0 : 1
}

function offersOf({ events }: Wanted, random: Random, ends: FarEnd[]): Iterable<Offered> {
  return offers(
    events,
    random.fork('events'),
    ends.map(({ name }) => name),
  )
}

function* remember(offered: Map<string, Offered>, events: Iterable<Offered>): Generator<Offered> {
  for (const event of events) {
    offered.set(event.id, event)
    yield event
  }
}

/** @returns how often each trouble was made */
async function sendAmid(
  troubles: ReturnType<typeof troublesOf>,
  random: Random,
  { events, clients }: Wanted,
  hub: HubUnderTest,
  source: Iterator<Offered>,
  said: Said,
): Promise<Map<string, number>> {
  const key = await hub.key()
  const sent = new AbortController()
  const disturbing = disturb(troubles, random.fork('troubles'), sent.signal)
  // So slowly that there is time for everything to go wrong while events come.
  const pace = events / (troubles.length * troubleSeconds) / clients
  const sending = Array.from({ length: clients }, (_, index) =>
    sendAll(source, { url: hub.url, key }, pace, random.fork(`client ${index}`), said),
  )
  // The troubles go on for as long as something is sent: before that they can only fail.
  await Promise.race([Promise.all(sending), disturbing])
  sent.abort()
  return disturbing
}

/** Looks again and again until nothing differs, or nothing more comes. */
async function caughtUp(
  hub: HubUnderTest,
  ends: FarEnd[],
  offered: Map<string, Offered>,
  said: Said,
  patienceMs: number,
): Promise<Found[]> {
  let most = -1
  let deadline = 0
  for (;;) {
    const lookedMs = performance.now()
    const found = await differences(hub, ends, offered, said)
    const there = found.reduce((sum, { there, dead }) => sum + there + dead, 0)
    if (there > most) deadline = performance.now() + patienceMs
    most = Math.max(most, there)
    if (found.every(({ isRight }) => isRight) || performance.now() > deadline) return found
    // Whoever looks reads all that is there: no longer than half of the time, or nothing new would come to a slow server.
    await sleep(Math.max(lookEveryMs, performance.now() - lookedMs))
  }
}

process.exitCode = await main()
