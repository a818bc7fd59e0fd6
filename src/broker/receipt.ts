import { randomUUID } from 'node:crypto'
import type { Outgoing } from '../clients/rabbitmq_session.ts'
import type { Outcome } from '../events/delivery.ts'
import { receiptsOf } from './topology.ts'

/** What became of some events at one destination; the names are an interface between versions. */
export interface Receipt {
  destination: string
  outcomes: { id: string; state: Outcome['state']; attempts: number; at_ms: number; cause: string | null }[]
}

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
  return {
    exchange: '',
    routingKey: receiptsOf(exchange),
    content: Buffer.from(JSON.stringify(receipt)),
    options: { messageId: randomUUID(), contentType: 'application/json', type: 'workflow.receipt' },
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
