import { randomUUID } from 'node:crypto'
import type { Outgoing } from '../clients/rabbitmq_session.ts'
import type { Outcome } from '../events/delivery.ts'
import { receiptsOf } from './topology.ts'

/** What a worker says of itself; counted since its start. */
export interface WorkerWord {
  paused: boolean
  circuit: 'closed' | 'open'
  since_ms: number
  cause: string | null
  delivered: number
  retried: number
}

/** What became of some events at one destination; the names are an interface between versions. */
export interface Receipt {
  destination: string
  outcomes: { id: string; state: Outcome['state']; attempts: number; at_ms: number; cause: string | null }[]
  /** Where a worker tells how it is. */
  worker?: WorkerWord
}

/** What nobody takes for so long is not how the worker is. */
const wordMs = 30_000

export function receiptMessage(exchange: string, destination: string, outcomes: Outcome[], nowMs: number): Outgoing {
  const receipt: Receipt = {
    destination,
    outcomes: outcomes.map((outcome) => ({
      id: outcome.delivery.event.id,
      state: outcome.state,
      attempts: outcome.attempts,
      at_ms: outcome.state === 'retrying' ? nowMs + outcome.afterMs : nowMs,
      cause: outcome.state === 'delivered' ? null : outcome.cause,
    })),
  }
  return outgoing(exchange, receipt)
}

export function wordMessage(exchange: string, destination: string, worker: WorkerWord): Outgoing {
  return outgoing(exchange, { destination, outcomes: [], worker }, { expiration: wordMs })
}

function outgoing(exchange: string, receipt: Receipt, options: Partial<Outgoing['options']> = {}): Outgoing {
  return {
    exchange: '',
    routingKey: receiptsOf(exchange),
    content: Buffer.from(JSON.stringify(receipt)),
    options: { messageId: randomUUID(), contentType: 'application/json', type: 'workflow.receipt', ...options },
  }
}

/** What `receiptMessage` made; `null` where it is something else. */
export function receiptIn(content: Buffer): Receipt | null {
  try {
    const receipt = JSON.parse(content.toString('utf8')) as Receipt
    const isWhole = typeof receipt.destination === 'string' && Array.isArray(receipt.outcomes)
    return isWhole ? receipt : null
  } catch {
    return null
  }
}
