import { messageOf } from '../base/errors.ts'
import { atMostEvery, log } from '../base/log.ts'
import { notifySystemd } from '../clients/systemd.ts'
import type { Worker } from './worker.ts'

const tellEveryMs = 10_000

/** Tells systemd how a worker goes, and that it is alive for as long as it does anything, be it waiting. */
export class WorkerNotice {
  readonly #worker: Worker
  readonly #timer: NodeJS.Timeout
  readonly #sayFailed = atMostEvery(600_000)
  #busy: Promise<void> = Promise.resolve()
  #signs = 0
  #status = ''

  private constructor(worker: Worker, everyMs: number) {
    this.#worker = worker
    this.#timer = setInterval(() => this.#look(), everyMs).unref()
    this.#tell(['READY=1'])
  }

  /** Where systemd started this process and wants to hear of it, else `null`. */
  static fromEnvironment(worker: Worker, environment: NodeJS.ProcessEnv = process.env): WorkerNotice | null {
    const { NOTIFY_SOCKET: socket, WATCHDOG_USEC: microseconds } = environment
    if (socket === undefined) return null
    const watchdogMs = microseconds === undefined ? Number.POSITIVE_INFINITY : Number(microseconds) / 1000
    return new WorkerNotice(worker, Math.min(tellEveryMs, watchdogMs / 2))
  }

  /** Waits until what was told last has arrived. */
  async close(): Promise<void> {
    clearInterval(this.#timer)
    this.#tell(['STOPPING=1'])
    await this.#busy
  }

  #look(): void {
    const { signs, state } = this.#worker
    const { delivered, retried, dead, circuit, cause, paused } = state
    const how = paused ? 'Paused' : circuit === 'open' ? `Waiting for ${state.destination} (${cause})` : 'Delivering'
    const status = `${how}: ${delivered} delivered, ${retried} tried again, ${dead} dead`
    const assignments = signs > this.#signs ? ['WATCHDOG=1'] : []
    if (status !== this.#status) assignments.push(`STATUS=${status}`)
    this.#signs = signs
    this.#status = status
    if (assignments.length > 0) this.#tell(assignments)
  }

  #tell(assignments: string[]): void {
    this.#busy = this.#busy
      .then(() => notifySystemd(assignments))
      .catch((error) => this.#sayFailed(() => log.warn('systemd_not_told', { cause: messageOf(error) })))
  }
}
