import type { IncomingMessage } from 'node:http'
import { setTimeout as sleep } from 'node:timers/promises'
import { LocalServer } from './local_server.ts'
import { type Clock, troubles } from './troubles.ts'

/** Where probes stand, and how far from the platform that is, there and back. */
export const regions = { australia: 14, europe: 285, 'us-west': 160 } as const
export type Region = keyof typeof regions

/** The header by which the platform knows how far away somebody is: all of it is on one machine. */
export const regionHeader = 'x-region'

const page = `<!doctype html><title>Galaxy Australia</title><link rel="stylesheet" href="/static/base.css">
<script src="/static/analysis.bundled.js"></script><h1>Galaxy Australia</h1>`

/** Answers as a Galaxy server, its training site and its nginx do to whoever looks whether they are there. */
export function startPlatform(clock: Clock): Promise<LocalServer> {
  let requests = 4_180_322
  return LocalServer.start(async (request, response) => {
    requests++
    const awayMs = distanceMs(request) * (1 + Math.random() / 4)
    await sleep(awayMs + 20 + 40 * Math.random() ** 3, undefined, { ref: false })
    const [status, type, body] = answerTo(request.url, clock, requests)
    response.writeHead(status, { 'Content-Type': type, 'Content-Length': Buffer.byteLength(body) }).end(body)
  })
}

function distanceMs({ headers }: IncomingMessage): number {
  return regions[String(headers[regionHeader]) as Region] ?? 0
}

type Answer = [status: number, type: 'text/html' | 'text/plain' | 'application/json', body: string]

function answerTo(path: string | undefined, clock: Clock, requests: number): Answer {
  switch (path) {
    case '/':
      return [200, 'text/html', page]
    case '/static/base.css':
    case '/static/analysis.bundled.js':
      return [200, 'text/plain', ' '.repeat(20_000)]
    case '/nginx_status':
      return [200, 'text/plain', stubStatus(clock, requests)]
    case '/api/version':
      if (clock.isOn(troubles.api)) return [502, 'text/html', '502 Bad Gateway']
      return [200, 'application/json', '{"version_major": "25.0", "version_minor": "3"}']
    case '/training-material/':
      if (clock.isOn(troubles.training)) return [503, 'text/html', 'Down for an upgrade']
      return [200, 'text/html', '<!doctype html><title>Galaxy Training!</title>']
    default:
      return [404, 'text/plain', 'Not found']
  }
}

/** As nginx's `stub_status` writes it. */
function stubStatus(clock: Clock, requests: number): string {
  const active = Math.round(240 + 60 * Math.sin(clock.sinceMs / 90_000) + 20 * Math.random())
  return `Active connections: ${active} 
server accepts handled requests
 ${requests} ${requests} ${requests * 3} 
Reading: 0 Writing: ${Math.round(active / 9)} Waiting: ${active - Math.round(active / 9)} 
`
}
