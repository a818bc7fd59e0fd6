// The ways to write one invocation's address.
import { encodeId } from './encoded_id.ts'
import type { Random } from './random.ts'
import type { Stage } from './stage.ts'
import type { Workflow } from './workflows.ts'

const harmlessQueries = [
  '?key=0123456789abcdef',
  '?instance=false',
  '?instance=0',
  '?instance=',
  '?instance',
  '?x=instance=true',
  '?not_instance=true',
  '?history_id=5&step=1',
  '?',
  '?a=%22quoted%22&b=/api/workflows/',
]
const flags = ['instance=true', 'instance=True', 'instance=TRUE', 'instance=yes', 'instance=YES', 'instance=on']
const moreFlags = ['instance=On', 'instance=1', 'a=b&instance=true', 'instance=true&key=0123', 'x=%20&instance=1&y=2']

/** `flagged`: with a query that makes the id a revision's. */
export function pathOf(stage: Stage, segment: string, { flagged = false } = {}): string {
  const { random, settings } = stage
  const ending = random.chance(0.8) ? 'invocations' : 'usage'
  const slash = random.chance(0.1) ? '/' : ''
  const flag = flagged ? `?${random.pick([...flags, ...moreFlags])}` : ''
  const query = flag || (random.chance(0.15) ? random.pick(harmlessQueries) : '')
  return `${settings.urlPrefix}/api/workflows/${segment}/${ending}${slash}${query}`
}

/** An encoded id, now and then in capitals. */
export function encodedSegment(stage: Stage, id: number | bigint): string {
  const encoded = encodeId(stage.settings.idSecret, id)
  return stage.random.chance(0.1) ? encoded.toUpperCase() : encoded
}

/** A UUID as people write it, with its dashes. */
export function uuidSegment(random: Random, uuid: string): string {
  const groups = /^(.{8})(.{4})(.{4})(.{4})(.{12})$/.exec(uuid)?.slice(1) ?? []
  const text = groups.join('-')
  return random.chance(0.15) ? text.toUpperCase() : text
}

/** The workflow's encoded id, or sometimes the UUID of one of its revisions. */
export function anySegment(stage: Stage, workflow: Workflow): string {
  const uuids = workflow.revisions.flatMap(({ uuid }) => uuid ?? [])
  // From the log alone it is open which revision a UUID means.
  const own = stage.settings.matchInvocations && uuids.length > 0 && !stage.library.sameUuid.flat().includes(workflow)
  if (own && stage.random.chance(0.15)) return uuidSegment(stage.random, stage.random.pick(uuids))
  return encodedSegment(stage, workflow.stored.id)
}
