// What a fuzz run must have come to.

import { comparePoints, report } from '../world/compare.ts'
import type { GalaxyRows } from '../world/galaxy_rows.ts'
import type { Run } from './fuzz.ts'
import { maxDomains, settings } from './hostile_site.ts'

export type Findings = {
  /** What was measured, for a table. */
  figures: [name: string, value: string][]
  violations: string[]
}

const peakMaxMib = 400
/** Beyond what it had at a tenth of the way, this much is the runtime's own affair. */
const growthMaxMib = 32
const growthMaxShare = 0.2
/** A shorter run ends before the runtime has come to rest. */
const restLines = 1_000_000

export async function judge(work: Run, galaxy: GalaxyRows, database: string): Promise<Findings> {
  const { log, influxdb, peaks, stderr } = work
  const violations: string[] = []
  const counters = (name: string) => work.counters.reduce((sum, one) => sum + (one[name] ?? 0), 0)

  const expected = log.expected(galaxy)
  const found = (await influxdb.pointsOf(database, 'workflow_invocation')).map((point) => ({
    ...point,
    measurement: 'workflow_invocation',
  }))
  const differences = comparePoints(expected, found)
  violations.push(...report(differences))

  const refusedFound = new Map<string, number>()
  for (const row of await influxdb.query(
    database,
    'SELECT count("count") AS points FROM "workflow_invocation_rejected" GROUP BY "domain", "status"',
  ))
    refusedFound.set(`${row['domain']} ${row['status']}`, Number(row['points']))
  for (const series of new Set([...log.refused.keys(), ...refusedFound.keys()])) {
    const [wanted, there] = [log.refused.get(series) ?? 0, refusedFound.get(series) ?? 0]
    if (wanted !== there) violations.push(`refused requests of ${series}: ${there} points instead of ${wanted}`)
  }
  const refused = sum(refusedFound)

  // The packed gigabyte is one line without an end.
  const lines = log.made + 1
  if (counters('lines') !== lines) violations.push(`${counters('lines')} lines were counted, ${lines} were there`)
  const verdicts = ['accepted', 'rejected', 'undecodable', 'unresolved'].map(counters).reduce((a, b) => a + b, 0)
  if (counters('requests') !== verdicts) violations.push(`${counters('requests')} requests, ${verdicts} verdicts`)
  if (counters('refused') !== 0) violations.push(`InfluxDB refused ${counters('refused')} points`)
  if (counters('written') !== counters('points'))
    violations.push(`${counters('written')} of ${counters('points')} written`)
  if (counters('points') !== found.length + refused)
    violations.push(`${counters('points')} points were told, ${found.length + refused} are there`)
  if (/^\s+at .*\(?.+:\d+:\d+\)?$/m.test(stderr)) violations.push(`a stack: ${stderr.slice(-1000)}`)

  // Of the second collector; the first was stopped early on.
  const atTenth = peaks.find(({ share }, index) => index > 0 && share >= 0.1)?.mib ?? 0
  const atEnd = peaks.at(-1)?.mib ?? 0
  if (atEnd > peakMaxMib) violations.push(`the collector had ${atEnd} MiB, ${peakMaxMib} at most`)
  if (log.made >= restLines && atEnd > atTenth * (1 + growthMaxShare) + growthMaxMib)
    violations.push(`the collector's memory grew from ${atTenth} to ${atEnd} MiB`)

  const domains = await valuesOf(work, database, 'domain')
  const domainsMax = settings.domains.length + maxDomains + 2
  if (domains > domainsMax) violations.push(`${domains} values of domain, ${domainsMax} at most`)
  const names = await valuesOf(work, database, 'workflow_name')

  return {
    figures: [
      ['lines', `${log.made} (${Math.round(log.bytes / 1e6)} MB)`],
      ['malformed', String(counters('malformed'))],
      [
        'requests',
        `${counters('requests')} (${['rejected', 'undecodable', 'unresolved'].map((it) => `${counters(it)} ${it}`).join(', ')})`,
      ],
      [
        'true invocations',
        `${expected.length}: ${differences.missing.length} missing, ${differences.different.length} different`,
      ],
      ['false points', String(differences.extra.length)],
      ['refused requests', `${sum(log.refused)}: ${refused} points`],
      ['refused by InfluxDB', String(counters('refused'))],
      ['peak memory', `${atTenth} MiB at a tenth of the way, ${atEnd} MiB at its end`],
      ['values of domain', `${domains} (${domainsMax} at most)`],
      ['values of workflow_name', String(names)],
      ['violations', String(violations.length)],
    ],
    violations,
  }
}

function sum(counts: Map<string, number>): number {
  return [...counts.values()].reduce((a, b) => a + b, 0)
}

async function valuesOf({ influxdb }: Run, database: string, tag: string): Promise<number> {
  const rows = await influxdb.query(database, `SHOW TAG VALUES WITH KEY = "${tag}"`)
  return new Set(rows.map(({ value }) => value)).size
}
