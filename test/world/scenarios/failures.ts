// Requests that failed, or seem to have, and successes that left no row.
import { encodeId } from '../encoded_id.ts'
import { anyReferer } from '../labs.ts'
import { anySegment, encodedSegment, pathOf, uuidSegment } from '../paths.ts'
import type { Stage } from '../stage.ts'
import type { Workflow } from '../workflows.ts'
import { unusedId } from './identifiers.ts'
import { anyCalm, runnable, within } from './ordinary.ts'

const cutOff = [499, 500, 502, 503, 504]
const refusals = [301, 302, 304, 400, 401, 403, 404, 409, 413, 422, 429]

/** The client left, or a gateway gave up, but Galaxy had made the rows. */
export function failedWithRows(stage: Stage) {
  const { random } = stage
  const duration = random.integer(1_000_000, 100_000_000)
  const { workflows, startMicros } = stage.reserve(anyCalm(stage), duration)
  const [workflow] = workflows as [Workflow]
  const person = stage.person()
  const count = random.weighted([
    [1, 8],
    [random.integer(2, 8), 2],
  ])
  const invocations = Array.from({ length: count }, () => {
    const created = within(random, startMicros, duration)
    return stage.invoke(runnable(random, workflow, created), person, created)
  })
  const path = pathOf(stage, anySegment(stage, workflow))
  const status = random.pick(cutOff)
  stage.post({ person, path, endMicros: startMicros + duration, outcome: 'points', status, invocations })
}

/** The same without rows; the user tries again at once, and that works. */
export function failedThenTriedAgain(stage: Stage) {
  const { random } = stage
  const { workflows, startMicros } = stage.reserve(anyCalm(stage), 12_000_000)
  const [workflow] = workflows as [Workflow]
  const person = stage.person()
  const path = pathOf(stage, anySegment(stage, workflow))
  const post = { person, path }
  stage.post({ ...post, endMicros: startMicros + 1_000_000, outcome: 'refused', status: random.pick(cutOff) })
  if (random.chance(0.3)) return
  const created = startMicros + 4_000_000
  const invocations = [stage.invoke(runnable(random, workflow, created), person, created)]
  stage.post({ ...post, endMicros: startMicros + 5_000_000, outcome: 'points', invocations })
}

/** Refused, whatever its id is: known, unknown, nonsense, a UUID of one or several. */
export function refused(stage: Stage) {
  const { random, settings, library } = stage
  const anyWorkflow = random.pick(library.calm)
  const segments = [
    () => anySegment(stage, anyWorkflow),
    () => anySegment(stage, random.pick(library.crowded)),
    () => uuidSegment(random, library.sameUuid[0]?.[0]?.revisions[0]?.uuid ?? ''),
    () => uuidSegment(random, random.hexadecimal(32)),
    () => encodedSegment(stage, unusedId(stage)),
    () => encodedSegment(stage, random.pick(anyWorkflow.revisions).id),
    () => encodeId('the secret of another server', random.integer(1, 9_999)),
    () => 'nonsense',
    () => encodeId(settings.idSecret, 3_000_000_000),
  ]
  const path = pathOf(stage, random.pick(segments)())
  const endMicros = stage.moment(1)
  stage.post({ person: stage.person(), path, endMicros, outcome: 'refused', status: random.pick(refusals) })
}

/** A gateway's error, with an id that can have no row. */
export function failedWithBadId(stage: Stage) {
  const segment = stage.random.pick([encodedSegment(stage, unusedId(stage)), stage.random.hexadecimal(16), 'nonsense'])
  const endMicros = stage.moment(1)
  const status = stage.random.pick(cutOff)
  stage.post({ person: stage.person(), path: pathOf(stage, segment), endMicros, outcome: 'refused', status })
}

/** The same refused request again and again within a second, byte for byte. */
export function refusedIdentically(stage: Stage) {
  const { random } = stage
  const person = stage.person()
  const path = pathOf(stage, anySegment(stage, random.pick(stage.library.calm)))
  const endSecond = Math.floor(stage.moment(2_000_000) / 1_000_000) * 1_000_000
  const post = {
    person,
    path,
    outcome: 'refused',
    status: 403,
    bodyBytes: 64,
    durationMicros: 1000,
    referer: anyReferer(random),
  } as const
  const copies = random.integer(2, 5)
  for (let copy = 0; copy < copies; copy += 1) stage.post({ ...post, endMicros: endSecond + copy * 150_000 })
}

/** A success that left no row (it was deleted since, or the batch was empty), now and then the same bytes twice. */
export function rowless(stage: Stage) {
  const { random } = stage
  const { workflows, startMicros } = stage.reserve(anyCalm(stage), 3_000_000)
  const [workflow] = workflows as [Workflow]
  const made = workflow.revisions.filter(({ createdMicros }) => createdMicros <= startMicros)
  const newest = made[made.length - 1]
  // A UUID would do only where it is the newest revision's own: what is meant otherwise is not said.
  const alone = workflow.revisions.filter(({ uuid }) => uuid === newest?.uuid).length === 1
  const uuid = alone && newest === workflow.revisions[workflow.revisions.length - 1] ? newest?.uuid : null
  const segment = uuid && random.chance(0.3) ? uuidSegment(random, uuid) : encodedSegment(stage, workflow.stored.id)
  const endSecond = Math.floor(startMicros / 1_000_000) * 1_000_000 + 1_000_000
  const post = {
    person: stage.person(),
    path: pathOf(stage, segment),
    outcome: 'rowless',
    bodyBytes: 2,
    durationMicros: 50_000,
    referer: anyReferer(random),
  } as const
  const copies = random.weighted([
    [1, 4],
    [3, 1],
  ])
  for (let copy = 0; copy < copies; copy += 1) stage.post({ ...post, endMicros: endSecond + copy * 200_000 })
}
