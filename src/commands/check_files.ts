import { accessSync, constants, existsSync } from 'node:fs'
import { dirname } from 'node:path'
import type { DatabaseSync } from 'node:sqlite'
import { messageOf } from '../base/errors.ts'
import type { Finding } from './finding.ts'

/** Whether a file of ours could be written, or made; nothing is. @param open opens it to read, `null` where it is not there */
export function checkFile(
  name: string,
  path: string,
  open: (path: string) => DatabaseSync | null,
  would: string,
): Finding {
  const folder = checkFolder(name, dirname(path))
  if (!folder.ok) return folder
  try {
    const database = open(path)
    if (database === null) return { name, ok: true, detail: `${path} can be made` }
    database.close()
    accessSync(path, constants.W_OK)
    return { name, ok: true, detail: `${path} would take ${would}` }
  } catch (error) {
    return { name, ok: false, detail: messageOf(error) }
  }
}

/** Whether a folder could be written to, or made. */
export function checkFolder(name: string, folder: string): Finding {
  let nearest = folder
  while (!existsSync(nearest)) nearest = dirname(nearest)
  try {
    accessSync(nearest, constants.W_OK | constants.X_OK)
    return { name, ok: true, detail: nearest === folder ? `${folder} is writable` : `${folder} can be made` }
  } catch {
    return { name, ok: false, detail: `${nearest} is not writable`, remedy: 'Give it to the user of this program' }
  }
}
