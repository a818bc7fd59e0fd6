// The other ways to say which workflow is meant: UUIDs, and revisions' ids.
import { encodeId, encodeText } from '../encoded_id.ts'
import { encodedSegment, pathOf, uuidSegment } from '../paths.ts'
import type { Stage } from '../stage.ts'
import type { Workflow } from '../workflows.ts'
import { anyCalm, runnable, within } from './ordinary.ts'

/** A UUID that stands for several people's workflows; sometimes more than one of them gets a row, or none does. */
export function sharedUuid(stage: Stage) {
  const { random } = stage
  const duration = random.integer(500_000, 20_000_000)
  const { workflows, startMicros } = stage.reserve(() => random.pick(stage.library.sameUuid), duration)
  const person = stage.person()
  const uuid = workflows[0]?.revisions[0]?.uuid ?? ''
  const count = random.weighted([
    [0, 2],
    [1, 5],
    [2, 3],
  ])
  const invocations = workflows.slice(0, count).map((workflow) => {
    const created = within(random, startMicros, duration)
    return stage.invoke(runnable(random, workflow, created), person, created)
  })
  const path = pathOf(stage, uuidSegment(random, uuid))
  const outcome = invocations.length > 0 ? 'points' : 'rowless'
  stage.post({ person, path, endMicros: startMicros + duration, outcome, invocations })
}

/** `?instance=true` and its other spellings: the id is a revision's. Succeeds, or fails with its row there. */
export function flaggedRevision(stage: Stage) {
  const { random } = stage
  const duration = stage.duration()
  const { workflows, startMicros } = stage.reserve(anyCalm(stage), duration)
  const [workflow] = workflows as [Workflow]
  const revision = runnable(random, workflow, startMicros)
  const person = stage.person()
  const count = random.weighted([
    [0, 2],
    [1, 6],
    [3, 1],
  ])
  const invocations = Array.from({ length: count }, () =>
    stage.invoke(revision, person, within(random, startMicros, duration)),
  )
  const path = pathOf(stage, encodedSegment(stage, revision.id), { flagged: true })
  const mayFail = count > 0 && stage.settings.matchInvocations
  const status = mayFail && random.chance(0.2) ? random.pick([499, 502, 504]) : 200
  const outcome = count > 0 ? 'points' : 'rowless'
  stage.post({ person, path, endMicros: startMicros + duration, outcome, status, invocations })
}

/** A revision's id that only the request's body calls one. The stored workflow of that number may exist, and be idle. */
export function unflaggedRevision(stage: Stage) {
  const { random } = stage
  const duration = stage.duration()
  const revisionOf = ({ revisions }: Workflow) => revisions[0] as Workflow['revisions'][number]
  const choose = () => {
    const workflow = random.pick(stage.library.calm)
    const namesake = stage.workflowOfStored(revisionOf(workflow).id)
    return namesake ? [workflow, namesake] : [workflow]
  }
  const { workflows, startMicros } = stage.reserve(choose, duration + 3_000_000)
  const [workflow, namesake] = workflows as [Workflow, Workflow?]
  const revision = revisionOf(workflow)
  // When the workflow that owns the revision has the revision's number itself, its own rows come first: the same rows.
  const person = stage.person()
  const invocation = stage.invoke(revision, person, within(random, startMicros, duration))
  const segment = encodedSegment(stage, revision.id)
  stage.post({
    person,
    path: pathOf(stage, segment),
    endMicros: startMicros + duration,
    outcome: 'points',
    invocations: [invocation],
  })
  // Once more within the window, without a row of its own: what it could take is taken.
  if (!namesake || random.chance(0.5)) return
  const endMicros = startMicros + duration + 2_500_000
  // Unless the log tells that it began only after the row was made.
  const outcome = stage.settings.logFormat === 'timed' ? 'contested' : 'nothing'
  stage.post({ person, path: pathOf(stage, segment), endMicros, outcome })
}

/** A success whose id is none of this server's: there is no telling what it was. */
export function undecodable(stage: Stage) {
  const { random, settings } = stage
  const segment = random.pick([
    random.hexadecimal(16),
    random.hexadecimal(48),
    random.hexadecimal(8),
    random.hexadecimal(17),
    encodeId('the secret of another server', random.integer(1, 9_999)),
    `F${encodeId(settings.idSecret, random.integer(1, 999))}`,
    encodeText(settings.idSecret, 'history'),
    'undefined',
    '%7Bworkflow_id%7D',
    `${random.integer(1, 99_999)}`,
  ])
  const endMicros = stage.moment(1)
  stage.post({ person: stage.person(), path: pathOf(stage, segment), endMicros, outcome: 'undecodable' })
}

/** A success whose id is a number that nothing has, also one too great for the column. */
export function unresolved(stage: Stage) {
  const { random, settings } = stage
  const endMicros = stage.moment(1)
  const segment = random.pick([
    encodedSegment(stage, unusedId(stage)),
    encodedSegment(stage, 3_000_000_000 + random.integer(0, 9_999)),
    encodeId(settings.idSecret, 9_223_372_036_854_775_807n),
    encodeId(settings.idSecret, 18_446_744_073_709_551_616n),
    uuidSegment(random, random.hexadecimal(32)),
  ])
  const flagged = !segment.includes('-') && random.chance(0.3)
  stage.post({ person: stage.person(), path: pathOf(stage, segment, { flagged }), endMicros, outcome: 'unresolved' })
}

export function unusedId(stage: Stage): number {
  for (;;) {
    const id = stage.random.integer(20_000_000, 2_147_483_647)
    if (!stage.workflowOfStored(id) && !stage.hasRevision(id)) return id
  }
}
