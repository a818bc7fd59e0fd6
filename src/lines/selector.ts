/** What a source of lines must know of their kind, and no more. */
export interface LineSelector {
  /**
   * Calls `emit` once for each line of the region that may matter, in order, with the offsets of its first byte and of
   * its end. The region holds whole lines, each with its line end but perhaps the last.
   */
  select(region: Buffer, emit: (start: number, end: number) => void): void
  /** The instant that a line tells, ms since 1970; `null` where it tells none. */
  timeMs(line: string): number | null
}
