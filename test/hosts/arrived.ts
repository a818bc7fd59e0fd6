// Compares the events in InfluxDB with what the hub took: nothing missing, nothing twice, nothing that nobody sent.
import { setTimeout as sleep } from 'node:timers/promises'
import { database, type EventsSite } from './events_site.ts'
import type { Sender } from './sender.ts'

export type Arrived = { accepted: number; points: number; missing: number; twice: number; strange: number }

const settleMs = 2000

/** Waits until all that were taken are there, and a moment longer for those that should not come. */
export async function arrived(
  { influxdb }: EventsSite,
  { accepted, sent, category }: Sender,
  measurement = `event_${category}`,
  timeoutMs = 120_000,
): Promise<Arrived> {
  const ids = async () => (await influxdb.points(database, measurement)).map(({ fields }) => String(fields['event_id']))
  const isWhole = (there: Set<string>) => [...accepted].every((id) => there.has(id))
  const deadline = performance.now() + timeoutMs
  while (!isWhole(new Set(await ids())) && performance.now() < deadline) await sleep(1000)
  await sleep(settleMs)
  const points = await ids()
  const there = new Set(points)
  return {
    accepted: accepted.size,
    points: points.length,
    missing: [...accepted].filter((id) => !there.has(id)).length,
    twice: points.length - there.size,
    // One whose answer was lost may be there: it was taken, and nobody could be told.
    strange: points.filter((id) => !sent.has(id)).length,
  }
}
