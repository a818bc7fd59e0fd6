import { once } from 'node:events'
import { createServer } from 'node:net'
import { setTimeout as sleep } from 'node:timers/promises'
import type { View } from '../src/store/view.ts'

const usualPort = 8090
const askEveryMs = 100
/** A machine with much else to do takes its time. */
const patienceMs = 120_000

/** The port that `serve` has where nothing else is said, so that the address is the same each time; else a free one. */
export async function pagePort(): Promise<number> {
  return (await free(usualPort)) ?? (await free(0)) ?? usualPort
}

async function free(port: number): Promise<number | null> {
  const server = createServer().listen(port, '127.0.0.1')
  try {
    await once(server, 'listening')
    const address = server.address()
    server.close()
    await once(server, 'close')
    return typeof address === 'object' ? (address?.port ?? null) : null
  } catch {
    return null
  }
}

/** Waits until `serve` is there. */
export function answers(address: string, signal: AbortSignal): Promise<void> {
  return until(`${address}healthz`, signal, async () => true)
}

/** Waits until the page shows so many invocations: it follows the store, and may be a second behind. */
export function shows(address: string, invocations: number, signal: AbortSignal): Promise<void> {
  return until(`${address}api/view?range=all`, signal, async (answer) => {
    const { totals } = (await answer.json()) as View
    return totals.invocations >= invocations
  })
}

async function until(address: string, signal: AbortSignal, isIt: (answer: Response) => Promise<boolean>) {
  const deadlineMs = performance.now() + patienceMs
  while (!signal.aborted) {
    const answer = await fetch(address, { signal }).catch(() => null)
    if (answer?.ok && (await isIt(answer).catch(() => false))) return
    if (performance.now() > deadlineMs) throw new Error(`The page at ${address} did not answer`)
    await sleep(askEveryMs, undefined, { signal }).catch(() => {})
  }
}
