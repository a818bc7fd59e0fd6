import type { WireEvent } from './event.ts'

/** An event that could not be delivered to one destination, and why. The names are those of `dead --json`. */
export interface DeadLetter {
  destination: string
  id: string
  /** When it was given up; `null` where nobody noted it. */
  dead_at: string | null
  attempts: number
  cause: string
  /** `null` where nobody can read it. */
  event: WireEvent | null
  /** What came, where nobody can read it. */
  text?: string
}

/** Which of them: those given up since an instant, and of these the ones named, where any are. */
export interface LetterChoice {
  sinceMs: number
  ids: string[]
}

/** The dead letters of one destination. */
export interface DeadLetters {
  /** At most `most`, the oldest first; none is taken away. @throws Unavailable */
  list(choice: LetterChoice, most: number): Promise<DeadLetter[]>
  /** Has them delivered again, with a new budget. @returns how many @throws Unavailable */
  replay(choice: LetterChoice): Promise<number>
  close(): Promise<void>
}

export function isChosenLetter(
  { id, dead_at: deadAt }: Pick<DeadLetter, 'id' | 'dead_at'>,
  choice: LetterChoice,
): boolean {
  const isLate = deadAt === null || Date.parse(deadAt) >= choice.sinceMs
  return isLate && (choice.ids.length === 0 || choice.ids.includes(id))
}
