// People at several labs who run workflows over HTTP, and what must be counted of it.
import { setTimeout as sleep } from 'node:timers/promises'
import { request } from '../services/http.ts'
import { encodeId } from '../world/encoded_id.ts'
import { workflowIds } from './galaxy_site.ts'
import type { Machine } from './machine.ts'

export const labs = [
  'usegalaxy.org.au',
  'genome.usegalaxy.org.au',
  'proteomics.usegalaxy.org.au',
  'singlecell.usegalaxy.org.au',
  'microbiology.usegalaxy.org.au',
]

export type Expected = { lab: string; workflowId: number }

export type Traffic = {
  /** What was answered with 200 so far, by the number of the invocation. */
  readonly expected: Map<number, Expected>
  /** Sends one request; it must be answered. */
  invoke(): Promise<void>
  /** Sends that many, some at once. */
  send(count: number): Promise<void>
  /** Sends one after the other until `during` is done. */
  whileDoing<T>(during: () => Promise<T>): Promise<T>
}

const atOnce = 5
const pauseMs = 100

export function trafficTo(galaxy: Machine, idSecret: string): Traffic {
  const expected = new Map<number, Expected>()
  let sent = 0

  async function invoke() {
    const number = sent++
    const lab = labs[number % labs.length]!
    const workflowId = workflowIds[number % workflowIds.length]!
    const id = encodeId(idSecret, workflowId)
    const { status, body } = await request(`http://${galaxy.address}/api/workflows/${id}/invocations`, {
      method: 'POST',
      headers: { Host: lab, Referer: `https://${lab}/workflows/run?id=${id}`, 'Content-Type': 'application/json' },
      body: '{"batch": true}',
      timeoutMs: 60_000,
    })
    if (status !== 200) throw new Error(`an invocation was answered with ${status}: ${body}`)
    for (const row of JSON.parse(body) as { id: number }[]) expected.set(row.id, { lab, workflowId })
  }

  return {
    expected,
    invoke,
    async send(count) {
      let left = count
      const person = async () => {
        while (left-- > 0) await invoke()
      }
      await Promise.all(Array.from({ length: atOnce }, person))
    },
    async whileDoing(during) {
      let going = true
      const person = async () => {
        while (going) {
          await invoke()
          await sleep(pauseMs)
        }
      }
      const people = Promise.all([person(), person()])
      people.catch(() => {}) // Told below; until then nobody waits for it.
      try {
        return await during()
      } finally {
        going = false
        await people
      }
    },
  }
}
