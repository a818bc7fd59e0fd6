import type { DecidedLine, Ledger } from './ledger.ts'
import type { Looked, LookedUp } from './lookup.ts'
import { outcomeOf } from './meaning.ts'
import type { Revisions } from './revisions.ts'
import { domainOf, type SiteSettings, siteHost } from './site.ts'
import type { InvocationRow, StoredWorkflow } from './tables.ts'

/** What a line stands for. */
export type Decision =
  | { kind: 'undecodable' }
  | { kind: 'unresolved' }
  | { kind: 'rejected'; line: string; second: number; domain: string; status: number; stored: StoredWorkflow | null }
  | { kind: 'accepted'; line: string; second: number; domain: string; rows: InvocationRow[]; rowless: Looked | null }
  /** Read only so that later lines don't take its rows. */
  | { kind: 'context' }

export interface DecideSettings extends SiteSettings {
  matchInvocations: boolean
  maxRequestMs: number
}

/**
 * Decides which invocations each line of a batch stands for (contract, section 4). The rows and the lines decided on
 * are in the ledger, on disk, when this returns: whatever happens to their points, reading the lines again makes the
 * same ones.
 */
export function decideAll(looked: LookedUp, ledger: Ledger, settings: DecideSettings): Decision[] {
  return ledger.transaction(() => looked.requests.map((request) => decide(request, looked, ledger, settings)))
}

function decide(looked: Looked, all: LookedUp, ledger: Ledger, settings: DecideSettings): Decision {
  const { request, meaning, stored } = looked
  const { line, status } = request
  const outcome = outcomeOf(status)
  const isContext = request.contextMs !== null
  const second = Math.floor(request.timeMs / 1000)
  const host = siteHost(request.host, request.referer)
  const rejected = (): Decision => {
    if (isContext) return { kind: 'context' }
    // Anybody can send one, so it names no host that is not listed.
    const domain = domainOf(host, settings, () => false)
    return { kind: 'rejected', line, second, domain, status, stored: stored.length === 1 ? stored[0]! : null }
  }
  if (outcome === 'refused') return rejected()
  if (meaning.kind === 'none') return outcome === 'uncertain' || isContext ? rejected() : { kind: 'undecodable' }

  const known = ledger.line(line)
  if (known !== null && (known.fromMs === null || isContext)) return again(looked, known, all, ledger)

  const mine: InvocationRow[] = []
  const free: InvocationRow[] = []
  for (const row of looked.rows) {
    const owner = ledger.lineOf(row.id)
    if (owner === null) free.push(row)
    else if (owner === line) mine.push(row)
  }
  const taken = takeable(free, looked, settings)
  if (isContext && taken.length === 0) return { kind: 'context' }

  const isNothing = mine.length + taken.length === 0
  if (isNothing && outcome === 'uncertain') return rejected()
  const rowless = isNothing && looked.rows.length === 0
  if (rowless && stored.length === 0 && looked.revisionId === null) return { kind: 'unresolved' }

  const domain = known?.domain ?? domainOf(host, settings, (name) => ledger.keepDomain(name, settings.maxDomains))
  ledger.putLine(line, { second, domain, rowless, fromMs: isContext ? contextFromMs(looked, settings) : null })
  for (const row of taken) ledger.putInvocation(row.id, line)
  if (isContext) return { kind: 'context' }
  const rows = [...mine, ...taken].sort((a, b) => a.id - b.id)
  return { kind: 'accepted', line, second, domain, rows, rowless: rowless ? looked : null }
}

/** A line that was decided before: its rows, second and domain are what they were. */
function again(looked: Looked, known: DecidedLine, all: LookedUp, ledger: Ledger): Decision {
  const { line, contextMs } = looked.request
  ledger.touch(line)
  if (contextMs !== null) return { kind: 'context' }
  const rows = ledger.invocationsOf(line).flatMap((id) => all.rows.get(id) ?? [])
  return {
    kind: 'accepted',
    line,
    second: known.second,
    domain: known.domain,
    rows,
    rowless: known.rowless ? looked : null,
  }
}

/** Which of the rows that are nobody's yet this line takes. */
function takeable(free: InvocationRow[], looked: Looked, settings: DecideSettings): InvocationRow[] {
  // A request for a revision runs that one; other revisions' rows are rather another request's.
  const exact = looked.revisionId === null ? [] : free.filter((row) => row.revisionId === looked.revisionId)
  const rows = exact.length > 0 ? exact : free
  if (looked.request.contextMs === null) return rows
  const fromMs = contextFromMs(looked, settings)
  return rows.filter((row) => row.createdMs >= fromMs)
}

/**
 * A line that is read as context takes only rows that a line asked for might take: older ones may be those of still
 * earlier lines, which were not read.
 */
function contextFromMs(looked: Looked, settings: DecideSettings): number {
  return looked.request.contextMs! - settings.maxRequestMs - 1000
}

/** The revision whose identity a point without a row has: the one that is named, else the newest at the line's time. */
export function rowlessRevision(
  { request, stored, revisionId }: Looked,
  revisions: Revisions,
): { storedWorkflowId: number | null; revisionId: number } | null {
  if (revisionId !== null) return { storedWorkflowId: stored[0]?.id ?? null, revisionId }
  const lineEndMs = (Math.floor(request.timeMs / 1000) + 1) * 1000
  return revisions.newestAt(
    stored.map(({ id }) => id),
    lineEndMs - 1,
  )
}
