// Who has which workflows, in how many revisions, under which names and from where.
import type { Revision, StoredWorkflow, User } from './galaxy_rows.ts'
import { everydayName, hostileNames } from './names.ts'
import { originCases, originlessCases } from './origins.ts'
import type { Random } from './random.ts'

/** A stored workflow with its revisions, smallest id first. */
export type Workflow = { stored: StoredWorkflow; revisions: Revision[] }

export type Library = {
  users: User[]
  /** Each invoked by itself: no two scenarios of one of these come near each other. */
  calm: Workflow[]
  /** Invoked by many at a time. Their numbers are no revision's, so that nothing else can be meant by them. */
  crowded: Workflow[]
  /** Workflows of several people that have one revision with one UUID in common. */
  sameUuid: Workflow[][]
  /** Subworkflows that belong to no stored workflow. */
  inline: Revision[]
}

const day = 86_400_000_000

/** Makes `count` calm workflows and some of every other kind. Few of the revisions are made during the log. */
export function makeLibrary(random: Random, count: number, startMicros: number, endMicros: number): Library {
  const users = makeUsers(random.fork('users'), Math.max(20, Math.ceil(count / 2)))
  const metadata = metadataMaker(random.fork('metadata'))
  const name = nameMaker(random.fork('names'))
  const uuid = random.fork('uuids')

  const makeRevision = (createdMicros: number, sourceMetadata: Buffer | null, text: string | null): Revision => ({
    id: 0,
    storedWorkflowId: null,
    name: text,
    uuid: uuid.chance(0.1) ? null : uuid.hexadecimal(32),
    sourceMetadata,
    createdMicros,
  })
  const makeWorkflow = (revisionCount: number, mayGrow: boolean): Workflow => {
    const times = Array.from({ length: revisionCount }, () => startMicros - random.integer(3_600_000_000, 300 * day))
    if (mayGrow && random.chance(0.4)) times.push(random.integer(startMicros, endMicros))
    if (random.chance(0.05)) times.fill(times[0] as number)
    times.sort((a, b) => a - b)
    const shapes = metadata(times.length)
    let text = name()
    const revisions = times.map((time, index) => {
      if (index > 0 && random.chance(0.3)) text = name()
      return makeRevision(time, shapes[index] as Buffer | null, text)
    })
    return { stored: makeStored(random, random.pick(users), text), revisions }
  }

  const revisionCount = () => random.weighted([1, 2, 3, 4, 7].map((number) => [number, 8 - number] as const))
  const calm = Array.from({ length: count }, () => makeWorkflow(revisionCount(), true))
  const crowded = Array.from({ length: Math.max(3, Math.ceil(count / 60)) }, () => makeWorkflow(2, false))
  const sameUuid = Array.from({ length: Math.max(2, Math.ceil(count / 60)) }, () => {
    const shared = uuid.hexadecimal(32)
    const group = Array.from({ length: random.integer(2, 4) }, () => makeWorkflow(1, false))
    for (const { revisions } of group) for (const revision of revisions) revision.uuid = shared
    return group
  })
  // One UUID in two revisions of one workflow, which a new import of the same file leaves behind.
  for (const { revisions } of calm)
    if (revisions[1] && random.chance(0.15)) revisions[1].uuid = revisions[0]?.uuid ?? null
  const inline = Array.from({ length: Math.max(4, Math.ceil(count / 8)) }, () =>
    makeRevision(startMicros - random.integer(1, 300 * day), metadata(1)[0] as Buffer | null, name()),
  )
  const borrowed = calm.find(({ revisions }) => revisions[0]?.uuid)
  if (borrowed && inline[0]) inline[0].uuid = borrowed.revisions[0]?.uuid ?? null

  const library = { users, calm, crowded, sameUuid, inline }
  numberEverything(random.fork('numbers'), library)
  return library
}

/** All its stored workflows. */
export function workflowsOf(library: Library): Workflow[] {
  return [...library.calm, ...library.crowded, ...library.sameUuid.flat()]
}

function makeUsers(random: Random, count: number): User[] {
  let id = 4
  return Array.from({ length: count }, () => {
    id += random.integer(1, 4)
    return { id, email: `person${id}@example.org`, username: random.chance(0.1) ? null : `person-${id}` }
  })
}

function makeStored(random: Random, owner: User, name: string | null): StoredWorkflow {
  const published = random.weighted<boolean | null>([
    [true, 4],
    [false, 5],
    [null, 1],
  ])
  return { id: 0, userId: owner.id, latestWorkflowId: null, name, deleted: random.chance(0.1), published }
}

function nameMaker(random: Random): () => string | null {
  let used = 0
  return () => {
    if (random.chance(0.7)) return everydayName(random)
    used += 1
    return hostileNames[used % hostileNames.length] ?? null
  }
}

/** Goes through every shape in turn, so that all are met soon; most later revisions have none, as Galaxy drops it. */
function metadataMaker(random: Random): (revisions: number) => (Buffer | null)[] {
  let origins = 0
  let originless = 0
  const next = () => {
    origins += 1
    return originCases[origins % originCases.length]?.metadata ?? null
  }
  const nothing = () => {
    originless += 1
    return originlessCases[originless % originlessCases.length]?.metadata ?? null
  }
  const draw = (first: number, empty: number) =>
    random.weighted<() => Buffer | null>([
      [next, first],
      [nothing, empty],
      [() => null, 100 - first - empty],
    ])()
  return (revisions) => {
    const imported = random.chance(0.55)
    return Array.from({ length: revisions }, (_, index) => (index === 0 && imported ? next() : draw(20, 20)))
  }
}

/** Numbers grow with time, have gaps, and reach eight digits, which makes an encoded id twice as long. */
function numberEverything(random: Random, library: Library) {
  const workflows = workflowsOf(library)
  let storedId = 2
  for (const workflow of workflows) {
    storedId = library.crowded.includes(workflow) ? storedId : storedId + random.integer(1, 3)
    workflow.stored.id = random.chance(0.08) ? 10_000_000 + storedId * 31 : storedId
  }
  for (const [index, { stored }] of library.crowded.entries()) stored.id = 1_000_000 + index * 7

  const revisions = [...workflows.flatMap((workflow) => workflow.revisions), ...library.inline]
  revisions.sort((a, b) => a.createdMicros - b.createdMicros)
  let revisionId = 1
  for (const [index, revision] of revisions.entries()) {
    revisionId += random.integer(1, 3) + (index === Math.floor(revisions.length * 0.9) ? 12_000_000 : 0)
    revision.id = revisionId
  }
  for (const { stored, revisions } of workflows) {
    for (const revision of revisions) revision.storedWorkflowId = stored.id
    revisions.sort((a, b) => a.id - b.id)
    const latest = revisions[random.chance(0.05) ? 0 : revisions.length - 1]?.id ?? null
    stored.latestWorkflowId = random.chance(0.05) ? null : latest
  }
  restoreOutOfOrder(random, library.calm)
}

/** A restored backup can leave a greater id with an earlier time: ids decide. */
function restoreOutOfOrder(random: Random, workflows: Workflow[]) {
  for (const { revisions } of workflows) {
    const [first, second] = revisions
    if (revisions.length !== 2 || !first || !second || !random.chance(0.1)) continue
    if (random.chance(0.5)) second.createdMicros = first.createdMicros - 1_000_000
  }
}
