import { rmSync } from 'node:fs'
import net from 'node:net'
import { join, relative } from 'node:path'
import { codeOf, messageOf } from '../base/errors.ts'
import { log } from '../base/log.ts'
import type { CollectorState, Progress, ProgressReport } from '../base/progress.ts'

const askersMax = 16
const answerMs = 3000
const answerMaxCharacters = 65_536

/** A path as the kernel takes it: at most 107 bytes, so the shorter of the ways to it. */
function socketPath(stateFolder: string): string {
  const path = join(stateFolder, 'status.sock')
  const fromHere = relative(process.cwd(), path)
  return fromHere.length < path.length ? fromHere : path
}

/** Tells everybody who asks in the state folder what the collector does. */
export class StatusSocket {
  readonly #server: net.Server

  private constructor(server: net.Server) {
    this.#server = server
  }

  /**
   * Must be called by the one that holds the state folder alone: a socket that a killed one left behind is replaced.
   * Where the file system can't have one, that is said, and counting goes on without.
   */
  static open(stateFolder: string, progress: Progress): StatusSocket {
    const path = socketPath(stateFolder)
    const server = net.createServer((asker) => {
      asker.on('error', () => asker.destroy())
      asker.setTimeout(answerMs, () => asker.destroy())
      asker.end(`${JSON.stringify(progress.report())}\n`)
    })
    server.maxConnections = askersMax
    server.on('error', (error) => log.warn('status_not_told', { socket: path, cause: messageOf(error) }))
    rmSync(path, { force: true })
    server.listen(path)
    server.unref()
    return new StatusSocket(server)
  }

  close(): void {
    this.#server.close()
  }
}

/** Asks the collector that runs on a state folder; answers within 3 s and never throws. */
export async function askCollector(stateFolder: string): Promise<CollectorState> {
  try {
    return JSON.parse(await everythingFrom(socketPath(stateFolder))) as ProgressReport
  } catch (error) {
    return { running: false, why: whyNot(codeOf(error), stateFolder) ?? messageOf(error) }
  }
}

function whyNot(code: string, stateFolder: string): string | undefined {
  if (code === 'ENOENT') return `no collector runs on ${stateFolder}`
  if (code === 'ECONNREFUSED') return `the collector that ran on ${stateFolder} ended without saying so`
  if (code === 'EACCES')
    return `this user may not look into ${stateFolder}; ask as the user of the collector, or as root`
  if (code === 'ETIMEDOUT')
    return `a collector runs on ${stateFolder}, but has not answered within ${answerMs / 1000} s`
  return undefined
}

function everythingFrom(path: string): Promise<string> {
  const { promise, resolve, reject } = Promise.withResolvers<string>()
  const late = () => Object.assign(new Error('no answer'), { code: 'ETIMEDOUT' })
  let answer = ''
  const socket = net.connect(path)
  const timer = setTimeout(() => socket.destroy(late()), answerMs)
  socket.setEncoding('utf8')
  socket.on('data', (text) => {
    answer += text
    if (answer.length > answerMaxCharacters) socket.destroy(new Error('the answer is no status'))
  })
  socket.on('error', reject)
  socket.on('close', () => {
    clearTimeout(timer)
    resolve(answer)
  })
  return promise
}
