// Where requests for one workflow overlap, and a line can take what another request made.
import { labs, refererOf } from '../labs.ts'
import { anySegment, encodedSegment, pathOf } from '../paths.ts'
import type { Stage } from '../stage.ts'
import type { Workflow } from '../workflows.ts'
import { anyCalm, runnable, within } from './ordinary.ts'

const second = 1_000_000

/** A course: everybody starts the same workflow within seconds, from one lab's site. */
export function course(stage: Stage, size = 40) {
  const { random } = stage
  const duration = 20 * second
  const { workflows, startMicros } = stage.reserve(anyCalm(stage), duration)
  const [workflow] = workflows as [Workflow]
  const lab = random.pick(labs)
  for (let student = 0; student < size; student += 1) {
    const person = stage.person()
    const start = startMicros + random.integer(0, 8 * second)
    const endMicros = start + random.integer(300_000, 9 * second)
    const created = within(random, start, endMicros - start)
    const invocation = stage.invoke(runnable(random, workflow, created), person, created)
    const path = pathOf(stage, encodedSegment(stage, workflow.stored.id))
    const referer = refererOf(lab, random)
    stage.post({ person, path, endMicros, outcome: 'contested', invocations: [invocation], referer })
    // One in ten is refused first, in the middle of it all: such a line takes nothing.
    if (random.chance(0.1)) stage.post({ person, path, endMicros: start, outcome: 'refused', status: 403, referer })
  }
}

/** Somebody runs what everybody runs. Whose rows are whose the log alone can't tell: the first line takes all. */
export function crowd(stage: Stage) {
  const { random } = stage
  const workflow = random.pick(stage.library.crowded)
  const duration = random.chance(0.3) ? random.integer(5 * second, 100 * second) : stage.duration()
  const person = stage.person()
  const fate = random.weighted<[status: number, hasRow: boolean]>([
    [[200, true], 80],
    [[201, true], 3],
    [[499, true], 5],
    [[504, true], 4],
    [[502, false], 4],
    [[500, false], 2],
    [[403, false], 2],
  ])
  const [status, hasRow] = fate
  const lab = random.pick(labs)
  const startMicros = clearSecond(stage, workflow, rushHour(stage, duration), duration, lab, status)
  const count = !hasRow ? 0 : status < 300 && random.chance(0.1) ? 3 : 1
  const invocations = Array.from({ length: count }, () => {
    const created = within(random, startMicros, duration)
    return stage.invoke(runnable(random, workflow, created), person, created)
  })
  const outcome = status === 403 ? 'refused' : 'contested'
  const path = pathOf(stage, anySegment(stage, workflow))
  const endMicros = startMicros + duration
  stage.post({
    person,
    path,
    endMicros,
    outcome,
    status,
    invocations,
    referer: refererOf(lab, random),
    durationMicros: duration,
  })
}

/** Half of the crowd comes within the same few minutes. */
function rushHour(stage: Stage, durationMicros: number): number {
  const anywhere = stage.moment(durationMicros)
  if (stage.random.chance(0.5)) return anywhere
  const span = (stage.endMicros - stage.startMicros) / 8
  const rush = stage.startMicros + span * stage.random.pick([2, 6])
  const wanted = Math.floor(rush + stage.random.integer(-300, 300) * second)
  const tooQuiet = Math.abs(wanted - stage.quietMicros) < 500 * second
  const outside = wanted < stage.startMicros + 200 * second || wanted > stage.endMicros - 200 * second
  return tooQuiet || outside ? anywhere : wanted
}

const ends = new WeakMap<Stage, Map<string, string>>()

/**
 * Moves a start until no other line of that workflow ends in the same second, unless both succeed and come from one
 * lab: only then does it make no difference which of the two takes the rows, which the contract does not promise.
 */
function clearSecond(
  stage: Stage,
  workflow: Workflow,
  startMicros: number,
  durationMicros: number,
  lab: string,
  status: number,
) {
  const taken = ends.get(stage) ?? new Map<string, string>()
  ends.set(stage, taken)
  if (status === 403) return startMicros
  const kind = status < 300 ? lab : 'alone'
  for (let start = startMicros; ; start += second) {
    const key = `${workflow.stored.id}@${Math.floor((start + durationMicros) / second)}`
    const there = taken.get(key)
    if (there !== undefined && (there !== kind || kind === 'alone')) continue
    taken.set(key, kind)
    return start
  }
}

/** A long request made a row early; a short one that ends before takes it, and the long one's line gets nothing. */
export function overtaken(stage: Stage) {
  const { random } = stage
  const duration = random.integer(30, 95) * second
  const { workflows, startMicros } = stage.reserve(anyCalm(stage), duration)
  const [workflow] = workflows as [Workflow]
  const [slow, quick] = [stage.person(), stage.person()]
  const path = () => pathOf(stage, encodedSegment(stage, workflow.stored.id))
  const first = stage.invoke(runnable(random, workflow, startMicros), slow, startMicros + second)
  const status = random.weighted([
    [200, 3],
    [504, 1],
    [499, 1],
  ])
  const created = startMicros + 8 * second
  const own = random.chance(0.5) ? [stage.invoke(runnable(random, workflow, created), quick, created)] : []
  // Where the log tells how long each took, the rows stay with their own lines.
  const isTimed = stage.settings.logFormat === 'timed'
  stage.post({
    person: quick,
    path: path(),
    endMicros: startMicros + 10 * second,
    outcome: isTimed ? 'contested' : 'points',
    status,
    invocations: isTimed ? own : [first, ...own],
    durationMicros: 3 * second,
  })
  stage.post({
    person: slow,
    path: path(),
    endMicros: startMicros + duration,
    outcome: isTimed ? 'contested' : 'nothing',
    invocations: isTimed ? [first] : [],
    durationMicros: duration,
  })
}
