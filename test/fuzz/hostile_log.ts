// A log of hostile lines with a few true ones among them, in pieces, with all that has to come of it.

import { formatLine } from '../world/access_line.ts'
import type { GalaxyRows, Invocation } from '../world/galaxy_rows.ts'
import type { ExpectedPoint } from '../world/oracle/expected.ts'
import { expectedPoints } from '../world/oracle/points.ts'
import type { Random } from '../world/random.ts'
import { HostileLines } from './hostile_lines.ts'
import {
  boundedDomains,
  encoded,
  invocationOf,
  invoked,
  lineMicros,
  rowless,
  settings,
  startMicros,
} from './hostile_site.ts'

/** In so many lines there is one that somebody's run of a workflow wrote, */
const linesPerInvocation = 2000
/** and one of a run of which no row is left. */
const linesPerRowless = 7000
const blockBytes = 1024 * 1024

const origins = [
  'https://usegalaxy.org.au/workflows/run?id=x',
  'https://genome.usegalaxy.org.au/',
  'https://www.proteomics.usegalaxy.org.au:8443/x',
  'https://LAB.usegalaxy.org.au/',
  'https://evil.example/https://usegalaxy.org.au/',
  '',
]
/** A clock that is wrong: a run without a row is counted at whatever instant the line tells. */
const oddSeconds = [0, 1, 86_399, Date.UTC(2000, 1, 29) / 1000, Date.UTC(2261, 11, 31) / 1000, 9_223_372_035]

type TrueLine = { endMicros: number; bytes: Buffer }

export class HostileLog {
  readonly #random: Random
  readonly #hostile: HostileLines
  readonly #truth: TrueLine[] = []
  readonly #lines: number
  #serial = 0
  /** Of the requests refused, by `domain status`: how many points there have to be. */
  readonly refused = new Map<string, number>()
  /** Rows that Galaxy must have before the log is read. */
  readonly invocations: Invocation[] = []
  bytes = 0

  constructor(random: Random, lines: number) {
    this.#random = random.fork('log')
    this.#hostile = new HostileLines(random.fork('lines'))
    this.#lines = lines
    for (let serial = linesPerInvocation; serial <= lines; serial += linesPerInvocation) {
      const id = serial / linesPerInvocation
      this.invocations.push(invocationOf(random.fork(`row ${id}`), id, invoked[id % invoked.length]!, timeOf(serial)))
    }
  }

  /** How many lines were made so far. */
  get made(): number {
    return this.#serial
  }

  /** How many invocations' lines were made so far; their rows have the ids from 1 on. */
  get invoked(): number {
    return Math.floor(this.#serial / linesPerInvocation)
  }

  /** The next lines, about a MiB of them; `null` after the last. `end`: the last of them has no line end. */
  block(untilLine: number, endless = false): Buffer | null {
    const last = Math.min(this.#lines, untilLine)
    if (this.#serial >= last) return null
    const texts: string[] = []
    for (let length = 0; length < blockBytes && this.#serial < last; ) {
      const text = this.#next()
      texts.push(text)
      length += text.length + 1
    }
    const isEnd = this.#serial >= last
    const block = Buffer.from(texts.join('\n') + (isEnd && endless ? '' : '\n'), 'latin1')
    this.bytes += block.length
    return block
  }

  #next(): string {
    const serial = ++this.#serial
    const endMicros = timeOf(serial)
    if (serial % linesPerInvocation === 0) {
      const id = serial / linesPerInvocation
      return this.#true(endMicros, invoked[id % invoked.length]!, serial)
    }
    if (serial % linesPerRowless === 0) {
      const odd = this.#random.chance(0.5) ? this.#random.pick(oddSeconds) * 1_000_000 : endMicros
      return this.#true(odd, rowless[(serial / linesPerRowless) % rowless.length]!, serial)
    }
    const { text, refused } = this.#hostile.next(endMicros, serial)
    if (refused !== undefined) {
      const key = `${refused.domain} ${refused.status}`
      this.refused.set(key, (this.refused.get(key) ?? 0) + 1)
    }
    return text
  }

  #true(endMicros: number, workflow: number, serial: number): string {
    const isOwn = this.#random.chance(0.3)
    const bytes = formatLine(
      {
        remoteAddress: '203.0.113.7',
        remoteUser: '',
        endMicros,
        request: `POST /api/workflows/${encoded(workflow)}/invocations HTTP/1.1`,
        status: 200,
        bodyBytes: 512,
        // Very many sites that nobody listed: the tag's values must have a bound all the same.
        referer: isOwn ? `https://site${serial}.usegalaxy.org.au/` : this.#random.pick(origins),
        userAgent: `Mozilla/5.0 ${serial}`,
        durationMicros: 1000,
        host: '',
      },
      'combined',
    )
    this.#truth.push({ endMicros, bytes })
    return bytes.toString('latin1')
  }

  /** The points of invocations that have to be there when all lines made so far were read in order. */
  expected(galaxy: GalaxyRows): ExpectedPoint[] {
    const made = { ...galaxy, invocations: this.invocations.slice(0, this.invoked) }
    const world = { galaxy: made, lines: this.#truth, settings, quietSecond: 0, scenarios: new Map() }
    const bounded = boundedDomains()
    return expectedPoints(world).points.map((point) => ({
      ...point,
      tags: { ...inUtf8(point.tags), domain: bounded(point.tags['domain']!) },
    }))
  }
}

function timeOf(serial: number): number {
  return startMicros + serial * lineMicros
}

/** Half of a surrogate pair, which JSON can hold, is no character that can be sent. */
function inUtf8(tags: Record<string, string>): Record<string, string> {
  return Object.fromEntries(Object.entries(tags).map(([name, value]) => [name, value.toWellFormed()]))
}
