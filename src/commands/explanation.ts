/** What `explain` found out about a stored workflow; the names are those of `explain --json`. */
export interface Explanation {
  id: string
  stored_workflow: number
  name: string
  owner: string
  /** The newest one, which an invocation would run now. */
  revision: number | null
  canonical_id: string
  identity: 'trs' | 'url' | 'local'
  why: string
  /** The newest revision that tells where it was imported from. */
  imported: ExplainedRevision | null
  invocations: number
  /** The last of them, oldest first. */
  revisions: ExplainedRevision[]
  revisions_total: number
  /** Other stored workflows that count under the same canonical id, most invoked first. */
  copies: { stored_workflow: number; name: string; owner: string; invocations: number }[]
  copies_total: number
  /** False where so many may be copies that not all were looked at. */
  copies_complete: boolean
}

export interface ExplainedRevision {
  revision: number
  created: string | null
  name: string
  /** Its own origin as a canonical id, `null` where it tells none. */
  from: string | null
  version: string | null
}

const labelCharacters = 16

/** The same for people. Names are other people's texts: no control character of them reaches a terminal. */
export function paragraph(it: Explanation): string {
  const { imported, revisions, copies } = it
  const rows: [string, string][] = [
    ['workflow', `${it.name} (stored_workflow ${it.stored_workflow}, owner ${it.owner})`],
    ['revision', it.revision === null ? 'none' : `${it.revision}, the newest of ${it.revisions_total}`],
    ['canonical id', `${it.canonical_id} (${it.identity})`],
    ['why', it.why],
  ]
  if (imported !== null)
    rows.push(['imported', `${originOf(imported)}, by revision ${imported.revision}${day(imported)}`])
  rows.push(['invoked', times(it.invocations)])
  if (revisions.length > 1)
    rows.push(...listed('revisions', revisions.map(revisionLine), it.revisions_total, 'earlier ones'))
  rows.push(
    ...(copies.length === 0
      ? [['copies', 'no other stored workflow has this canonical id'] as [string, string]]
      : listed('copies', copies.map(copyLine), it.copies_total, 'others')),
  )
  if (!it.copies_complete) rows.push(['', 'and perhaps more: not all that may be copies were looked at'])
  const clean = (text: string) => text.replace(/\p{Cc}/gu, ' ')
  return `${it.id}\n${rows.map(([label, text]) => `  ${label.padEnd(labelCharacters)}${clean(text)}\n`).join('')}`
}

function listed(label: string, lines: string[], total: number, rest: string): [string, string][] {
  const rows = lines.map((line, index): [string, string] => [index === 0 ? label : '', line])
  return total > lines.length ? [...rows, ['', `and ${total - lines.length} ${rest}`]] : rows
}

function revisionLine(revision: ExplainedRevision): string {
  return `${revision.revision}${day(revision)}: ${revision.name}, ${revision.from === null ? 'tells no origin' : originOf(revision)}`
}

function copyLine(copy: Explanation['copies'][number]): string {
  return `${copy.stored_workflow}: ${copy.name}, owner ${copy.owner}, invoked ${times(copy.invocations)}`
}

function originOf({ from, version }: ExplainedRevision): string {
  return version === null ? `from ${from}` : `from ${from}, version ${version}`
}

const day = ({ created }: ExplainedRevision) => (created === null ? '' : ` of ${created.slice(0, 10)}`)
const times = (count: number) => (count === 1 ? 'once' : `${count} times`)
