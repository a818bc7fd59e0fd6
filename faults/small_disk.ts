// A disk of sixteen megabytes that only processes in its own mount namespace see; it is gone when the last of them ends.
import { readdirSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { startChild } from '../test/services/child.ts'

/** Room for a hundred rounds: SQLite's write-ahead log alone grows to four megabytes before it is folded in. */
const sizeKib = 16 * 1024

export interface SmallDisk {
  /** The command by which a program sees it. */
  through: string[]
  /** The folder as this process sees it. */
  folder: string
  /** Takes all the room that is left. */
  fill(): void
  /** Gives it back. */
  free(): void
  [Symbol.asyncDispose](): Promise<void>
}

/** Mounts it on a folder, which has to be there; needs root. */
export async function mountSmallDisk(folder: string): Promise<SmallDisk> {
  const script = 'mount -t tmpfs -o size="$1"k,mode=700 small "$2" && echo mounted && exec sleep infinity'
  const holder = await startChild('unshare', [
    ...['--mount', '--propagation', 'private', 'sh', '-c', script, 'sh'],
    ...[String(sizeKib), folder],
  ])
  await holder.waitFor(/mounted/, { stream: 'stdout' })
  const inside = `/proc/${holder.pid}/root${folder}`
  const name = 'filler'
  return {
    through: ['nsenter', `--mount=/proc/${holder.pid}/ns/mnt`, '--'],
    folder: inside,
    fill() {
      for (let part = 0; ; part++) {
        try {
          writeFileSync(join(inside, `${name}-${part}`), Buffer.alloc(1024 * 1024))
        } catch (error) {
          if ((error as NodeJS.ErrnoException).code === 'ENOSPC') return
          throw error
        }
      }
    },
    free() {
      for (const file of readdirSync(inside)) if (file.startsWith(name)) rmSync(join(inside, file))
    },
    async [Symbol.asyncDispose]() {
      await holder.stop()
    },
  }
}
