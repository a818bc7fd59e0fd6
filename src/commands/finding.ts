import { messageOf, Unavailable } from '../base/errors.ts'

/** One line of `check`. */
export interface Finding {
  name: string
  ok: boolean
  detail: string
  remedy?: string
}

export function failure(name: string, error: unknown): Finding {
  if (!(error instanceof Unavailable)) return { name, ok: false, detail: messageOf(error) }
  const { where, cause, remedy } = error.trouble
  return { name, ok: false, detail: `${where}: ${cause}`, ...(remedy !== undefined && { remedy }) }
}
