import { stripVTControlCharacters, styleText } from 'node:util'
import { type Column, cut, layOut, lengthOf } from './columns.ts'
import type { StoredPoint } from './stored_points.ts'
import { labOf, type Tally, usualName } from './tally.ts'

const pointColumns: Column[] = [
  { title: 'UTC', width: 8 },
  { title: 'LAB', width: 12 },
  { title: 'WORKFLOW', share: 2 },
  { title: 'CANONICAL ID', share: 3, shorten: 'middle' },
]
const tableColumns: Column[] = [
  { title: 'CANONICAL ID', share: 4, shorten: 'middle' },
  { title: 'NAME', share: 3 },
  { title: 'REGISTRY', width: 11 },
  { title: 'RUNS', width: 5, align: 'right' },
  { title: 'PEOPLE', width: 6, align: 'right' },
  { title: 'LABS', share: 3 },
]
const drawEveryMs = 250
const appendEveryMs = 5000
const rowsMax = 12
const widthElsewhere = 110

/**
 * Shows points as they come and the table of top workflows: on a terminal the table stays below the points and is
 * drawn anew in place, elsewhere it is appended now and then.
 */
export class Screen {
  readonly #out = process.stdout
  readonly #tally: Tally
  readonly #address: string
  readonly #timer: NodeJS.Timeout
  #news: string[] = []
  #drawn: string[] = []

  /** @param address of the page; it stays in sight */
  constructor(tally: Tally, address: string) {
    this.#tally = tally
    this.#address = address
    this.#say([layOut(pointColumns, this.#width)(pointColumns.map(({ title }) => title))], 'bold')
    this.#timer = setInterval(() => this.draw(), this.#out.isTTY ? drawEveryMs : appendEveryMs)
  }

  show(point: StoredPoint): void {
    this.#tally.add(point)
    const text = layOut(pointColumns, this.#width)(lineOf(point))
    if (this.#out.isTTY) this.#news.push(text)
    else this.#say([text])
  }

  /** Draws the table as it is now. */
  draw(): void {
    if (this.#tally.points === 0) return
    const table = this.#table()
    if (!this.#out.isTTY) {
      this.#say(['', ...table, ''])
      return
    }
    if (this.#news.length === 0 && this.#drawn.length > 0) return
    // A line that was drawn on a wider terminal has been broken into several.
    const rows = this.#drawn.reduce((sum, line) => sum + Math.max(1, Math.ceil(lengthOf(line) / this.#columns)), 0)
    const back = rows > 0 ? `\r\x1b[${rows}A\x1b[J` : ''
    const [title = '', heading = '', ...body] = table
    const lines = [...this.#news, '', styleText('bold', title), styleText('dim', heading), ...body]
    this.#out.write(`${back}${lines.join('\n')}\n`)
    this.#drawn = lines.slice(this.#news.length).map(stripVTControlCharacters)
    this.#news = []
  }

  close(): void {
    clearInterval(this.#timer)
    this.draw()
  }

  get #columns(): number {
    // A terminal that was never told its width says 0.
    return this.#out.columns || widthElsewhere
  }

  /** The last cell stays free: some terminals break a line there. */
  get #width(): number {
    return this.#columns - 1
  }

  #table(): string[] {
    const count = Math.max(3, Math.min(rowsMax, (this.#out.rows ?? Number.POSITIVE_INFINITY) - 10))
    const line = layOut(tableColumns, this.#width)
    const { points, refused } = this.#tally
    return [
      cut(`Top workflows of ${points} invocations (and ${refused} refused requests)`, this.#width),
      line(tableColumns.map(({ title }) => title)),
      ...this.#tally.top(count).map((standing) => {
        const { canonicalId, registry, runs, people, labs } = standing
        return line([
          canonicalId,
          usualName(standing),
          registry,
          String(runs),
          String(people.size),
          [...labs].sort().join(', '),
        ])
      }),
      '',
      cut(`The page: ${this.#address}`, this.#width),
    ]
  }

  #say(lines: string[], style?: 'bold'): void {
    this.#out.write(`${lines.map((line) => (style && this.#out.isTTY ? styleText(style, line) : line)).join('\n')}\n`)
  }
}

function lineOf({ timeMs, domain, refusedWith, workflowName, canonicalId }: StoredPoint): string[] {
  const time = new Date(timeMs).toISOString().slice(11, 19)
  const what = refusedWith === null ? workflowName : `refused with ${refusedWith}`
  return [time, labOf(domain), what, canonicalId]
}
