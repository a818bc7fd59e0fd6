import { existsSync, type FSWatcher, watch } from 'node:fs'
import { dirname } from 'node:path'
import { setImmediate as turn } from 'node:timers/promises'
import * as z from 'zod'
import type { Counters } from '../base/counters.ts'
import { messageOf, Unavailable } from '../base/errors.ts'
import { atMostEvery, log } from '../base/log.ts'
import { readWhole, writeWhole } from '../base/state.ts'
import { FollowedLog, type FollowSettings, type SavedLog } from '../lines/followed_log.ts'
import { Picking } from '../lines/pick.ts'
import type { LogLine } from '../pipeline/entry.ts'
import type { Batch, Source } from '../pipeline/part.ts'

export interface FilesSettings extends Omit<FollowSettings, 'place'> {
  places: FollowSettings['place'][]
  start: 'end' | 'beginning'
  /** The file that the place is kept in; `null`: it is kept nowhere, as in a dry run. */
  placeFile: string | null
  /** Told of each look at the logs whether there was something new. */
  onLook?: (found: boolean) => void
}

/** Changes are told by the kernel; this is for those that are not (network file systems, files in other folders). */
const pollMs = 1000
const drainingPollMs = 100
const saveEveryMs = 1000
const regionsPerTurn = 16
const batchMaxMs = 250

const placeFormat = z.object({
  version: z.literal(1),
  logs: z.record(
    z.string(),
    z.array(
      z.object({
        inode: z.string(),
        headBytes: z.int().nonnegative(),
        headSha256: z.string(),
        offset: z.int().nonnegative(),
        endSha256: z.string().optional(),
        firstMs: z.number(),
      }),
    ),
  ),
})

/** Follows logs that are written now, each from where the last run left off. */
export class Files implements Source<LogLine> {
  readonly #settings: FilesSettings
  readonly #counters: Counters
  readonly #logs: FollowedLog[]
  readonly #watchers = new Map<string, FSWatcher>()
  #pulled: Record<string, SavedLog | null> | null = null
  #accepted: Record<string, SavedLog | null> | null = null
  #savedMs = Number.NEGATIVE_INFINITY
  #wake: () => void = () => {}
  readonly #sayUnsaved = atMostEvery(60_000)

  constructor(settings: FilesSettings, counters: Counters) {
    this.#settings = settings
    this.#counters = counters
    const loaded = settings.placeFile === null ? { kind: 'none' as const } : readWhole(settings.placeFile, parsePlace)
    if (loaded.kind === 'damaged') {
      log.error('place_lost', {
        next: 'every log is read from its beginning, rotated ones too; nothing is counted twice',
      })
    }
    this.#logs = settings.places.map((place) => {
      const saved = loaded.kind === 'found' ? (loaded.value[place.path] ?? null) : loaded.kind === 'damaged' ? [] : null
      return new FollowedLog({ ...settings, place }, saved, settings.start)
    })
  }

  async pull(signal: AbortSignal): Promise<Batch<LogLine>> {
    const picking = new Picking(this.#settings.selector, batchMaxMs)
    let regions = 0
    while (!signal.aborted && !(regions > 0 && picking.full)) {
      const before = regions
      // Before the look, so that what is written after it is told.
      this.#watch()
      let trouble: Unavailable | null = null
      for (const followed of this.#logs) {
        // One log that cannot be read holds up no other: it is told when there is nothing else to do.
        const region = await followed.next().catch((error: unknown) => {
          if (!(error instanceof Unavailable)) throw error
          trouble = error
          return null
        })
        if (region === null) continue
        picking.take(region.bytes, followed.path, region.contextMs)
        if (++regions % regionsPerTurn === 0) await turn()
      }
      this.#settings.onLook?.(regions > before)
      if (regions > before) continue
      if (regions === 0 && trouble !== null) throw trouble
      // At the first pull, so that where a first start began is remembered before anything happens.
      if (regions > 0 || this.#pulled === null) break
      await this.#change(signal)
    }
    for (const { lines } of this.#logs) {
      this.#counters.lines += lines.lines
      this.#counters.malformed += lines.malformed
      lines.lines = lines.malformed = 0
    }
    const places = this.#logs.map(({ path, saved }) => [path, saved] as const)
    this.#pulled = Object.fromEntries(places.filter(([, saved]) => saved !== null))
    return { entries: picking.entries }
  }

  remember(): void {
    this.#accepted = this.#pulled
    if (performance.now() - this.#savedMs >= saveEveryMs) this.#save()
  }

  async close(): Promise<void> {
    this.#save()
    for (const watcher of this.#watchers.values()) watcher.close()
    this.#watchers.clear()
    for (const followed of this.#logs) followed.close()
  }

  #save(): void {
    const { placeFile } = this.#settings
    if (placeFile === null || this.#accepted === null) return
    this.#savedMs = performance.now()
    try {
      writeWhole(placeFile, `${JSON.stringify({ version: 1, logs: this.#accepted })}\n`)
      this.#accepted = null
    } catch (error) {
      // The place on disk is an older one, which is safe: what follows it would be read and written again.
      this.#sayUnsaved(() =>
        log.warn('place_not_saved', { file: placeFile, cause: messageOf(error), next: 'trying again' }),
      )
    }
  }

  /** Waits until a log may have changed. */
  async #change(signal: AbortSignal): Promise<void> {
    const { promise, resolve } = Promise.withResolvers<void>()
    this.#wake = resolve
    const timer = setTimeout(resolve, this.#logs.some((followed) => followed.draining) ? drainingPollMs : pollMs)
    const onAbort = () => resolve()
    signal.addEventListener('abort', onAbort)
    await promise
    clearTimeout(timer)
    signal.removeEventListener('abort', onAbort)
    if (performance.now() - this.#savedMs >= saveEveryMs) this.#save()
  }

  /** Watches the folder of each log for names that come and go, and the file, which may be a link to another folder. */
  #watch(): void {
    for (const { path } of this.#logs) {
      for (const target of [dirname(path), path]) {
        if (this.#watchers.has(target) || !existsSync(target)) continue
        const gone = () => {
          this.#watchers.get(target)?.close()
          this.#watchers.delete(target)
        }
        try {
          const watcher = watch(target, { persistent: false }, (event) => {
            // The watch follows the file; the name now means another one.
            if (event === 'rename' && target === path) gone()
            this.#wake()
          })
          watcher.on('error', gone)
          this.#watchers.set(target, watcher)
        } catch {
          // No watch to be had, as when the kernel's number of them is used up: the poll finds the change.
        }
      }
    }
  }
}

function parsePlace(text: string): Record<string, SavedLog> {
  return placeFormat.parse(JSON.parse(text)).logs
}
