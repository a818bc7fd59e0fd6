import { execFile } from 'node:child_process'
import { messageOf } from '../base/errors.ts'
import { atMostEvery, log } from '../base/log.ts'

/** Tells the service manager; resolves when it has taken note. */
export type Notify = (assignments: string[]) => Promise<void>

/** What a service says of itself. */
export interface Service {
  /** Whether it does its work, be it with waiting for something. */
  readonly begun: boolean
  /** Grows with every sign that the work goes on. */
  readonly signs: number
  /** How it goes, in a line. */
  sentence(): string
}

const tellEveryMs = 10_000
const lookEveryMs = 1000

/**
 * Tells systemd that the service is ready, how it goes (`systemctl status`), and that it is alive (`WatchdogSec=`). The
 * watchdog is fed with what the service does: a process that lives and gets nowhere is not alive.
 */
export class Systemd {
  readonly #service: Service
  readonly #notify: Notify
  readonly #feedEveryMs: number
  readonly #timer: NodeJS.Timeout
  readonly #sayFailed = atMostEvery(600_000)
  #ready = false
  #stopping = false
  #busy: Promise<void> = Promise.resolve()
  #status = ''
  #toldMs = Number.NEGATIVE_INFINITY
  #fedMs: number
  #fedSigns = 0

  /** @param watchdogMs how long systemd waits for a sign of life; `null` where it does not */
  constructor(service: Service, watchdogMs: number | null, notify: Notify = notifySystemd, everyMs = lookEveryMs) {
    this.#service = service
    this.#notify = notify
    this.#feedEveryMs = watchdogMs === null ? Number.POSITIVE_INFINITY : watchdogMs / 2
    this.#fedMs = performance.now()
    this.#timer = setInterval(() => this.#look(), Math.min(everyMs, this.#feedEveryMs)).unref()
  }

  /** Where systemd started this process and wants to hear of it (`Type=notify`), else `null`. */
  static fromEnvironment(service: Service, environment: NodeJS.ProcessEnv = process.env): Systemd | null {
    const { NOTIFY_SOCKET: socket, WATCHDOG_USEC: microseconds, WATCHDOG_PID: pid } = environment
    if (socket === undefined) return null
    const isMeant = microseconds !== undefined && (pid === undefined || Number(pid) === process.pid)
    return new Systemd(service, isMeant ? Number(microseconds) / 1000 : null)
  }

  /** To be called once, when stopping was asked for. */
  stopping(): void {
    this.#stopping = true
    clearInterval(this.#timer)
    this.#tell(['STOPPING=1', 'STATUS=Stopping: finishing what is in hand'])
  }

  /** Waits until what was told last has arrived, so that this process does not leave before. */
  async close(): Promise<void> {
    this.#stopping = true
    clearInterval(this.#timer)
    await this.#busy
  }

  #look(): void {
    if (this.#stopping) return
    const assignments: string[] = []
    const now = performance.now()
    if (!this.#ready && this.#service.begun) {
      this.#ready = true
      assignments.push('READY=1')
    }
    if (now - this.#fedMs >= this.#feedEveryMs && this.#service.signs > this.#fedSigns) {
      this.#fedMs = now
      this.#fedSigns = this.#service.signs
      assignments.push('WATCHDOG=1')
    }
    const status = this.#service.sentence()
    const isDue = this.#ready && status !== this.#status && now - this.#toldMs >= tellEveryMs
    if (isDue || assignments.length > 0) {
      this.#status = status
      this.#toldMs = now
      this.#tell([...assignments, `STATUS=${status}`])
    }
  }

  /** One after the other, so that what is told last is what systemd knows last. */
  #tell(assignments: string[]): void {
    this.#busy = this.#busy
      .then(() => this.#notify(assignments))
      .catch((error) => this.#sayFailed(() => log.warn('systemd_not_told', { cause: messageOf(error) })))
  }
}

/**
 * Node.js has no datagram socket of the kind that systemd listens on; its own program has. It waits until systemd has
 * read the message, or systemd could not tell any more who sent it.
 */
export function notifySystemd(assignments: string[]): Promise<void> {
  return new Promise((resolve, reject) => {
    execFile('systemd-notify', assignments, { timeout: 5000, killSignal: 'SIGKILL' }, (error) =>
      error === null ? resolve() : reject(error),
    )
  })
}
