// An outbox of a test's own, with what its tallies say.
import type { DatabaseSync } from 'node:sqlite'
import type { Test } from 'tap'
import { availabilityView } from '../../../src/availability/probes_now.ts'
import { type Listening, SilenceWatch } from '../../../src/availability/silence_watch.ts'
import type { NewEvent } from '../../../src/events/event.ts'
import { newEventId } from '../../../src/events/event_id.ts'
import { eventCounts } from '../../../src/outbox/event_counts.ts'
import { openOutbox } from '../../../src/outbox/file.ts'
import { type Acceptance, Outbox } from '../../../src/outbox/outbox.ts'
import { temporaryFolder } from '../../services/temporary.ts'

export interface TestHub {
  path: string
  outbox: Outbox
  database: DatabaseSync
  /** Accepts as if it were that time. */
  acceptAt(nowMs: number, ...events: NewEvent[]): Promise<Acceptance[]>
  counts(): Record<string, number>
  watch(nowMs: number, changes?: Partial<Listening>): SilenceWatch
  probes(nowMs: number): ReturnType<typeof availabilityView>['probes']
}

export async function testHub(t: Test): Promise<TestHub> {
  const folder = await temporaryFolder('hub')
  const path = folder.file('events.sqlite')
  const outbox = new Outbox(openOutbox(path, 'full'), path)
  const database = openOutbox(path, 'normal')
  t.teardown(async () => {
    outbox.close()
    database.close()
    await folder.remove()
  })
  const acceptAt = async (nowMs: number, ...events: NewEvent[]) => {
    const clock = Date.now
    Date.now = () => nowMs
    try {
      return await outbox.accept(events)
    } finally {
      Date.now = clock
    }
  }
  return {
    path,
    outbox,
    database,
    acceptAt,
    counts: () =>
      Object.fromEntries(
        eventCounts(database, 0, 1e9).map(({ source, category, type, known, count }) => [
          `${source} ${category}.${type}${known ? '' : ' unknown'}`,
          count,
        ]),
      ),
    watch: (nowMs, changes = {}) => {
      let lookedMs = nowMs
      const watch = new SilenceWatch(
        database,
        {
          accept: (events) => acceptAt(lookedMs, ...events),
          failedMs: () => 0,
          isMaintained: () => false,
          ...changes,
        },
        nowMs,
      )
      const look = watch.look.bind(watch)
      watch.look = (atMs) => {
        lookedMs = atMs
        return look(atMs)
      }
      return watch
    },
    probes: (nowMs) => availabilityView(database, nowMs).probes,
  }
}

export function event(occurredMs: number, category: string, type: string, payload: NewEvent['payload'] = {}): NewEvent {
  const named = { source: 'galaxy', category, type, schemaVersion: '1', known: true, extensions: {} }
  return { id: newEventId(), occurredMs, ...named, payload }
}

export function probed(occurredMs: number, payload: NewEvent['payload'] = {}): NewEvent {
  const usual = { probe: 'home', region: 'eu', interval_seconds: 60, success: true, response_ms: 100, message: 'ok' }
  return event(occurredMs, 'probe', 'http', { ...usual, ...payload })
}
