// Clients that send events over HTTP, each on one connection that is kept open.
import { Agent, request } from 'node:http'

export interface Target {
  url: string
  headers: Record<string, string>
}

/** A job that ended, each a millisecond after the one before, so that no two are the same point to anybody. */
export function eventOf(index: number, firstMs: number): object {
  return {
    category: 'job',
    type: 'finished',
    occurred_at: new Date(firstMs + index).toISOString(),
    payload: {
      job_id: index,
      tool_id: `toolshed.g2.bx.psu.edu/repos/iuc/tool_${index % 50}/tool/1.0`,
      destination: `slurm_${index % 5}`,
      state: index % 20 === 0 ? 'error' : 'ok',
      runtime_seconds: 12.5 + (index % 1000),
      cores: 1 + (index % 16),
      user_id: index % 3000,
    },
  }
}

/** Bodies of so many events, in the order in which they happened. */
export function bodiesOf(events: number, batch: number, firstMs: number): string[] {
  return Array.from({ length: Math.ceil(events / batch) }, (_, at) => {
    const size = Math.min(batch, events - at * batch)
    const all = Array.from({ length: size }, (_, index) => eventOf(at * batch + index, firstMs))
    return JSON.stringify(batch === 1 ? all[0] : all)
  })
}

/** Sends them all, each client the next one when its last was answered. */
export async function sendAll(target: Target, bodies: string[], clients: number): Promise<void> {
  const agent = new Agent({ keepAlive: true, maxSockets: clients })
  let next = 0
  const client = async () => {
    while (next < bodies.length) await send(target, bodies[next++]!, agent)
  }
  await Promise.all(Array.from({ length: clients }, client))
  agent.destroy()
}

/** @throws where it is not accepted */
export function send({ url, headers }: Target, body: string, agent: Agent): Promise<void> {
  const length = { 'Content-Type': 'application/json', 'Content-Length': Buffer.byteLength(body) }
  return new Promise((resolve, reject) => {
    const outgoing = request(url, { method: 'POST', agent, headers: { ...headers, ...length } })
    outgoing.once('error', reject)
    outgoing.once('response', (answer) => {
      const isTaken = answer.statusCode === 202 || answer.statusCode === 204
      answer.resume().once('end', () => (isTaken ? resolve() : reject(new Error(`${url}: ${answer.statusCode}`))))
    })
    outgoing.end(body)
  })
}
