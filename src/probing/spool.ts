import type { DatabaseSync } from 'node:sqlite'
import { messageOf } from '../base/errors.ts'
import { atMostEvery, log } from '../base/log.ts'
import { openToWrite, type SqliteFormat } from '../base/sqlite_file.ts'
import { isOutOfReach } from '../base/state.ts'

const format: SqliteFormat = {
  what: 'spool',
  key: 'probe.spool',
  schema: `
    create table result (seq integer primary key autoincrement, id text not null unique, kept_ms integer not null, event text not null);
    create table dropped (count integer not null);
    insert into dropped values (0);
  `,
  schemaVersion: 1,
  applicationId: 0x77_66_70_73,
  remedy: "Give the file to this program's user, or name another. It holds results that the hub has not got yet",
}

const inMemoryMax = 1000
const sayEveryMs = 60_000

/** A result that waits, as it will be sent. */
export interface Waiting {
  id: string
  event: string
}

export interface Bounds {
  resultsMax: number
  ageMaxMs: number
}

/**
 * Where results wait until the hub has them. While the disk is full they wait in memory, at most a thousand. The oldest
 * go first when there are too many, and how many went is kept until it was told.
 */
export class Spool {
  readonly #path: string
  readonly #bounds: Bounds
  readonly #pagesMax: number
  readonly #sayFull = atMostEvery(sayEveryMs)
  readonly #sayDropped = atMostEvery(sayEveryMs)
  #database: DatabaseSync | null = null
  #inMemory: (Waiting & { keptMs: number })[] = []
  #droppedFromMemory = 0
  #listener: () => void = () => {}

  /**
   * @param pagesMax how large the file may get, in SQLite's pages
   * @throws Failed where the file can never be used
   */
  constructor(path: string, bounds: Bounds, pagesMax = 0) {
    this.#path = path
    this.#bounds = bounds
    this.#pagesMax = pagesMax
    this.#onDisk(() => {})
  }

  /** Is called after each `put`. */
  onPut(listener: () => void): void {
    this.#listener = listener
  }

  put(result: Waiting, nowMs: number): void {
    this.#inMemory.push({ ...result, keptMs: nowMs })
    if (!this.#flush(nowMs) && this.#inMemory.length > inMemoryMax) {
      this.#inMemory.shift()
      this.#droppedFromMemory++
    }
    this.#listener()
  }

  /** The oldest ones; they stay until they are removed. */
  take(most: number, nowMs: number): Waiting[] {
    this.#flush(nowMs)
    const rows = this.#onDisk((database) =>
      database.prepare('select id, event from result order by seq limit ?').all(most),
    )
    const kept = (rows ?? []).map(({ id, event }) => ({ id: String(id), event: String(event) }))
    return [...kept, ...this.#inMemory.slice(0, most - kept.length)]
  }

  /** The hub has them, or will never take them. Where the disk refuses that, they are sent once more, which the hub notices. */
  remove(ids: string[]): void {
    const gone = new Set(ids)
    this.#inMemory = this.#inMemory.filter(({ id }) => !gone.has(id))
    this.#onDisk((database) => {
      const statement = database.prepare('delete from result where id = ?')
      for (const id of ids) statement.run(id)
    })
  }

  get waiting(): number {
    const row = this.#onDisk((database) => database.prepare('select count(*) as count from result').get())
    return Number(row?.['count'] ?? 0) + this.#inMemory.length
  }

  /** Puts one more in for those that were dropped unsent since the last time, where there are any. */
  tellDropped(resultOf: (count: number) => Waiting, nowMs: number): void {
    const fromMemory = this.#droppedFromMemory
    const isDone = this.#onDisk((database) => {
      const count = Number(database.prepare('select count from dropped').get()?.['count']) + fromMemory
      if (count === 0) return true
      const { id, event } = resultOf(count)
      database.prepare('insert into result (id, kept_ms, event) values (?, ?, ?)').run(id, nowMs, event)
      database.prepare('update dropped set count = 0').run()
      return true
    })
    if (isDone) this.#droppedFromMemory -= fromMemory
  }

  close(nowMs: number = Date.now()): void {
    this.#flush(nowMs)
    this.#database?.close()
    this.#database = null
  }

  /** Puts on disk what waits in memory; false where that cannot be just now. */
  #flush(nowMs: number): boolean {
    const { resultsMax, ageMaxMs } = this.#bounds
    const isDone = this.#onDisk((database) => {
      const put = database.prepare('insert or ignore into result (id, kept_ms, event) values (?, ?, ?)')
      for (const { id, keptMs, event } of this.#inMemory) put.run(id, keptMs, event)
      const { changes: old } = database.prepare('delete from result where kept_ms < ?').run(nowMs - ageMaxMs)
      const { changes: many } = database
        .prepare('delete from result where seq <= (select max(seq) from result) - ?')
        .run(resultsMax)
      const dropped = Number(old) + Number(many)
      if (dropped === 0) return true
      database.prepare('update dropped set count = count + ?').run(dropped)
      this.#sayDropped(() => {
        const remedy = 'Is the hub out of reach? Else raise probe.spool_results and probe.spool_days'
        log.warn('results_dropped', { dropped, spool: this.#path, remedy })
      })
      return true
    })
    if (isDone !== true) return false
    this.#inMemory = []
    return true
  }

  #open(): DatabaseSync {
    const database = openToWrite(this.#path, format, 'full')
    if (this.#pagesMax > 0) database.exec(`pragma max_page_count = ${this.#pagesMax}`)
    return database
  }

  /** Does all of it or nothing; `null` where the disk does not let it. */
  #onDisk<T>(work: (database: DatabaseSync) => T): T | null {
    try {
      this.#database ??= this.#open()
      this.#database.exec('begin immediate')
      const answer = work(this.#database)
      this.#database.exec('commit')
      return answer
    } catch (error) {
      if (this.#database?.isTransaction) this.#database.exec('rollback')
      if (!isOutOfReach(error)) throw error
      this.#sayFull(() => {
        const details = { spool: this.#path, cause: messageOf(error), in_memory: this.#inMemory.length }
        log.error('spool_not_written', {
          ...details,
          remedy: 'Make room on its disk. Results wait in memory until then',
        })
      })
      return null
    }
  }
}
