/** Entries that came together. An empty batch is a sign of progress: lines were read and none mattered. */
export interface Batch<T> {
  entries: T[]
}

/**
 * Where entries come from.
 *
 * `pull` waits for the next entries and gives them in order; `null` is the end. It may return an empty batch. When the
 * signal is given it returns what it has, or an empty batch, soon. It throws `Unavailable` where it cannot read just
 * now, without losing anything, and is asked again.
 * `remember` is called when everything pulled so far was accepted or refused for good, and never before: the place it
 * keeps is where the next start begins, so that what was not accepted is read again.
 * `close` may be called at any time and twice; it keeps the last remembered place and lets everything go.
 */
export interface Source<T> {
  pull(signal: AbortSignal): Promise<Batch<T> | null>
  remember(): void
  close(): Promise<void>
}

/**
 * Makes something else of a batch. It may throw `Unavailable`, and is then asked again with the very same batch: until
 * it returns, it must not count or keep anything of it.
 */
export interface Transform<A, B> {
  apply(entries: A[]): Promise<B[]> | B[]
}

/** An entry that was not taken, and why. */
export interface Refusal<T> {
  entry: T
  /** In the words of the system that said no. */
  cause: string
  /** Set where the same entry may be taken another time, though others were taken now. */
  mayPassLater?: true
  /** Set beside it where nothing else was taken since, so that it may not be the entry's own fault. */
  isInDoubt?: true
  /** Set beside it where the system has asked to wait so long for this entry. */
  afterMs?: number
}

/**
 * Where entries go. `write` returns when each was accepted or refused, with those that were refused; those the sink has
 * logged. It throws `Unavailable` when it cannot tell, and is then given the very same entries again, those already
 * accepted included.
 * `close` may be called at any time and twice.
 */
export interface Sink<T> {
  write(entries: T[]): Promise<Refusal<T>[]>
  close(): Promise<void>
}
