import { createHash } from 'node:crypto'
import { Stopped } from '../base/errors.ts'
import { atMostEvery, log } from '../base/log.ts'
import { pause } from '../base/retry.ts'

/** Something that is done again and again. */
export interface Job {
  name: string
  intervalMs: number
  run(signal: AbortSignal): Promise<void>
}

const spreadMs = 10_000
const sayEveryMs = 60_000

/**
 * Does each job at its own interval, and never twice at once. Each has its own place within the interval, made from its
 * name, so that jobs of one interval, and probes that were started together, don't all go off at once. What was missed
 * while the machine slept or was too busy is left out, not made up for. Time is that of the monotonic clock.
 */
export class Schedule {
  readonly #slots: Slots
  readonly #signal: AbortSignal
  readonly #salt: string
  readonly #running = new Map<string, { stop: AbortController; ended: Promise<void> }>()
  #failed: (error: unknown) => void = () => {}
  /** Rejects when a job throws: that is our own fault. */
  readonly failed: Promise<never>

  /** @param salt what tells this schedule from the same one elsewhere */
  constructor(atOnceMax: number, salt: string, signal: AbortSignal) {
    this.#slots = new Slots(atOnceMax)
    this.#salt = salt
    this.#signal = signal
    this.failed = new Promise((_, reject) => {
      this.#failed = reject
    })
    this.failed.catch(() => {})
  }

  start(job: Job): void {
    const stop = new AbortController()
    const signal = AbortSignal.any([this.#signal, stop.signal])
    const ended = this.#repeat(job, signal).catch((error: unknown) => {
      if (!(error instanceof Stopped) && !signal.aborted) this.#failed(error)
    })
    this.#running.set(job.name, { stop, ended })
  }

  /** Resolves when the job is over. */
  async stop(name: string): Promise<void> {
    const job = this.#running.get(name)
    this.#running.delete(name)
    job?.stop.abort()
    await job?.ended
  }

  /** Resolves when none is at work any more, after the signal. */
  async ended(): Promise<void> {
    await Promise.all([...this.#running.values()].map(({ ended }) => ended))
  }

  async #repeat(job: Job, signal: AbortSignal): Promise<void> {
    const { name, intervalMs } = job
    const sayLate = atMostEvery(sayEveryMs)
    let dueMs = performance.now() + placeOf(this.#salt + name) * Math.min(intervalMs, spreadMs)
    for (;;) {
      await pause(Math.max(0, dueMs - performance.now()), signal)
      await this.#slots.with(() => job.run(signal), signal)
      const intervals = Math.max(1, Math.ceil((performance.now() - dueMs) / intervalMs))
      if (intervals > 1)
        sayLate((sinceLast) => log.warn('probe_late', { probe: name, missed: intervals - 1, since_last: sinceLast }))
      dueMs += intervals * intervalMs
    }
  }
}

/** From 0 to 1, always the same for the same text. */
function placeOf(text: string): number {
  return createHash('sha256').update(text).digest().readUInt32BE() / 2 ** 32
}

/** Lets so many at work at once; the others wait in their order. */
class Slots {
  #free: number
  readonly #waiting: (() => void)[] = []

  constructor(count: number) {
    this.#free = count
  }

  async with(work: () => Promise<void>, signal: AbortSignal): Promise<void> {
    if (this.#free > 0) this.#free--
    else await new Promise<void>((resolve) => this.#waiting.push(resolve))
    try {
      if (signal.aborted) throw new Stopped()
      await work()
    } finally {
      const next = this.#waiting.shift()
      if (next === undefined) this.#free++
      else next()
    }
  }
}
