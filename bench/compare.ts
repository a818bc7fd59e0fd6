// Readers of one file, in turn, and the table of how they did.
import { type Measured, median, quantile } from './measure.ts'

export type Readers = Record<string, () => Promise<Measured>>

/**
 * Runs every reader once a round, so that a machine that grows slower or faster does so for all of them.
 *
 * @returns a Markdown table; the first reader is the one that the others are compared with, round by round
 */
export async function compare(title: string, readers: Readers, runs: number): Promise<string> {
  const measured = new Map<string, Measured[]>(Object.keys(readers).map((name) => [name, []]))
  for (let round = 1; round <= runs; round++) {
    for (const [name, read] of Object.entries(readers)) {
      measured.get(name)!.push(await read())
      process.stderr.write(`${title}, round ${round} of ${runs}: ${name}\n`)
    }
  }
  const [own] = measured.values()
  const rows = [...measured].map(([name, all]) => {
    const ratios = all.map(({ wallMs }, round) => wallMs / own![round]!.wallMs)
    const cpuRatios = all.map(({ cpuMs }, round) => cpuMs / own![round]!.cpuMs)
    return [
      name,
      seconds(median(all.map(({ wallMs }) => wallMs))),
      seconds(median(all.map(({ cpuMs }) => cpuMs))),
      Math.max(...all.map(({ peakMib }) => peakMib)).toFixed(0),
      all === own ? '1' : `${ratio(median(ratios))} (${ratio(quantile(ratios, 0))}-${ratio(Math.max(...ratios))})`,
      all === own ? '1' : ratio(median(cpuRatios)),
    ]
  })
  return table(['', 's', 'CPU s', 'peak MiB', 'time, × ours', 'CPU, × ours'], rows)
}

export function table(head: string[], rows: string[][]): string {
  const lines = [head, head.map(() => '---'), ...rows]
  return `${lines.map((cells) => `| ${cells.join(' | ')} |`).join('\n')}\n`
}

function seconds(durationMs: number): string {
  return (durationMs / 1000).toFixed(2)
}

function ratio(value: number): string {
  return value.toPrecision(2)
}
