// Counts what a test file wrote in TAP, and names what failed or did not run.

export type Tally = {
  passed: number
  failed: string[]
  /** Each with its reason. */
  notRun: string[]
}

const closing = /^# \{ total: .*\}$/m
const point = /^( *)(not ok|ok) \d+(?: - (.*?))?(?: # (SKIP|TODO|time=)(.*))?$/

/** Reads a whole file's output. What ended without tap's closing line, or badly without a failure, counts as failed. */
export function tallyOf(output: string, ending: string | undefined): Tally {
  const counts = output.match(closing)?.[0]
  const { failed, notRun } = namesOf(output)
  const total = countOf(counts, 'total')
  for (let unnamed = failed.length; unnamed < countOf(counts, 'fail'); unnamed += 1) failed.push('(unnamed)')
  if (ending !== undefined && (failed.length === 0 || counts === undefined)) failed.push(ending)
  else if (counts === undefined) failed.push("ended without tap's closing line")
  else if (total === 0 && notRun.length === 0) failed.push('has no tests')
  return { passed: countOf(counts, 'pass'), failed, notRun }
}

function countOf(counts: string | undefined, name: string): number {
  return Number(counts?.match(new RegExp(`\\b${name}: (\\d+)`))?.[1] ?? 0)
}

function namesOf(output: string): { failed: string[]; notRun: string[] } {
  const failed: string[] = []
  const notRun: string[] = []
  const around: string[] = []
  for (const line of output.split('\n')) {
    const subtest = line.match(/^( *)# Subtest: (.*)$/)
    if (subtest) around.splice(subtest[1]!.length / 4, Number.POSITIVE_INFINITY, subtest[2]!)
    const [, indent = '', verdict, name = '(unnamed)', directive, reason = ''] = line.match(point) ?? []
    if (verdict === undefined) continue
    const depth = indent.length / 4
    const isSummary = around.length > depth && around[depth] === name
    around.splice(depth)
    const path = [...around, name].join(' > ')
    if (directive === 'SKIP' || directive === 'TODO') notRun.push([path, reason.trim()].filter(Boolean).join(': '))
    else if (verdict === 'not ok' && !isSummary) failed.push(path)
  }
  return { failed, notRun }
}
