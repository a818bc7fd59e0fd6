// An access log in a folder of its own, with everything that happens to one, and a reader that follows it.
import {
  appendFileSync,
  copyFileSync,
  existsSync,
  mkdirSync,
  readFileSync,
  renameSync,
  rmSync,
  truncateSync,
  writeFileSync,
} from 'node:fs'
import { setTimeout as sleep } from 'node:timers/promises'
import { gzipSync } from 'node:zlib'
import { FollowedLog, type SavedLog } from '../../../src/lines/followed_log.ts'
import { compileLogFormat } from '../../../src/nginx/log_format.ts'
import { invocationSelector } from '../../../src/nginx/selector.ts'
import { type TemporaryFolder, temporaryFolder } from '../../services/temporary.ts'
import { localTime } from '../../world/access_line.ts'

export const selector = invocationSelector(compileLogFormat('combined', 'default'), '')
const begin = Date.UTC(2026, 5, 25)

/** The line of that number, logged so many seconds after midnight. */
export function line(number: number, second = number): string {
  const time = localTime((begin + second * 1000) * 1000)
  return `203.0.113.7 - - [${time}] "GET /${number} HTTP/1.1" 200 1 "-" "-"\n`
}

/** The numbers of the lines in a text. */
export function numbersIn(text: string): number[] {
  return [...text.matchAll(/"GET \/(\d+) /g)].map(([, number]) => Number(number))
}

export class LogFolder {
  readonly folder: TemporaryFolder
  readonly path: string

  private constructor(folder: TemporaryFolder) {
    this.folder = folder
    this.path = folder.file('access.log')
    mkdirSync(folder.file('olddir'))
  }

  static async make(): Promise<LogFolder> {
    return new LogFolder(await temporaryFolder('log'))
  }

  old(name: string): string {
    return this.folder.file('olddir', `access.log-${name}`)
  }

  get rotated(): string[] {
    return [this.folder.file('olddir', 'access.log-*')]
  }

  /** Adds lines to the log, or to the file that it was renamed to. */
  log(numbers: number[], path = this.path): void {
    appendFileSync(path, numbers.map((number) => line(number)).join(''))
  }

  rotate(name: string): string {
    renameSync(this.path, this.old(name))
    return this.old(name)
  }

  copyAndTruncate(name: string): void {
    copyFileSync(this.path, this.old(name))
    truncateSync(this.path)
  }

  gzip(path: string): string {
    writeFileSync(`${path}.gz`, gzipSync(readFileSync(path)))
    rmSync(path)
    return `${path}.gz`
  }

  remove(): void {
    if (existsSync(this.path)) rmSync(this.path)
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.folder[Symbol.asyncDispose]()
  }
}

/** Follows a log as `collect` does, and can be started again from where it came to. */
export class Follower {
  readonly #log: LogFolder
  readonly #lookBackMs: number
  #followed: FollowedLog
  /** Everything that was read and asked for, in order; and what was read as context alone. */
  text = ''
  context = ''

  constructor(
    log: LogFolder,
    { start = 'beginning' as 'beginning' | 'end', lookBackMs = 0, saved = null as SavedLog | null } = {},
  ) {
    this.#log = log
    this.#lookBackMs = lookBackMs
    this.#followed = this.#make(saved, start)
  }

  #make(saved: SavedLog | null, start: 'beginning' | 'end'): FollowedLog {
    const place = { path: this.#log.path, rotated: this.#log.rotated, byName: false }
    return new FollowedLog({ place, selector, lookBackMs: this.#lookBackMs }, saved, start)
  }

  /** Where it stands, as it would be on disk. */
  get saved(): SavedLog {
    return JSON.parse(JSON.stringify(this.#followed.saved)) as SavedLog
  }

  /** Reads what there is just now, without waiting for anything. */
  async readSome(): Promise<void> {
    for (;;) {
      const region = await this.#followed.next()
      if (region === null) return
      if (region.contextMs === undefined) this.text += region.bytes.toString('latin1')
      else this.context += region.bytes.toString('latin1')
    }
  }

  /** Reads until there is nothing more to read and no old file is given time any more. */
  async read(timeoutMs = 10_000): Promise<number[]> {
    const deadline = Date.now() + timeoutMs
    for (;;) {
      await this.readSome()
      if (!this.#followed.draining) return numbersIn(this.text)
      if (Date.now() > deadline) throw new Error('an old file is given time without an end')
      await sleep(20)
    }
  }

  /** Ends, without anything that a killed one would not do, and begins where it was saved. */
  restart(whileDown: () => void = () => {}): void {
    const { saved } = this
    this.#followed.close()
    whileDown()
    this.#followed = this.#make(saved, 'end')
  }

  close(): void {
    this.#followed.close()
  }

  [Symbol.dispose](): void {
    this.close()
  }
}
