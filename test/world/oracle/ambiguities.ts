// Watches for what the contract promises nothing about, so that a difference is never a matter of taste.
import type { Settings } from '../settings.ts'
import type { World } from '../world.ts'
import { type Claims, isCutOff, type Request, type Verdict } from './claims.ts'
import { domainOf } from './domain.ts'
import type { ExpectedPoint } from './expected.ts'
import type { Galaxy, Meant } from './galaxy.ts'

type Rival = { line: number; bytes: Buffer; status: number; domain: string }

/** A watcher to be told of each request, before and after it is judged. */
export function ambiguitiesOf(world: World, settings: Settings, galaxy: Galaxy, claims: Claims) {
  const messages: string[] = []
  const subdomains = new Set<string>()
  let second = 0
  /** Of the rows that were free when the second began: the lines of that second which could take them. */
  let rivals = new Map<number, Rival[]>()

  const judgeSecond = () => {
    for (const [invocation, lines] of rivals) {
      const [first] = lines as [Rival]
      const same = lines.every(({ bytes }) => bytes.equals(first.bytes))
      const alike = lines.every(({ status, domain }) => status < 300 && domain === first.domain)
      if (same || alike) continue
      const places = lines.map(({ line }) => line).join(', ')
      messages.push(`lines ${places} end in one second, and it is not promised which of them takes ${invocation}`)
    }
    rivals = new Map()
  }

  return {
    before(line: number, request: Request, meant: Meant) {
      if (request.second !== second) judgeSecond()
      second = request.second
      const mayTake = (request.status >= 200 && request.status < 300) || isCutOff(request.status)
      if (!mayTake || !settings.matchInvocations) return
      const isReachable = (row: { id: number; workflowId: number; createdMicros: number }) =>
        claims.inWindow(request, row as never)
      const own = claims.ownRows(request, meant).filter(isReachable)
      const rows = own.length > 0 ? own : claims.fallbackRows(request, meant).filter(isReachable)
      const bytes = world.lines[line]?.bytes as Buffer
      const rival = { line, bytes, status: request.status, domain: domainOf(request, settings.domains, false) }
      for (const row of rows) {
        const known = rivals.get(row.id)
        if (known) known.push(rival)
        else if (!claims.isClaimed(row)) rivals.set(row.id, [rival])
      }
      if (request.isRevision && meant.kind === 'workflows') {
        const revision = meant.number === undefined ? undefined : galaxy.revision(meant.number)
        const stored = revision?.storedWorkflowId ? galaxy.stored(revision.storedWorkflowId) : undefined
        const all = stored ? galaxy.topLevelOf([stored]).filter(isReachable) : []
        if (all.length !== own.length)
          messages.push(`line ${line}: other revisions' rows in a flagged revision's window`)
        if (meant.number === undefined) messages.push(`line ${line}: a UUID that is called a revision's id`)
        if (!revision && meant.workflows.length > 0)
          messages.push(`line ${line}: a stored workflow's id that is called a revision's`)
      }
    },

    after(line: number, request: Request, meant: Meant, verdict: Verdict) {
      if (verdict.outcome === 'refused' && request.isRevision && meant.kind === 'workflows') {
        const exists = meant.number !== undefined && galaxy.revision(meant.number) !== undefined
        if (exists || meant.workflows.length > 0)
          messages.push(`line ${line}: whose workflow_id does a refused revision's id tell?`)
      }
      if (verdict.outcome === 'nothing' && meant.kind === 'workflows' && meant.workflows.length === 0)
        messages.push(`line ${line}: accepted or unresolved, when only a revision's rows were there, and taken?`)
      if (verdict.outcome === 'unresolved' && !request.isRevision && meant.kind === 'workflows' && meant.workflows[0])
        messages.push(`line ${line}: a stored workflow without a revision`)
      if (verdict.outcome === 'rowless' && meant.kind === 'workflows') {
        const siblings = meant.workflows.flatMap((stored) => galaxy.revisionsOf(stored))
        const near = siblings.some(({ createdMicros }) => Math.abs(createdMicros / 1e6 - request.second) < 2)
        if (near) messages.push(`line ${line}: a revision made within two seconds of a line without a row`)
        if (meant.uuid !== undefined && verdict.revision.uuid !== meant.uuid)
          messages.push(`line ${line}: the newest revision does not have the UUID itself`)
      }
      const domain = domainOf(request, settings.domains, false)
      if (!settings.domains.includes(domain)) subdomains.add(domain)
    },

    /** What was found, with what the points themselves show. */
    found(points: ExpectedPoint[]): string[] {
      judgeSecond()
      if (subdomains.size > 90) messages.push('more subdomains than are kept')
      for (const { tags, line } of points)
        for (const [tag, value] of Object.entries(tags)) {
          if (value.trim() === '') messages.push(`line ${line}: nothing but spaces in ${tag}`)
          if (/[\u0080-\u009f]/.test(value)) messages.push(`line ${line}: a control character above 0x7f in ${tag}`)
        }
      return messages
    },
  }
}
