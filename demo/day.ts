import { sites } from './catalogue.ts'
import type { Random } from './random.ts'
import { byScript, inBrowser, otherRequest, type Request } from './traffic.ts'
import type { Person, StoredWorkflow, World } from './world.ts'

/** A row of `workflow_invocation` to be. */
export interface InvocationRow {
  revisionId: number
  historyId: number
  uuid: string
  /** How long before the end of its request the row is made. */
  beforeEndMs: number
  subworkflowRevisionIds: number[]
}

/** A request to Galaxy that ends at an instant of the day, and the rows that Galaxy has made by then. */
export interface Visit {
  sinceStartMs: number
  request: Request
  rows: InvocationRow[]
}

/** Hours after midnight where the day begins. */
export const startHour = 8
const requestGapMs = 18_000
/** More people come week after week, and a quarter of them at weekends. The first day is a Monday. */
const growthDays = 42
const weekendShare = 0.25
const invocationShare = 1 / 14

/** What people and their programs ask of Galaxy, day after day, without end. */
export function* visits(world: World, random: Random, encodeId: (id: number) => string): Generator<Visit> {
  let sinceStartMs = 0
  while (true) {
    sinceStartMs += random.gap(requestGapMs / busyness(sinceStartMs))
    if (random.chance(invocationShare)) {
      yield { sinceStartMs, ...invoke(world, random, encodeId) }
    } else {
      const site = sites[random.pick(world.people).site]
      const request = otherRequest(random, site, encodeId(random.pick(world.storedWorkflows).id))
      yield { sinceStartMs, request, rows: [] }
    }
  }
}

/** Most work is done from nine to five, and little at night and at weekends. */
export function busyness(sinceStartMs: number): number {
  const hours = startHour + sinceStartMs / 3_600_000
  const [day, hour] = [Math.floor(hours / 24), hours % 24]
  const growth = 0.6 + 0.4 * Math.min(1, day / growthDays)
  const share = growth * (day % 7 >= 5 ? weekendShare : 1)
  if (hour >= 9 && hour < 17) return 1.5 * share
  return (hour < 6 || hour >= 22 ? 0.5 : 1) * share
}

function invoke(world: World, random: Random, encodeId: (id: number) => string): Omit<Visit, 'sinceStartMs'> {
  const storedWorkflow = random.pickWeighted(
    world.storedWorkflows,
    ({ work, published }) => work.weight * (published ? 2 : 1),
  )
  const person = runnerOf(storedWorkflow, world, random)
  const { status, rowCount } = outcome(random)
  const rows = Array.from({ length: rowCount }, () => makeRow(storedWorkflow, person, random))

  const id = encodeId(storedWorkflow.id)
  const action = random.chance(0.02) ? 'usage' : 'invocations'
  if (random.chance(0.06)) {
    const uuid = storedWorkflow.revisions.at(-1)!.uuid.replace(/^(.{8})(.{4})(.{4})(.{4})(.{12})$/, '$1-$2-$3-$4-$5')
    const path = `/api/workflows/${random.chance(0.4) ? uuid : id}/${action}`
    return { request: byScript(random, { method: 'POST', path, status }), rows }
  }
  const site = sites[random.chance(0.75) ? storedWorkflow.work.site : person.site]
  const request = { method: 'POST', path: `/api/workflows/${id}/${action}`, status }
  return { request: inBrowser(random, site, request, `/workflows/run?id=${id}`), rows }
}

/** How a request that invokes a workflow ends: nearly always well, and sometimes for a whole collection at once. */
function outcome(random: Random): { status: number; rowCount: number } {
  return random.pickWeighted(
    [
      { weight: 85, status: 200, rowCount: 1 },
      { weight: 5, status: 200, rowCount: random.between(2, 5) },
      { weight: 6, status: 403, rowCount: 0 },
      { weight: 2, status: 400, rowCount: 0 },
      // Nobody waited for the answer, and Galaxy did the work all the same.
      { weight: 1, status: 499, rowCount: 1 },
      { weight: 1, status: 502, rowCount: 0 },
    ],
    ({ weight }) => weight,
  )
}

function runnerOf({ owner, published, work }: StoredWorkflow, world: World, random: Random): Person {
  if (!published || random.chance(0.3)) return owner
  return random.pickWeighted(world.people, ({ site }) => (site === work.site ? 4 : 1))
}

function makeRow({ revisions, subworkflows }: StoredWorkflow, person: Person, random: Random): InvocationRow {
  const revision = random.chance(0.9) ? revisions.at(-1)! : random.pick(revisions)
  return {
    revisionId: revision.id,
    historyId: random.pick(person.historyIds),
    uuid: random.hexDigits(32),
    beforeEndMs: random.between(20, 900),
    subworkflowRevisionIds: subworkflows.map(({ id }) => id),
  }
}
