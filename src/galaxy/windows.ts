/** From when to when rows are asked for: `fromMs` included, `toMs` not. */
export interface Window {
  id: number
  fromMs: number
  toMs: number
}

/** Rows of so long a pause between two windows are rather read for nothing than looked for twice. */
const gapMaxMs = 3_600_000

/** The same windows, those of one id that overlap or lie within an hour of each other made one. */
export function joinedUp(windows: Window[]): Window[] {
  return [...Map.groupBy(windows, ({ id }) => id).values()].flatMap((ofOne) => {
    const joined: Window[] = []
    for (const { id, fromMs, toMs } of ofOne.toSorted((a, b) => a.fromMs - b.fromMs)) {
      const last = joined.at(-1)
      if (last !== undefined && fromMs - last.toMs <= gapMaxMs) last.toMs = Math.max(last.toMs, toMs)
      else joined.push({ id, fromMs, toMs })
    }
    return joined
  })
}
