import { open } from 'node:fs/promises'
import type { Visit } from './day.ts'
import type { EndedRequest } from './galaxy.ts'
import { combinedLine } from './nginx.ts'

const linesAtOnce = 20_000

/**
 * Writes the log of what was before the demonstration, as a file that does not grow any more. Takes visits until one is
 * as late as `untilMs` since the start.
 *
 * @returns the requests of which Galaxy has made rows
 */
export async function writePast(
  visits: Iterator<Visit, void>,
  startMs: number,
  untilMs: number,
  logPath: string,
): Promise<EndedRequest[]> {
  await using log = await open(logPath, 'a')
  const requests: EndedRequest[] = []
  let sinceStartMs = 0
  while (sinceStartMs < untilMs) {
    const lines: string[] = []
    while (sinceStartMs < untilMs && lines.length < linesAtOnce) {
      const { value: visit } = visits.next()
      if (!visit) throw new Error('The visits came to an end')
      sinceStartMs = visit.sinceStartMs
      const endMs = startMs + sinceStartMs
      if (visit.rows.length > 0) requests.push({ rows: visit.rows, endMs })
      lines.push(combinedLine(visit.request, endMs))
    }
    await log.appendFile(lines.join(''))
  }
  return requests
}
