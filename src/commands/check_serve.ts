import { once } from 'node:events'
import net from 'node:net'
import { codeOf } from '../base/errors.ts'
import type { Configuration } from '../config/load.ts'
import { listenAddress } from '../config/schema.ts'
import { noEvents, whyNotListening } from '../web/listening.ts'
import type { Finding } from './finding.ts'

const name = 'serve'

/** Whether `serve` could listen where it is told to, or does already and is well. */
export async function checkServe({ serve: { listen } }: Configuration, answerMs: number): Promise<Finding> {
  const { host, port } = listenAddress(listen)!
  const server = net.createServer()
  try {
    server.listen(port, host)
    await once(server, 'listening')
    server.close()
    return { name, ok: true, detail: `${listen} can be listened on` }
  } catch (error) {
    const health = codeOf(error) === 'EADDRINUSE' ? await healthAt(host, port, answerMs) : null
    if (health === null) return { name, ok: false, detail: `serve.listen (${listen}): ${whyNotListening(error)}` }
    return { name, ok: health === 'ok', detail: `${listen} answers: ${health}` }
  }
}

/** What `serve` says there of itself; `null` where something else answers, or nobody. */
async function healthAt(host: string, port: number, answerMs: number): Promise<string | null> {
  const reached = { '0.0.0.0': '127.0.0.1', '::': '::1' }[host] ?? host
  const url = `http://${net.isIPv6(reached) ? `[${reached}]` : reached}:${port}/healthz`
  try {
    const answer = await fetch(url, { redirect: 'error', signal: AbortSignal.timeout(answerMs) })
    const said = (await answer.text()).trim().slice(0, 300)
    return said === 'ok' || said.startsWith(noEvents) ? said : null
  } catch {
    return null
  }
}
