/** Something that goes wrong again and again, counted from when the demonstration is seen. */
export interface Trouble {
  afterMs: number
  everyMs: number
  forMs: number
}

const seconds = 1000

/** What goes wrong, so that one sees what comes of it. */
export const troubles = {
  /** Galaxy's API answers 502, to every region. */
  api: { afterMs: 25 * seconds, everyMs: 300 * seconds, forMs: 45 * seconds },
  /** The training site answers 503, at the beginning of its window of maintenance. */
  training: { afterMs: 0, everyMs: Number.POSITIVE_INFINITY, forMs: 150 * seconds },
  /** The machine of one region sleeps. */
  region: { afterMs: 60 * seconds, everyMs: 300 * seconds, forMs: 120 * seconds },
  /** What takes the points of events is away. */
  destination: { afterMs: 120 * seconds, everyMs: 300 * seconds, forMs: 45 * seconds },
} as const satisfies Record<string, Trouble>

/** Tells how long the demonstration has been seen, and so what goes wrong. Before that, nothing does. */
export class Clock {
  #startMs: number | null = null

  start(): void {
    this.#startMs = performance.now()
  }

  get sinceMs(): number {
    return this.#startMs === null ? -1 : performance.now() - this.#startMs
  }

  isOn({ afterMs, everyMs, forMs }: Trouble): boolean {
    const inTurnMs = this.sinceMs < 0 ? -1 : this.sinceMs % everyMs
    return inTurnMs >= afterMs && inTurnMs < afterMs + forMs
  }
}
