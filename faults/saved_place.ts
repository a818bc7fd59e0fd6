// Whether a collector has read everything, and had it accepted: told by the place that it saves, and by nothing else.
import { createHash } from 'node:crypto'
import { closeSync, fstatSync, openSync, readFileSync, readSync } from 'node:fs'
import { readdir } from 'node:fs/promises'
import { join } from 'node:path'
import { gunzipSync } from 'node:zlib'

interface Known {
  headBytes: number
  headSha256: string
  offset: number
}

/** What is not read to its end yet, in words; `null` where all is. A file that is gone or empty has nothing to read. */
export async function unreadOf(placeFile: string, log: string, rotatedFolder: string): Promise<string | null> {
  const known = knownFiles(placeFile)
  if (known === null) return 'no place is saved'
  const rotated = (await readdir(rotatedFolder)).map((name) => join(rotatedFolder, name))
  for (const path of [...rotated, log]) {
    const text = textOf(path)
    if (text === null || text.byteCount === 0) continue
    const own = known.filter((file) => file.headSha256 === sha256(text.head.subarray(0, file.headBytes)))
    const offset = Math.max(-1, ...own.map((file) => file.offset).filter((it) => it <= text.byteCount))
    if (offset < text.byteCount) return `${path} is read to ${offset} of ${text.byteCount} bytes`
  }
  return null
}

function knownFiles(placeFile: string): Known[] | null {
  try {
    const { logs } = JSON.parse(readFileSync(placeFile, 'utf8')) as { logs: Record<string, Known[]> }
    return Object.values(logs).flat()
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return null
    throw error
  }
}

const headMaxBytes = 4096

/** Its length when it is unpacked, and its first bytes. */
function textOf(path: string): { byteCount: number; head: Buffer } | null {
  if (path.endsWith('.gz')) {
    const text = gunzipSync(readFileSync(path))
    return { byteCount: text.length, head: text.subarray(0, headMaxBytes) }
  }
  let descriptor: number
  try {
    descriptor = openSync(path, 'r')
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return null
    throw error
  }
  try {
    const head = Buffer.alloc(headMaxBytes)
    const byteCount = fstatSync(descriptor).size
    return { byteCount, head: head.subarray(0, readSync(descriptor, head, 0, headMaxBytes, 0)) }
  } finally {
    closeSync(descriptor)
  }
}

function sha256(bytes: Buffer): string {
  return createHash('sha256').update(bytes).digest('hex')
}
