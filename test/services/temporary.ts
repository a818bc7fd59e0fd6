// What a test borrows from the machine and gives back: folders and ports.
import { rmSync } from 'node:fs'
import { chmod, mkdtemp, rm } from 'node:fs/promises'
import { createServer } from 'node:net'
import { constants, tmpdir } from 'node:os'
import { join } from 'node:path'

export type TemporaryFolder = {
  readonly path: string
  /** The path of a file in it; nothing is created. */
  file(...names: string[]): string
  remove(): Promise<void>
  [Symbol.asyncDispose](): Promise<void>
}

const folders = new Set<string>()

/** Makes a folder that goes when it is disposed of, or at the latest when the process ends. */
export async function temporaryFolder(name = 'test'): Promise<TemporaryFolder> {
  const path = await mkdtemp(join(tmpdir(), `workflow-reporting-${name}-`))
  // A server that runs as a user of its own has to find its way through.
  await chmod(path, 0o755)
  if (folders.size === 0) removeAtExit()
  folders.add(path)
  const remove = async () => {
    await rm(path, { recursive: true, force: true, maxRetries: 3 })
    folders.delete(path)
  }
  return { path, file: (...names) => join(path, ...names), remove, [Symbol.asyncDispose]: remove }
}

let removing = false

function removeAtExit() {
  if (removing) return
  removing = true
  process.on('exit', () => {
    for (const path of folders) rmSync(path, { recursive: true, force: true, maxRetries: 3 })
  })
  // A signal would otherwise end the process without the event above.
  for (const name of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const)
    process.once(name, () => process.exit(128 + constants.signals[name]))
}

const given = new Set<number>()

/**
 * A port of 127.0.0.1 that nobody listens on. It lies below the range that the kernel gives to outgoing connections, so
 * that a server can be stopped and started again on its port without finding it taken.
 */
export async function freePort(): Promise<number> {
  for (;;) {
    const port = 12_000 + Math.floor(Math.random() * 20_000)
    if (given.has(port) || !(await isFree(port))) continue
    given.add(port)
    return port
  }
}

function isFree(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const server = createServer()
    server.once('error', () => resolve(false))
    server.listen({ port, host: '127.0.0.1', exclusive: true }, () => server.close(() => resolve(true)))
  })
}
