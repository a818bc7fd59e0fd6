type Cell = string | number | boolean | null

/**
 * A table as RFC 4180 has it, with a line of names first. A text that a spreadsheet would take for a formula begins with
 * an apostrophe: strangers choose the names of workflows.
 */
export function toCsv(names: string[], rows: Record<string, Cell>[]): string {
  const lines = [names, ...rows.map((row) => names.map((name) => row[name] ?? null))]
  return lines.map((cells) => `${cells.map(toCell).join(',')}\r\n`).join('')
}

function toCell(value: Cell): string {
  if (value === null) return ''
  if (typeof value !== 'string') return String(value)
  const harmless = /^\s*[=+\-@\uff1d\uff0b\uff0d\uff20]|^[\t\r\n]/.test(value) ? `'${value}` : value
  return /[",\r\n]/.test(harmless) ? `"${harmless.replaceAll('"', '""')}"` : harmless
}
