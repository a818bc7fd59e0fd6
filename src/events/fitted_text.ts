/**
 * A text that any JSON reader takes, of at most so many UTF-16 units, which is how services count characters or more
 * strictly: on one line, and without half characters.
 */
export function fittedText(text: string, mostUnits: number): string {
  // Cut before the rest, so that a text of a megabyte is not gone through whole.
  const whole = text.slice(0, mostUnits)
  const isSplit = text.length > mostUnits && /[\uD800-\uDBFF]$/.test(whole)
  return (isSplit ? whole.slice(0, -1) : whole).toWellFormed().replace(/\p{Cc}/gu, ' ')
}
