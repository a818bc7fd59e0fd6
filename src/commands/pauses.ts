import { existsSync, mkdirSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'

/** Which destinations are paused: a file each, so that it outlives the worker and any process can look. */
export class Pauses {
  readonly #folder: string

  constructor(stateFolder: string) {
    this.#folder = join(stateFolder, 'paused')
  }

  isPaused(destination: string): boolean {
    return existsSync(join(this.#folder, destination))
  }

  pause(destination: string): void {
    mkdirSync(this.#folder, { recursive: true, mode: 0o700 })
    writeFileSync(join(this.#folder, destination), '', { mode: 0o600 })
  }

  resume(destination: string): void {
    rmSync(join(this.#folder, destination), { force: true })
  }
}
