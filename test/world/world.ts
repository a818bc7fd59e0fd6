// A whole world: what Galaxy's tables hold, and what nginx wrote meanwhile. The same options give the same world.
import type { GalaxyRows } from './galaxy_rows.ts'
import { garbageLines, malformedLines, otherLine } from './noise.ts'
import { Random } from './random.ts'
import { course, crowd, overtaken } from './scenarios/crowds.ts'
import { unlogged, windowEdges } from './scenarios/edges.ts'
import {
  failedThenTriedAgain,
  failedWithBadId,
  failedWithRows,
  refused,
  refusedIdentically,
  rowless,
} from './scenarios/failures.ts'
import { flaggedRevision, sharedUuid, undecodable, unflaggedRevision, unresolved } from './scenarios/identifiers.ts'
import { batch, identical, single, twins, withSubworkflows } from './scenarios/ordinary.ts'
import { defaultSettings, type Settings } from './settings.ts'
import { type LoggedLine, Stage } from './stage.ts'
import { makeLibrary } from './workflows.ts'

export type WorldOptions = {
  seed: string | number
  /** At least so many lines, */
  lines?: number
  /** and at least so many rows of `workflow_invocation`. */
  invocations?: number
  /** The log's first second, a date or an instant. */
  start?: string
  hours?: number
  settings?: Partial<Settings>
  /** Scenarios to leave out, by name. */
  without?: string[]
}

export type World = {
  galaxy: GalaxyRows
  /** In the order in which nginx wrote them. */
  lines: LoggedLine[]
  settings: Settings
  /** A second in the middle of the log with no invocation within a window of it. */
  quietSecond: number
  /** How often each scenario was played. */
  scenarios: Map<string, number>
}

/** What can happen, and how often compared with the rest. Each happens at least once. */
const scenarios: readonly [play: (stage: Stage) => void, weight: number][] = [
  [single, 30],
  [crowd, 40],
  [batch, 4],
  [withSubworkflows, 4],
  [twins, 3],
  [identical, 3],
  [course, 0.6],
  [overtaken, 4],
  [sharedUuid, 3],
  [flaggedRevision, 4],
  [unflaggedRevision, 4],
  [undecodable, 3],
  [unresolved, 3],
  [failedWithRows, 4],
  [failedThenTriedAgain, 4],
  [failedWithBadId, 2],
  [refused, 12],
  [refusedIdentically, 2],
  [rowless, 5],
  [windowEdges, 1],
  [unlogged, 1],
]

/** Makes a world. By default as large as the promise is to be shown with; some dozens of lines are enough for others. */
export function makeWorld(options: WorldOptions): World {
  const { seed, lines = 100_000, invocations = 2_400, start = '2026-06-25', hours = 24, without = [] } = options
  const settings = { ...defaultSettings, ...options.settings }
  const random = new Random(seed)
  const startMicros = Date.parse(start) * 1000
  const endMicros = startMicros + hours * 3_600_000_000
  const library = makeLibrary(random.fork('library'), Math.max(100, Math.ceil(invocations / 8)), startMicros, endMicros)
  const stage = new Stage(random.fork('stage'), library, settings, startMicros, endMicros)

  const played = new Map<string, number>()
  const play = (scenario: (stage: Stage) => void) => {
    stage.scenario = scenario.name
    scenario(stage)
    played.set(scenario.name, (played.get(scenario.name) ?? 0) + 1)
  }
  const wanted = scenarios.filter(([scenario]) => !without.includes(scenario.name))
  for (const [scenario] of wanted) play(scenario)
  while (stage.invocations.length < invocations) play(random.weighted(wanted))

  const log = [...stage.lines, ...malformedLines(stage), ...garbageLines(stage)]
  while (log.length < lines) log.push(otherLine(stage))
  log.sort((a, b) => a.endMicros - b.endMicros)
  return {
    galaxy: stage.rows(),
    lines: log,
    settings,
    quietSecond: stage.quietMicros / 1_000_000,
    scenarios: played,
  }
}
