// The window's edges, and rows that no line speaks of.
import { encodedSegment, pathOf } from '../paths.ts'
import type { Stage } from '../stage.ts'
import type { Workflow } from '../workflows.ts'
import { anyCalm, runnable } from './ordinary.ts'

const second = 1_000_000

/** Rows at both ends of a window: the first and the last moment in it, and the first ones out of it. */
export function windowEdges(stage: Stage) {
  const { random, settings } = stage
  const before = (settings.maxRequestSeconds + 1) * second
  const { workflows, startMicros } = stage.reserve(anyCalm(stage), before + 3 * second)
  const [workflow] = workflows as [Workflow]
  const lineTime = Math.floor(startMicros / second) * second + second + before
  const person = stage.person()
  const revision = runnable(random, workflow, startMicros)
  stage.invoke(revision, person, lineTime - before - 1)
  const invocations = [
    stage.invoke(revision, person, lineTime - before),
    stage.invoke(revision, person, lineTime + second - 1),
  ]
  stage.invoke(revision, person, lineTime + second)
  const path = pathOf(stage, encodedSegment(stage, workflow.stored.id))
  const endMicros = lineTime + random.integer(0, second - 1)
  const durationMicros = settings.maxRequestSeconds * second
  stage.post({ person, path, endMicros, outcome: 'points', invocations, durationMicros })
}

/** A run that came another way, such as another server's log. */
export function unlogged(stage: Stage) {
  const { workflows, startMicros } = stage.reserve(anyCalm(stage), second)
  const [workflow] = workflows as [Workflow]
  stage.invoke(runnable(stage.random, workflow, startMicros), stage.person(), startMicros)
}
