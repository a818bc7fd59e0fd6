/** What an operator needs in order to act: the thing, the place, the cause and the remedy. */
export interface Trouble {
  /** What failed, e.g. `InfluxDB`. */
  what: string
  /** Where: an address without secrets, or a file. */
  where: string
  /** Why, in the words of the system that said no. */
  cause: string
  /** What to do about it. */
  remedy?: string
}

function sentence({ what, where, cause, remedy }: Trouble): string {
  return `${what} (${where}): ${cause}${remedy === undefined ? '' : `. ${remedy}`}`.replace(/[.?!]*$/, '.')
}

class Troubled extends Error {
  readonly trouble: Trouble
  constructor(trouble: Trouble, options?: ErrorOptions) {
    super(sentence(trouble), options)
    this.trouble = trouble
  }
}

/** Something outside is out of reach just now. The same request may succeed later: wait, then ask again. */
export class Unavailable extends Troubled {
  override name = 'Unavailable'
}

/** The same input will fail again, whenever it is tried: count it, set it aside, go on. */
export class Refused extends Troubled {
  override name = 'Refused'
}

/** The arguments or the configuration are wrong: nothing was done, exit status 2. Holds every mistake found, a line each. */
export class Misconfigured extends Error {
  override name = 'Misconfigured'
  readonly mistakes: string[]
  constructor(mistakes: string[]) {
    super(mistakes.join('\n'))
    this.mistakes = mistakes
  }
}

/** It ran and cannot go on, for a reason that is the operator's to mend: exit status 1. */
export class Failed extends Error {
  override name = 'Failed'
}

/** The operator asked to stop while something was waited for. */
export class Stopped extends Error {
  override name = 'Stopped'
  constructor() {
    super('stopped')
  }
}

/** The `code` that Node.js and most drivers put on their errors, or the error's name. */
export function codeOf(error: unknown): string {
  if (error instanceof Error) return String((error as { code?: unknown }).code ?? error.name)
  return typeof error
}

/** One line of text about anything thrown. */
export function messageOf(error: unknown): string {
  const text = error instanceof Error ? error.message || codeOf(error) : String(error)
  return text.replace(/\s+/g, ' ').trim()
}
