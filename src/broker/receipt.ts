import { randomUUID } from 'node:crypto'
import * as z from 'zod'
import type { Outgoing } from '../clients/rabbitmq_session.ts'
import type { Outcome } from '../events/delivery.ts'
import { receiptsOf } from './topology.ts'

const instantMs = z.number().min(0).max(8.64e15)

/** What a worker says of itself; counted since its start. */
const word = z.object({
  paused: z.boolean(),
  circuit: z.enum(['closed', 'open']),
  since_ms: instantMs,
  cause: z.string().nullable(),
  delivered: z.int().min(0),
  retried: z.int().min(0),
  /** Events that RabbitMQ has handed out and that are not settled. */
  in_hand: z.int().min(0).default(0),
})
export type WorkerWord = z.output<typeof word>

/** What became of some events at one destination; the names are an interface between versions. */
const receipt = z.object({
  destination: z.string(),
  outcomes: z.array(
    z.object({
      id: z.string(),
      state: z.enum(['delivered', 'retrying', 'dead']),
      attempts: z.int().min(0),
      at_ms: instantMs,
      cause: z.string().nullable(),
    }),
  ),
  /** Where a worker tells how it is. */
  worker: word.optional().catch(undefined),
})
export type Receipt = z.output<typeof receipt>

/** What nobody takes for so long is not how the worker is. */
const wordMs = 30_000

export function receiptMessage(exchange: string, destination: string, outcomes: Outcome[], nowMs: number): Outgoing {
  const told: Receipt = {
    destination,
    outcomes: outcomes.map((outcome) => ({
      id: outcome.delivery.event.id,
      state: outcome.state,
      attempts: outcome.attempts,
      at_ms: outcome.state === 'retrying' ? nowMs + outcome.afterMs : nowMs,
      cause: outcome.state === 'delivered' ? null : outcome.cause,
    })),
  }
  return outgoing(exchange, told)
}

export function wordMessage(exchange: string, destination: string, worker: WorkerWord): Outgoing {
  return outgoing(exchange, { destination, outcomes: [], worker }, { expiration: wordMs })
}

function outgoing(exchange: string, told: Receipt, options: Partial<Outgoing['options']> = {}): Outgoing {
  return {
    exchange: '',
    routingKey: receiptsOf(exchange),
    content: Buffer.from(JSON.stringify(told)),
    options: { messageId: randomUUID(), contentType: 'application/json', type: 'workflow.receipt', ...options },
  }
}

/** What a worker told, in this version's words; `null` where it is something else. */
export function receiptIn(content: Buffer): Receipt | null {
  try {
    return receipt.parse(JSON.parse(content.toString('utf8')))
  } catch {
    return null
  }
}
