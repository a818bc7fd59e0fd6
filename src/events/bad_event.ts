/** What was sent is no event, or a broken one; the message names the remedy. */
export class BadEvent extends Error {
  override name = 'BadEvent'
  /** Where in the event, as `payload.size`; `null`: it as a whole. */
  readonly field: string | null

  constructor(field: string | null, message: string) {
    super(message)
    this.field = field
  }
}

/** What is known of an event beside what it says itself. */
export interface Origin {
  /** Who sent it: the name that its key was made for. */
  source: string
  nowMs: number
}
