// One HTTP request, on a connection of its own, so that nothing is left open and a paused server shows at once.
import { request as requestHttp } from 'node:http'
import { request as requestHttps } from 'node:https'

export type Answer = { status: number; headers: NodeJS.Dict<string | string[]>; body: string }

export type Request = {
  method?: string
  headers?: Record<string, string>
  body?: string | Buffer
  /** The certificate authority to believe, as PEM text. */
  ca?: string | undefined
  timeoutMs?: number
}

/** Sends a request and reads the whole answer. Fails when no answer came; any status is an answer. */
export function request(url: string, options: Request = {}): Promise<Answer> {
  const { method = 'GET', headers = {}, body, ca, timeoutMs = 20_000 } = options
  const send = url.startsWith('https:') ? requestHttps : requestHttp
  const signal = AbortSignal.timeout(timeoutMs)
  return new Promise((resolve, reject) => {
    const outgoing = send(url, { method, headers, agent: false, signal, ...(ca === undefined ? {} : { ca }) })
    outgoing.once('error', reject)
    outgoing.once('response', async (response) => {
      try {
        const chunks: Buffer[] = []
        for await (const chunk of response) chunks.push(chunk)
        resolve({
          status: response.statusCode as number,
          headers: response.headers,
          body: Buffer.concat(chunks).toString('utf8'),
        })
      } catch (error) {
        reject(error)
      }
    })
    outgoing.end(body)
  })
}
