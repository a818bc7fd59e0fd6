import type { Service } from '../clients/systemd.ts'
import type { WorkerState } from './worker.ts'

const askEveryMs = 4000
const answerMs = 4000

/**
 * What `serve` says of itself to systemd. It is alive while it answers at its own address: one whose events wait for a
 * destination, or whose disk is full, is; one that takes no more requests is not.
 */
export class Serving implements Service {
  readonly begun = true
  signs = 0
  readonly #url: string
  readonly #workers: () => WorkerState[]
  readonly #timer: NodeJS.Timeout

  constructor(url: string, workers: () => WorkerState[], everyMs = askEveryMs) {
    this.#url = url
    this.#workers = workers
    this.#timer = setInterval(() => this.#ask(), everyMs).unref()
  }

  sentence(): string {
    const ways = this.#workers().map(({ destination, paused, circuit, cause, delivered, dead }) => {
      const how = paused ? 'paused, ' : circuit === 'open' ? `waiting (${cause}), ` : ''
      return `${destination}: ${how}${delivered} delivered${dead > 0 ? `, ${dead} dead` : ''}`
    })
    return [`Serving ${this.#url}`, ...ways].join('; ')
  }

  [Symbol.dispose](): void {
    clearInterval(this.#timer)
  }

  #ask(): void {
    fetch(new URL('healthz', this.#url), { signal: AbortSignal.timeout(answerMs) })
      .then((answer) => answer.text())
      .then(
        () => this.signs++,
        () => {}, // The watchdog barks where none comes.
      )
  }
}
