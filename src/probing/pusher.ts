import { log } from '../base/log.ts'
import { untilAvailable } from '../base/retry.ts'
import type { HubClient } from '../clients/hub.ts'
import { newEventId } from '../events/event_id.ts'
import type { Spool, Waiting } from './spool.ts'

const batchMax = 200
/** Results that come together go together. */
const gatherMs = 200

export interface PushCounters {
  sent: number
  refused: number
}

/**
 * Brings what is in the spool to the hub, oldest first. A result leaves the spool only after the hub has answered for
 * it, and what is sent twice is one event there, because its id was made with it.
 */
export class Pusher {
  readonly counters: PushCounters = { sent: 0, refused: 0 }
  readonly #spool: Spool
  readonly #client: HubClient
  readonly #region: string
  readonly #onWait: (what: string | null) => void

  constructor(spool: Spool, client: HubClient, region: string, onWait: (what: string | null) => void) {
    this.#spool = spool
    this.#client = client
    this.#region = region
    this.#onWait = onWait
  }

  /** Until the signal. */
  async run(signal: AbortSignal): Promise<void> {
    let wake = () => {}
    this.#spool.onPut(() => wake())
    signal.addEventListener('abort', () => wake())
    while (!signal.aborted) {
      // Made before looking, so that what comes meanwhile is not missed.
      const more = new Promise<void>((resolve) => {
        wake = resolve
      })
      if (this.#spool.waiting === 0) await more
      await new Promise((resolve) => setTimeout(resolve, gatherMs))
      if (signal.aborted) return
      await untilAvailable(() => this.#pushOne(signal), {
        patienceMs: Number.POSITIVE_INFINITY,
        signal,
        onWait: this.#onWait,
      })
    }
  }

  /** Taken anew at each attempt: while the hub is away, the oldest may have to go. */
  async #pushOne(signal: AbortSignal): Promise<void> {
    const batch = this.#spool.take(batchMax, Date.now())
    if (batch.length === 0) return
    const refused = await this.#client.send(batch, signal)
    for (const { id, cause } of refused) log.error('result_refused', { id, cause, next: 'it is dropped' })
    this.#spool.remove(batch.map(({ id }) => id))
    this.counters.sent += batch.length - refused.length
    this.counters.refused += refused.length
    // Only now that there is room again: it must not push out a result.
    this.#spool.tellDropped((count) => this.#droppedEvent(count), Date.now())
  }

  /** That results are missing is a result, too. */
  #droppedEvent(count: number): Waiting {
    const id = newEventId()
    const occurred = { id, occurred_at: new Date().toISOString() }
    const payload = { region: this.#region, dropped: count }
    return {
      id,
      event: JSON.stringify({ ...occurred, category: 'probe', type: 'dropped', schema_version: '1', payload }),
    }
  }
}
