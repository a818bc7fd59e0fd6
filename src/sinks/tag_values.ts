import type { DatabaseSync, StatementSync } from 'node:sqlite'
import { messageOf, Unavailable } from '../base/errors.ts'
import { openToWrite, type SqliteFormat } from '../base/sqlite_file.ts'
import { isOutOfReach } from '../base/state.ts'

const format: SqliteFormat = {
  what: 'known tag values',
  key: 'state_dir',
  schema: 'create table tag_value (tag text not null, value text not null, primary key (tag, value)) without rowid;',
  schemaVersion: 1,
  applicationId: 0x77_66_74_76,
  remedy: "Give the file to this program's user, or move it away: then values beyond the bound are kept anew",
}
const other = 'other'

/**
 * Which values of each tag are written as they are: the first so many that came, for ever, and `other` for those after
 * them. So a tag has a bound that no restart moves, and an event that is written again is the same point again.
 */
export class TagValues {
  readonly #path: string
  readonly #most: number
  readonly #known = new Map<string, Set<string>>()
  #open: { database: DatabaseSync; put: StatementSync; all: StatementSync } | null = null

  /**
   * The file is opened, and made where there is none, when it is first needed. Processes on one machine may share it.
   *
   * @param most how many values of each tag, `other` not counted
   */
  constructor(path: string, most: number) {
    this.#path = path
    this.#most = most
  }

  /**
   * What is to be written of it; a value that is new is on disk when this returns.
   *
   * @throws Unavailable where the file cannot be used just now, Failed where it never can
   */
  bounded(tag: string, value: string): string {
    const known = this.#known.get(tag)
    if (known?.has(value)) return value
    if (known !== undefined && known.size >= this.#most) return other
    try {
      return this.#keep(tag, value)
    } catch (error) {
      if (!isOutOfReach(error)) throw error
      const remedy = 'Make room on its disk, or let go of the file; it goes on by itself'
      throw new Unavailable({ what: format.what, where: this.#path, cause: messageOf(error), remedy })
    }
  }

  close(): void {
    this.#open?.database.close()
    this.#open = null
  }

  #keep(tag: string, value: string): string {
    const { database, put, all } = this.#openFile()
    database.exec('begin immediate')
    try {
      // Another process may have kept some since this one looked.
      const values = new Set(all.all(tag).map((row) => String(row['value'])))
      if (!values.has(value) && values.size < this.#most) {
        put.run(tag, value)
        values.add(value)
      }
      database.exec('commit')
      this.#known.set(tag, values)
      return values.has(value) ? value : other
    } catch (error) {
      if (database.isTransaction) database.exec('rollback')
      throw error
    }
  }

  #openFile() {
    if (this.#open === null) {
      const database = openToWrite(this.#path, format, 'full')
      const put = database.prepare('insert into tag_value values (?, ?)')
      this.#open = { database, put, all: database.prepare('select value from tag_value where tag = ?') }
    }
    return this.#open
  }
}
