export interface Column {
  title: string
  /** Cells wide; a column without gets what is left, by its `share`. */
  width?: number
  share?: number
  align?: 'left' | 'right'
  /** Where a text that is too long loses its characters. */
  shorten?: 'end' | 'middle'
}

const gap = '  '

/** Lines up texts in columns so that no line is wider than `width`. */
export function layOut(columns: Column[], width: number): (texts: string[]) => string {
  const fixed = columns.reduce((sum, column) => sum + (column.width ?? 0), gap.length * (columns.length - 1))
  const shares = columns.reduce((sum, column) => sum + (column.share ?? 0), 0)
  const left = Math.max(0, width - fixed)
  const widths = columns.map(({ width, share = 0 }) => width ?? Math.max(1, Math.floor((left * share) / shares)))
  return (texts) => {
    const cells = columns.map((column, index) => fit(texts[index] ?? '', widths[index]!, column))
    return cut(cells.join(gap).trimEnd(), width)
  }
}

function fit(text: string, width: number, { align = 'left', shorten = 'end' }: Column): string {
  const short = shorten === 'end' ? cut(text, width) : cutMiddle(text, width)
  const blanks = ' '.repeat(width - lengthOf(short))
  return align === 'right' ? blanks + short : short + blanks
}

/** As much of a text as fits. */
export function cut(text: string, width: number): string {
  const characters = [...text]
  return characters.length <= width ? text : `${characters.slice(0, Math.max(0, width - 1)).join('')}…`
}

/** The two ends of a text: of an id, the registry and the part that tells it from its neighbours. */
function cutMiddle(text: string, width: number): string {
  const characters = [...text]
  if (characters.length <= width) return text
  const head = Math.min(10, Math.floor((width - 1) / 2))
  return `${characters.slice(0, head).join('')}…${characters.slice(characters.length - (width - 1 - head)).join('')}`
}

/** Cells that a text without wide characters takes. */
export function lengthOf(text: string): number {
  return [...text].length
}
