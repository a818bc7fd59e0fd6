import type { KnownFile } from './known_file.ts'
import type { LogFile } from './log_file.ts'

/** So long after its last line is a renamed file watched for lines of a worker that was late. */
const keepOpenMs = 60_000

/**
 * The file that was renamed last, read to its end and kept open: nginx's workers open the new one each in its own time,
 * and the old one gets lines until the last of them has.
 */
export class LateFile {
  #kept: { file: LogFile; known: KnownFile; untilMs: number } | null = null

  /** Watches it from now on, in place of any other. */
  keep(file: LogFile, known: KnownFile): void {
    if (!this.has(file)) this.close()
    this.#kept = { file, known, untilMs: performance.now() + keepOpenMs }
  }

  has(file: LogFile): boolean {
    return this.#kept?.file === file
  }

  /** Gives it away, to be read, where it has grown; lets it go where that was too long ago. */
  takeGrown(): { file: LogFile; known: KnownFile } | null {
    const kept = this.#kept
    if (kept === null) return null
    if (kept.file.size > kept.known.offset) {
      this.#kept = null
      return kept
    }
    if (performance.now() > kept.untilMs) this.close()
    return null
  }

  close(): void {
    this.#kept?.file.close()
    this.#kept = null
  }
}
