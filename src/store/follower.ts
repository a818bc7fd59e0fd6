import { statSync } from 'node:fs'
import { setTimeout as sleep } from 'node:timers/promises'
import { Failed, messageOf } from '../base/errors.ts'
import { atMostEvery, log } from '../base/log.ts'
import { isOutOfReach } from '../base/state.ts'
import { Counted } from './counted.ts'
import { openToRead } from './file.ts'
import { StoreReader } from './reader.ts'

const lookEveryMs = 1000
const anewEveryMs = 10_000

/**
 * Follows a store: what `counted` holds is at most about a second behind the file. A store that is not there yet is
 * waited for, and one that is replaced is read anew. While all is read anew, the former numbers stand.
 */
export class StoreFollower {
  readonly #path: string
  readonly #onChange: () => void
  readonly #stop = new AbortController()
  readonly #loaded = Promise.withResolvers<void>()
  readonly #sayUnreadable = atMostEvery(60_000)
  readonly #following: Promise<void>
  #reader: StoreReader | null = null
  #file = ''
  #counted = new Counted()
  #changes = 0
  #anewFromMs = 0

  /** @param onChange called when `counted` has changed */
  constructor(path: string, onChange: () => void) {
    this.#path = path
    this.#onChange = onChange
    this.#following = this.#follow()
    this.#following.catch(() => {})
  }

  get counted(): Counted {
    return this.#counted
  }

  /** Grows with every change of `counted`. */
  get changes(): number {
    return this.#changes
  }

  /** Resolves when what the store held at the start has been read, be it nothing. */
  get loaded(): Promise<void> {
    return this.#loaded.promise
  }

  /** Ends when it was stopped; throws what is nobody's fault but ours. */
  get ended(): Promise<void> {
    return this.#following
  }

  async stop(): Promise<void> {
    this.#stop.abort()
    await this.#following
  }

  async #follow(): Promise<void> {
    const { signal } = this.#stop
    try {
      while (!signal.aborted) {
        try {
          await this.#look()
        } catch (error) {
          if (!(error instanceof Failed) && !isOutOfReach(error)) throw error
          this.#sayUnreadable(() => log.warn('store_unreadable', { file: this.#path, cause: messageOf(error) }))
        }
        this.#loaded.resolve()
        await sleep(lookEveryMs, undefined, { signal }).catch(() => {})
      }
    } catch (error) {
      this.#loaded.reject(error)
      this.#loaded.promise.catch(() => {})
      throw error
    } finally {
      this.#reader?.close()
    }
  }

  async #look(): Promise<void> {
    const file = fileAt(this.#path)
    if (this.#reader === null || file !== this.#file) return this.#readAnew(file)
    if (await this.#reader.refresh(this.#stop.signal)) this.#tell(this.#reader.counted)
    // A log that is read again with more to be found changes rows in every batch.
    if (this.#reader.isStale && performance.now() >= this.#anewFromMs) await this.#readAnew(file)
  }

  async #readAnew(file: string): Promise<void> {
    const database = openToRead(this.#path)
    if (database === null) return
    const reader = new StoreReader(database)
    await reader.refresh(this.#stop.signal)
    this.#reader?.close()
    this.#reader = reader
    this.#file = file
    this.#anewFromMs = performance.now() + anewEveryMs
    // An empty store in the place of none is no news.
    if (this.#counted.isEmpty && reader.counted.isEmpty) this.#counted = reader.counted
    else this.#tell(reader.counted)
    log.info('store_read', { file: this.#path, invocations: reader.counted.invocations })
  }

  #tell(counted: Counted): void {
    this.#counted = counted
    this.#changes++
    this.#onChange()
  }
}

/** Tells whether it is still the same file that stands there. */
function fileAt(path: string): string {
  const status = statSync(path, { throwIfNoEntry: false })
  return status === undefined ? '' : `${status.dev}:${status.ino}`
}
