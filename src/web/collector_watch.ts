import { setTimeout as sleep } from 'node:timers/promises'
import type { CollectorState } from '../base/progress.ts'
import { askCollector } from '../clients/status_socket.ts'

const askEveryMs = 2000

/** Asks the collector of a state folder how it is, again and again, so that not everybody who looks at the page does. */
export class CollectorWatch {
  readonly #stateFolder: string
  readonly #onChange: (state: CollectorState) => void
  readonly #stop = new AbortController()
  #state: CollectorState

  private constructor(stateFolder: string, state: CollectorState, onChange: (state: CollectorState) => void) {
    this.#stateFolder = stateFolder
    this.#state = state
    this.#onChange = onChange
    this.#ask()
  }

  static async start(stateFolder: string, onChange: (state: CollectorState) => void): Promise<CollectorWatch> {
    return new CollectorWatch(stateFolder, await askCollector(stateFolder), onChange)
  }

  get state(): CollectorState {
    return this.#state
  }

  stop(): void {
    this.#stop.abort()
  }

  async #ask(): Promise<void> {
    const { signal } = this.#stop
    while (!signal.aborted) {
      await sleep(askEveryMs, undefined, { signal, ref: false }).catch(() => {})
      const state = await askCollector(this.#stateFolder)
      if (JSON.stringify(state) === JSON.stringify(this.#state) || signal.aborted) continue
      this.#state = state
      this.#onChange(state)
    }
  }
}
