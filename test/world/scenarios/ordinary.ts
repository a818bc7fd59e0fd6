// What happens on any day: people run workflows, one or many at a time.
import type { Revision } from '../galaxy_rows.ts'
import { refererOf } from '../labs.ts'
import { anySegment, encodedSegment, pathOf } from '../paths.ts'
import type { Random } from '../random.ts'
import type { Stage } from '../stage.ts'
import type { Workflow } from '../workflows.ts'

const labs = ['usegalaxy.org.au', 'genome.usegalaxy.org.au', 'singlecell.usegalaxy.org.au'] as const

/** The revision that somebody runs at a time: mostly the newest there is, sometimes an older one by its `version`. */
export function runnable(random: Random, { revisions }: Workflow, micros: number): Revision {
  const made = revisions.filter(({ createdMicros }) => createdMicros < micros)
  const newest = made[made.length - 1]
  if (!newest) throw new Error('a workflow that nobody can run yet')
  return random.chance(0.75) ? newest : random.pick(made)
}

/** A time within a request, not at its very ends. */
export function within(random: Random, startMicros: number, durationMicros: number): number {
  return startMicros + 1 + Math.floor(random.next() * (durationMicros - 2))
}

export const anyCalm = (stage: Stage) => () => [stage.random.pick(stage.library.calm)]

/** One person, one request, one row. */
export function single(stage: Stage) {
  const duration = stage.duration()
  const { workflows, startMicros } = stage.reserve(anyCalm(stage), duration)
  const [workflow] = workflows as [Workflow]
  const person = stage.person()
  const created = within(stage.random, startMicros, duration)
  const invocation = stage.invoke(runnable(stage.random, workflow, created), person, created)
  const path = pathOf(stage, anySegment(stage, workflow))
  const endMicros = startMicros + duration
  stage.post({ person, path, endMicros, outcome: 'points', invocations: [invocation] })
}

/** One request that makes many rows over some seconds, as `batch: true` does over a collection. */
export function batch(stage: Stage) {
  const { random } = stage
  const duration = 2_000_000 + random.integer(0, 60_000_000)
  const { workflows, startMicros } = stage.reserve(anyCalm(stage), duration)
  const [workflow] = workflows as [Workflow]
  const person = stage.person()
  const revision = runnable(random, workflow, startMicros)
  const size = random.weighted([
    [2, 5],
    [random.integer(3, 12), 5],
    [random.integer(13, 60), 1],
  ])
  const invocations = Array.from({ length: size }, () =>
    stage.invoke(revision, person, within(random, startMicros, duration)),
  )
  const path = pathOf(stage, anySegment(stage, workflow))
  stage.post({ person, path, endMicros: startMicros + duration, outcome: 'points', invocations })
}

/** A workflow with subworkflows: one of them nameless in its parent, one somebody's own that is run at the same time. */
export function withSubworkflows(stage: Stage) {
  const { random } = stage
  const duration = random.integer(1_000_000, 8_000_000)
  const two = () => [random.pick(stage.library.calm), random.pick(stage.library.calm)]
  const { workflows, startMicros } = stage.reserve(two, duration + 4_000_000)
  const [parent, other] = workflows as [Workflow, Workflow]
  const person = stage.person()
  const created = within(random, startMicros, duration / 2)
  const invocation = stage.invoke(runnable(random, parent, created), person, created)
  for (let children = random.integer(1, 3); children > 0; children -= 1) {
    const revision = random.chance(0.5) ? random.pick(stage.library.inline) : runnable(random, other, created)
    const child = stage.invokeInside(invocation, revision, created + random.integer(0, 400_000))
    // A subworkflow of a subworkflow is one, too.
    if (random.chance(0.3)) stage.invokeInside(child, random.pick(stage.library.inline), child.createdMicros + 5)
  }
  const path = pathOf(stage, encodedSegment(stage, parent.stored.id))
  stage.post({ person, path, endMicros: startMicros + duration, outcome: 'points', invocations: [invocation] })
  if (parent === other) return
  const neighbour = stage.person()
  const start = startMicros + duration
  const own = random.chance(0.7) ? [stage.invoke(runnable(random, other, start), neighbour, start + 1_000_000)] : []
  stage.post({
    person: neighbour,
    path: pathOf(stage, encodedSegment(stage, other.stored.id)),
    endMicros: start + 2_500_000,
    outcome: own.length > 0 ? 'points' : 'rowless',
    invocations: own,
  })
}

/** Two people who start one workflow in one second. */
export function twins(stage: Stage) {
  const { random } = stage
  const { workflows, startMicros } = stage.reserve(anyCalm(stage), 3_000_000)
  const [workflow] = workflows as [Workflow]
  const referer = refererOf(random.pick(labs), random)
  const endSecond = Math.floor(startMicros / 1_000_000) * 1_000_000 + 1_000_000
  for (const endMicros of [endSecond + 300_000, endSecond + 300_000 + random.integer(0, 600_000)]) {
    const person = stage.person()
    const created = endMicros - random.integer(20_000, 250_000)
    const invocation = stage.invoke(runnable(random, workflow, created), person, created)
    const path = pathOf(stage, encodedSegment(stage, workflow.stored.id))
    stage.post({ person, path, endMicros, outcome: 'contested', invocations: [invocation], referer })
  }
}

/** The same bytes two or three times in one second: a script that runs a workflow in a loop. */
export function identical(stage: Stage) {
  const { random } = stage
  const { workflows, startMicros } = stage.reserve(anyCalm(stage), 3_000_000)
  const [workflow] = workflows as [Workflow]
  const person = stage.person()
  const path = pathOf(stage, encodedSegment(stage, workflow.stored.id))
  const referer = refererOf(random.pick(labs), random)
  const endSecond = Math.floor(startMicros / 1_000_000) * 1_000_000 + 1_000_000
  const copies = random.integer(2, 3)
  for (let copy = 0; copy < copies; copy += 1) {
    const endMicros = endSecond + 250_000 * (copy + 1)
    const invocation = stage.invoke(runnable(random, workflow, endMicros - 90_000), person, endMicros - 90_000)
    stage.post({
      person,
      path,
      endMicros,
      outcome: 'contested',
      invocations: [invocation],
      referer,
      bodyBytes: 512,
      durationMicros: 200_000,
    })
  }
}
