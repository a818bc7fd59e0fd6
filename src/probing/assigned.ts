import { messageOf, Unavailable } from '../base/errors.ts'
import { atMostEvery, log } from '../base/log.ts'
import { readWhole, writeWhole } from '../base/state.ts'
import type { HubClient } from '../clients/hub.ts'
import { assignedCheck, type Check, checkName } from './check.ts'

interface Kept {
  etag: string | null
  body: string
}

const checksMax = 1000
const sayEveryMs = 600_000

/** The checks that the hub wants made in a region, kept on disk for when it is away. */
export class AssignedChecks {
  readonly #client: HubClient
  readonly #region: string
  readonly #path: string
  readonly #sayAway = atMostEvery(sayEveryMs)
  #kept: Kept | null
  #checks: Record<string, Check>

  /** @param path the file that they are kept in */
  constructor(client: HubClient, region: string, path: string) {
    this.#client = client
    this.#region = region
    this.#path = path
    const loaded = readWhole(path, (text) => JSON.parse(text) as Kept)
    this.#kept = loaded.kind === 'found' ? loaded.value : null
    this.#checks = this.#kept === null ? {} : checksOf(this.#kept.body)
  }

  get checks(): Record<string, Check> {
    return this.#checks
  }

  /** Asks the hub; true where there is something new. Without an answer the checks stay as they are. */
  async refresh(signal: AbortSignal): Promise<boolean> {
    try {
      const answer = await this.#client.checks(this.#region, this.#kept?.etag ?? null, signal)
      if (answer === null || answer.body === this.#kept?.body) return false
      this.#kept = answer
      this.#checks = checksOf(answer.body)
      this.#keep(answer)
      return true
    } catch (error) {
      if (!(error instanceof Unavailable)) throw error
      const { where, cause, remedy } = error.trouble
      this.#sayAway(() =>
        log.warn('checks_not_asked', { hub: where, cause, remedy, next: 'going on with those known' }),
      )
      return false
    }
  }

  #keep(answer: Kept): void {
    try {
      writeWhole(this.#path, JSON.stringify(answer))
    } catch (error) {
      log.warn('checks_not_kept', { file: this.#path, cause: messageOf(error) })
    }
  }
}

/** The checks of an answer, `{"checks": {NAME: CHECK}}`; what is none is told and left out. */
function checksOf(body: string): Record<string, Check> {
  const { checks } = JSON.parse(body) as { checks?: unknown }
  const named = Object.entries(typeof checks === 'object' && checks !== null ? checks : {})
  if (named.length > checksMax) log.warn('checks_left_out', { count: named.length - checksMax, most: checksMax })
  return Object.fromEntries(
    named.slice(0, checksMax).flatMap(([name, value]) => {
      const [isName, parsed] = [checkName.safeParse(name).success, assignedCheck.safeParse(value)]
      if (isName && parsed.success) return [[name, parsed.data]]
      const cause = parsed.error?.issues.map(({ path, message }) => `${path.join('.')}: ${message}`).join('; ')
      log.warn('check_left_out', { check: name, cause: isName ? cause : 'its name is none' })
      return []
    }),
  )
}
