import type { Wanted } from './arguments.ts'
import type { Said } from './client.ts'
import type { Found } from './judge.ts'
import type { Offered } from './offered.ts'

export interface Result {
  said: Said
  /** How often each trouble was made. */
  times: Map<string, number>
  found: Found[]
  offered: Map<string, Offered>
  sentSeconds: number
  allSeconds: number
}

/** What happened, and what was found, for people. */
export function reportOf({ events, clients, transport }: Wanted, result: Result): string {
  const { said, times, found, offered, sentSeconds, allSeconds } = result
  const bad = [...offered.values()].filter(({ bad }) => bad !== null).length
  const again = [...said.repeated].map(([why, count]) => `${why} ${count}`).join(', ')
  return [
    `${events} events, ${bad} bad ones among them, by ${clients} clients, ${transport}: sent within ${sentSeconds.toFixed(0)} s, there after ${allSeconds.toFixed(0)} s`,
    `${said.requests} requests; ${said.accepted.size} events got 202, ${said.refused.size} were refused; sent again: ${again || 'none'}`,
    '',
    table(['trouble', 'times'], [...times]),
    '',
    table(
      ['destination', 'expected', 'there', 'missing', 'extra', 'twice', 'dead', 'dead expected'],
      found.map(({ isRight, ...row }) => Object.values(row)),
    ),
  ].join('\n')
}

function table(heads: string[], rows: (string | number)[][]): string {
  const line = (cells: (string | number)[]) => `| ${cells.join(' | ')} |`
  return [line(heads), line(['---', ...heads.slice(1).map(() => '---:')]), ...rows.map(line)].join('\n')
}
