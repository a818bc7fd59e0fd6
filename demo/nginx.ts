import { type FileHandle, open } from 'node:fs/promises'
import type { Request } from './traffic.ts'

const months = ['Jan', 'Feb', 'Mar', 'Apr', 'May', 'Jun', 'Jul', 'Aug', 'Sep', 'Oct', 'Nov', 'Dec']

/** A line as nginx writes it in its predefined `combined` format, with the instant at which the request ended. */
export function combinedLine(
  { address, method, path, status, bytesSent, referer, agent }: Request,
  endMs: number,
): string {
  const end = new Date(endMs)
  const [date, time] = [end.toISOString().slice(0, 10), end.toISOString().slice(11, 19)]
  const day = `${date.slice(8)}/${months[end.getUTCMonth()]}/${date.slice(0, 4)}`
  const request = `${method} ${path} HTTP/1.1`
  return `${address} - - [${day}:${time} +0000] "${request}" ${status} ${bytesSent} "${referer ?? '-'}" "${agent}"\n`
}

/** An access log that grows. */
export class AccessLog {
  readonly path: string
  readonly #file: FileHandle

  private constructor(path: string, file: FileHandle) {
    this.path = path
    this.#file = file
  }

  static async create(path: string): Promise<AccessLog> {
    return new AccessLog(path, await open(path, 'a'))
  }

  async append(request: Request, endMs: number): Promise<void> {
    await this.#file.appendFile(combinedLine(request, endMs))
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#file.close()
  }
}
