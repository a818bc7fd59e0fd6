import { Readable } from 'node:stream'
import { pipeline } from 'node:stream/promises'
import { createGunzip } from 'node:zlib'
import { codeOf } from '../../base/errors.ts'
import { Refusal } from './refusal.ts'

export interface BodyBounds {
  /** As sent and as unpacked. */
  bytes: number
  timeoutMs: number
}

/**
 * The body of a request, unpacked where it is gzip.
 *
 * @throws Refusal 400 where it is broken off or no gzip, 408 where it comes too slowly, 413, 415
 */
export async function readBody(request: Request, { bytes: most, timeoutMs }: BodyBounds): Promise<Buffer> {
  const tooLarge = () => new Refusal(413, `the body is larger than ${most} bytes. Send fewer events at once`, closing)
  if (Number(request.headers.get('content-length') ?? 0) > most) throw tooLarge()
  const encoding = request.headers.get('content-encoding') ?? 'identity'
  if (!['gzip', 'identity'].includes(encoding.toLowerCase()))
    throw new Refusal(415, 'Content-Encoding: is not known. Send the body as it is, or gzip', closing)
  if (request.body === null) return Buffer.alloc(0)
  const chunks: Buffer[] = []
  const gather = (limit: () => Error) => {
    let length = 0
    return async function* (source: AsyncIterable<Buffer>) {
      for await (const chunk of source) {
        length += chunk.length
        if (length > most) throw limit()
        yield chunk
      }
    }
  }
  const keep = async (source: AsyncIterable<Buffer>) => {
    for await (const chunk of source) chunks.push(chunk)
  }
  const signal = AbortSignal.timeout(timeoutMs)
  const sent = Readable.fromWeb(request.body as Parameters<typeof Readable.fromWeb>[0])
  try {
    if (encoding.toLowerCase() === 'gzip')
      await pipeline(sent, gather(tooLarge), createGunzip(), gather(tooLarge), keep, { signal })
    else await pipeline(sent, gather(tooLarge), keep, { signal })
  } catch (error) {
    if (error instanceof Refusal) throw error
    if (signal.aborted) throw new Refusal(408, `the body took longer than ${timeoutMs / 1000} s`, closing)
    const isGzip = codeOf(error).startsWith('Z_')
    throw new Refusal(400, isGzip ? 'the body is no gzip, as Content-Encoding says' : 'the body broke off', closing)
  }
  return Buffer.concat(chunks)
}

/** What was not read of a body would be taken for the next request. */
const closing = { Connection: 'close' }
