// Contract, section 3: the points, and section 1: the counters.
import type { Invocation, Revision, StoredWorkflow } from '../galaxy_rows.ts'
import type { Settings } from '../settings.ts'
import type { World } from '../world.ts'
import { ambiguitiesOf } from './ambiguities.ts'
import { Claims, type Request, type Verdict } from './claims.ts'
import { domainOf } from './domain.ts'
import type { Counters, Expected, ExpectedPoint } from './expected.ts'
import { Galaxy, type Meant } from './galaxy.ts'
import { originOfRun } from './identity.ts'
import { readLine } from './reading.ts'

/** All points that a program has to make of a world when it reads it from the beginning. */
export function expectedPoints(world: World, settings: Settings = world.settings): Expected {
  const galaxy = new Galaxy(world.galaxy)
  const claims = new Claims(galaxy, settings)
  const requests = world.lines.map(({ bytes }) => readLine(bytes, settings))
  const counters: Counters = {
    lines: world.lines.length,
    malformed: requests.filter(({ kind }) => kind === 'malformed').length,
    requests: 0,
    accepted: 0,
    rejected: 0,
    undecodable: 0,
    unresolved: 0,
    points: 0,
  }
  const expected: Expected = { points: [], counters, verdicts: new Map(), ambiguities: [] }
  const watch = ambiguitiesOf(world, settings, galaxy, claims)

  for (const [line, request] of requests.entries()) {
    if (request.kind !== 'request') continue
    const meant = galaxy.meantBy(request.segment, settings.idSecret)
    watch.before(line, request, meant)
    const verdict = claims.judge(request, meant)
    watch.after(line, request, meant, verdict)
    counters.requests += 1
    counters[counterOf(verdict)] += 1
    expected.verdicts.set(line, { ...verdict, second: request.second })
    for (const point of pointsOf(request, meant, verdict, galaxy, settings)) expected.points.push({ ...point, line })
  }
  counters.points = expected.points.length
  expected.ambiguities = watch.found(expected.points)
  return expected
}

function counterOf({ outcome }: Verdict): keyof Counters {
  if (outcome === 'refused') return 'rejected'
  return outcome === 'undecodable' || outcome === 'unresolved' ? outcome : 'accepted'
}

function pointsOf(
  request: Request,
  meant: Meant,
  verdict: Verdict,
  galaxy: Galaxy,
  settings: Settings,
): Omit<ExpectedPoint, 'line'>[] {
  const { second } = request
  const domain = domainOf(request, settings.domains, verdict.outcome === 'refused')
  const made = (run: Run) => ({
    measurement: 'workflow_invocation' as const,
    second,
    ...madeBy(run, domain, galaxy, settings),
  })
  switch (verdict.outcome) {
    case 'points':
      return verdict.invocations.map((invocation) => {
        const revision = galaxy.revision(invocation.workflowId) as Revision
        const stored = galaxy.stored(revision.storedWorkflowId ?? 0) as StoredWorkflow
        return made({ stored, revision, invocation })
      })
    case 'rowless':
      return [made({ stored: verdict.stored, revision: verdict.revision, invocation: undefined })]
    case 'refused': {
      const tags = { domain: cleaned(domain), status: String(request.status) }
      return [{ measurement: 'workflow_invocation_rejected', second, tags, fields: { count: 1, ...knownId(meant) } }]
    }
    default:
      return []
  }
}

/** Fixed: only where the id names one stored workflow that is there. */
function knownId(meant: Meant): Record<string, number> {
  if (meant.kind === 'undecodable' || meant.workflows.length !== 1) return {}
  return { workflow_id: meant.workflows[0]?.id as number }
}

type Run = { stored: StoredWorkflow; revision: Revision; invocation: Invocation | undefined }

function madeBy({ stored, revision, invocation }: Run, domain: string, galaxy: Galaxy, settings: Settings) {
  const siblings = settings.hasSourceMetadata ? galaxy.revisionsOf(stored) : []
  const ran = settings.hasSourceMetadata ? revision : { ...revision, sourceMetadata: null }
  const { origin, derived } = originOfRun(ran, siblings, settings.registries)
  // Contract open: which tags `hide_unpublished_names` concerns. Taken as: both that show the name.
  const isHidden = settings.hideUnpublishedNames && !origin && stored.published !== true
  const numbered = `stored_workflow:${stored.id}`
  // Contract open: a name of backslashes alone, of which nothing is left. Taken as empty.
  const name = isHidden ? numbered : cleaned(revision.name ?? '') || 'unnamed'
  const local = settings.identityLocal === 'stored_workflow' ? numbered : name
  const userId = invocation ? galaxy.userOf(invocation) : null
  return {
    tags: {
      domain: cleaned(domain),
      workflow_name: name,
      canonical_id: origin ? cleaned(origin.canonicalId) : local,
      identity: origin?.identity ?? 'local',
      ...(origin?.trsServer === undefined ? {} : { trs_server: cleaned(origin.trsServer) }),
    },
    fields: {
      count: 1,
      workflow_id: stored.id,
      owner_id: stored.userId,
      derived,
      ...(userId === null ? {} : { user_id: userId }),
      ...(origin?.trsVersionId === undefined ? {} : { trs_version_id: origin.trsVersionId }),
      ...(invocation ? { invocation_id: invocation.id, revision_id: revision.id } : {}),
    },
  }
}

const greatestLength = 256

/** Fixed: cut in code points, and after that no backslash at the end, however many there were. */
export function cleaned(text: string): string {
  const visible = text.replace(/[\x00-\x1f\x7f]/g, ' ')
  return [...visible].slice(0, greatestLength).join('').replace(/\\+$/, '')
}
