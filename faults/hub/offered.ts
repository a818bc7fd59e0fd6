import { newEventId } from '../../src/events/event_id.ts'
import type { Random } from '../../test/world/random.ts'

/** An event as a program would send it. */
export interface Offered {
  id: string
  body: Record<string, unknown>
  /** Which destination cannot take it, where it was made so; `api`: the hub itself must refuse it. */
  bad: string | null
}

const dayMs = 86_400_000
/** One in so many is one of the bad ones. */
const badOneIn = 200

const kinds = [
  {
    category: 'user_activity',
    type: 'login',
    payload: (user: string) => ({ user_id: user, user_name: `User ${user}` }),
  },
  {
    category: 'download',
    type: 'file',
    payload: (user: string, n: number) => ({
      ...{ resource_id: hex(n), resource_name: `reads ${n}.fastq.gz`, author_id: hex(7), author_name: 'Ada' },
      ...{ user_id: user, user_name: `User ${user}`, size: n * 1000 },
    }),
  },
  {
    category: 'view_resource',
    type: 'dataset',
    payload: (user: string, n: number) => ({
      ...{ resource_id: hex(n), resource_name: 'Wheat, drought', author_id: hex(9), author_name: 'Grace' },
      ...{ user_id: user, user_name: `User ${user}` },
    }),
  },
  { category: 'greenhouse', type: 'door', payload: (_: string, n: number) => ({ open: n % 2 === 0, degrees: n / 10 }) },
]

/** A known type without what it needs: the hub refuses it. */
function refusedByHub(body: Record<string, unknown>): Record<string, unknown> {
  return { ...body, category: 'download', type: 'file', payload: { size: 'very large' } }
}

/** What each kind of destination cannot take; the others can. */
const badFor: Record<string, (body: Record<string, unknown>) => Record<string, unknown>> = {
  // Degrees were a number before.
  influxdb: (body) => ({ ...body, category: 'greenhouse', type: 'door', payload: { degrees: 'warm' } }),
  google: (body) => ({ ...body, occurred_at: new Date(Date.now() - 10 * dayMs).toISOString() }),
}
/** Before it, only good ones: what is bad may depend on what came before. */
const goodFirst = 200

/** Events, many of one millisecond, the same ones for the same random numbers but for their ids and times. */
export function* offers(count: number, random: Random, destinations: string[]): Generator<Offered> {
  const bads = ['api', ...Object.keys(badFor).filter((name) => destinations.includes(name))]
  for (let n = 0; n < count; n++) {
    const { category, type, payload } = kinds[n % kinds.length]!
    const id = newEventId()
    const body = {
      id,
      category,
      type,
      occurred_at: new Date().toISOString(),
      payload: payload(hex(random.integer(1, 500)), n),
    }
    const bad = n >= goodFirst && random.chance(1 / badOneIn) ? random.pick(bads) : null
    if (bad === null) yield { id, body, bad }
    else yield { id, body: bad === 'api' ? refusedByHub(body) : badFor[bad]!(body), bad }
  }
}

function hex(n: number): string {
  return n.toString(16).padStart(24, '5')
}
