// Somebody who sends events to the hub, and remembers which of them it took.
import { randomUUID } from 'node:crypto'
import { setTimeout as sleep } from 'node:timers/promises'
import { request } from '../services/http.ts'
import type { Machine } from './machine.ts'

export type Sender = {
  /** Of its events, and of nobody else's. */
  readonly category: string
  /** The ids of all that were answered with 202. */
  readonly accepted: Set<string>
  /** The ids of all that were sent, whatever became of them. */
  readonly sent: Set<string>
  /** Sends that many batches of ten; each must be taken. */
  send(batches: number): Promise<void>
  /** Sends batch after batch until `during` is done; where the hub does not answer, the same ones are not sent again. */
  whileDoing<T>(during: () => Promise<T>): Promise<T>
}

const batchSize = 10
const pauseMs = 100

export function senderTo(hub: Machine, key: string, category: string): Sender {
  const accepted = new Set<string>()
  const sent = new Set<string>()

  async function sendBatch(): Promise<void> {
    const ids = Array.from({ length: batchSize }, () => randomUUID())
    for (const id of ids) sent.add(id)
    const events = ids.map((id) => ({ id, category, type: 'counted', payload: { number: sent.size } }))
    const { status, body } = await request(`http://${hub.address}:8090/v1/events`, {
      method: 'POST',
      headers: { Authorization: `Bearer ${key}`, 'Content-Type': 'application/json' },
      body: JSON.stringify(events),
      timeoutMs: 30_000,
    })
    if (status !== 202) throw new Error(`events were answered with ${status}: ${body}`)
    for (const id of ids) accepted.add(id)
  }

  return {
    category,
    accepted,
    sent,
    async send(batches) {
      for (let batch = 0; batch < batches; batch++) await sendBatch()
    },
    async whileDoing(during) {
      let going = true
      const sending = (async () => {
        while (going) {
          await sendBatch().catch(() => {})
          await sleep(pauseMs)
        }
      })()
      try {
        return await during()
      } finally {
        going = false
        await sending
      }
    },
  }
}
