import type { Context, Hono } from 'hono'
import type { AvailabilityView } from '../availability/view.ts'
import { spanNames } from '../availability/view.ts'
import { askedOf, BadParameter } from './asked.ts'
import { toCsv } from './csv.ts'
import { type EventNumbers, eventViewOf } from './event_view.ts'
import type { EventsView } from './view.ts'

/** What the page asks a hub. */
export interface ShownHub extends EventNumbers {
  availability(nowMs: number): AvailabilityView
  /** Calls `listener` about once a second at most, when something that is shown has changed. */
  onChange(listener: () => void): void
}

type Row = Record<string, string | number | boolean | null>
type Send = (context: Context, text: string, type: string) => Response

const hourSeconds = 3600
const typesShown = 50
const spanFields = ['up', 'down', 'unknown', 'maintenance', 'missing', 'availability'] as const

/** What can be taken away, and the columns of each. */
const tables = {
  events_over_time: ['from', 'category', 'events'],
  events: ['source', 'category', 'type', 'known', 'events'],
  events_refused: ['source', 'status', 'events'],
  destinations: [
    ...['name', 'kind', 'paused', 'circuit', 'circuit_since', 'cause', 'waiting', 'waiting_since'],
    ...['retrying', 'dead', 'last_cause', 'delivered', 'retried'],
  ],
  availability: [
    ...['name', 'region', 'how', 'kind', 'state', 'since', 'last_result', 'last_heard', 'interval_seconds', 'message'],
    ...spanNames.flatMap((span) => [...spanFields, 'response_ms_mean', 'response_ms_max'].map((it) => `${it}_${span}`)),
  ],
}
const json = 'application/json; charset=utf-8'

/** @param tabs the parts of the page that have something */
export function routeHub(app: Hono, hub: ShownHub, send: Send, tabs: () => string[]) {
  const events = (context: Context, typesMax: number) => {
    const firstSecond = (hub.hours()?.first ?? Number.POSITIVE_INFINITY) * hourSeconds
    const asked = askedOf(new URL(context.req.url).searchParams, Date.now(), firstSecond)
    if (asked.domains.length + asked.registries.length + asked.identities.length > 0 || asked.workflow !== null)
      throw new BadParameter('events are not asked for by lab, registry, origin or workflow. Leave these out')
    return eventViewOf(hub, asked, typesMax)
  }
  app.get('/api/event-view', (context) =>
    send(context, JSON.stringify({ ...events(context, typesShown), tabs: tabs() }), json),
  )
  app.get('/api/availability', (context) =>
    send(context, JSON.stringify({ ...hub.availability(Date.now()), tabs: tabs() }), json),
  )

  const rows: Record<keyof typeof tables, (context: Context) => Row[]> = {
    events_over_time: (context) => {
      const { buckets, overTime } = events(context, 0)
      return overTime.flatMap(({ category, counts }) =>
        counts.map((count, index) => ({ from: buckets[index]!, category, events: count })),
      )
    },
    events: (context) => events(context, Number.POSITIVE_INFINITY).types.map(({ counts: _, ...same }) => same),
    events_refused: (context) => events(context, 0).refused,
    destinations: () => hub.destinations().map(destinationRow),
    availability: () => availabilityRows(hub.availability(Date.now())),
  }
  for (const [name, columns] of Object.entries(tables)) {
    for (const ending of ['csv', 'json'] as const) {
      app.get(`/api/data/${name}.${ending}`, (context) => {
        const table = rows[name as keyof typeof tables](context)
        const day = new Date().toISOString().slice(0, 10)
        context.header('Content-Disposition', `attachment; filename="${name}_${day}.${ending}"`)
        return ending === 'csv'
          ? send(context, toCsv(columns, table), 'text/csv; charset=utf-8; header=present')
          : send(context, JSON.stringify(table), json)
      })
    }
  }
}

function destinationRow(destination: EventsView['destinations'][number]): Row {
  const { circuitSince, waitingSince, lastCause, ...same } = destination
  return {
    ...same,
    circuit_since: circuitSince,
    waiting_since: waitingSince,
    last_cause: lastCause,
  }
}

function availabilityRows({ probes }: AvailabilityView): Row[] {
  return probes.map((probe) => {
    const { lastResult, lastHeard, intervalSeconds, spans, responses: _1, responseMs: _2, ...same } = probe
    const bySpan = spanNames.flatMap((span): [string, number | null][] => [
      ...spanFields.map((field): [string, number | null] => [`${field}_${span}`, spans[span][field]]),
      [`response_ms_mean_${span}`, spans[span].responseMsMean],
      [`response_ms_max_${span}`, spans[span].responseMsMax],
    ])
    return {
      ...same,
      last_result: lastResult,
      last_heard: lastHeard,
      interval_seconds: intervalSeconds,
      ...Object.fromEntries(bySpan),
    }
  })
}
