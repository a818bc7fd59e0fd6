import type { DatabaseSync } from 'node:sqlite'
import type { ProbeName } from '../availability/probe_result.ts'
import { SilenceWatch } from '../availability/silence_watch.ts'
import { messageOf } from '../base/errors.ts'
import { atMostEvery, log } from '../base/log.ts'
import { isOutOfReach } from '../base/state.ts'
import type { EventsSettings } from '../config/events.ts'
import type { Outbox } from '../outbox/outbox.ts'
import { RefusalCounts } from '../outbox/refusal_counts.ts'

const dayMs = 86_400_000
const forgetEveryMs = 3_600_000
const writeEveryMs = 5000

/** What a hub does by itself: it listens for silence, and lets go of old counts. */
export class Watching {
  readonly refusals: RefusalCounts
  readonly #silence: SilenceWatch
  readonly #timers: NodeJS.Timeout[]
  readonly #sayNot = atMostEvery(60_000)

  /** @param database as `openOutbox` opens it, `normal` */
  constructor(outbox: Outbox, database: DatabaseSync, { keep_counts_days: keepDays }: EventsSettings) {
    this.refusals = new RefusalCounts(database)
    const listening = {
      accept: outbox.accept.bind(outbox),
      failedMs: () => outbox.failedMs,
      isMaintained: (probe: ProbeName, atMs: number) => outbox.probes.isMaintained(probe, atMs),
    }
    this.#silence = new SilenceWatch(database, listening, Date.now())
    this.#silence.start()
    const forget = () => {
      const nowMs = Date.now()
      outbox.forgetCounts(nowMs - keepDays * dayMs, nowMs)
      this.refusals.forget(nowMs - keepDays * dayMs)
    }
    this.#timers = [
      setInterval(() => this.#try(forget), forgetEveryMs).unref(),
      setInterval(() => this.#try(() => this.refusals.write()), writeEveryMs).unref(),
    ]
  }

  async stop(): Promise<void> {
    for (const timer of this.#timers) clearInterval(timer)
    await this.#silence.stop()
    this.#try(() => this.refusals.write())
  }

  /** Another time, where the file is held or its disk full. */
  #try(work: () => void): void {
    try {
      work()
    } catch (error) {
      if (!isOutOfReach(error)) throw error
      this.#sayNot(() => log.warn('counts_not_kept', { cause: messageOf(error) }))
    }
  }
}
