import { type Context, Hono } from 'hono'
import type { z } from 'zod'
import { toCloudEvent } from '../events/cloudevents.ts'
import { type HubEvent, toWire } from '../events/event.ts'
import { knownTypes, schemaOf } from '../events/known_types.ts'
import { Acceptor } from './v1/accept.ts'
import { keyOf, keyWith } from './v1/access.ts'
import type { destinations, keptEvent, ownKey } from './v1/answers.ts'
import { routeDefinitions } from './v1/definitions.ts'
import type { EventHub } from './v1/hub.ts'
import { mediaTypes } from './v1/items.ts'
import { openapi } from './v1/openapi.ts'
import { referenceCss, referencePage } from './v1/reference.ts'
import { Refusal, refusalOf } from './v1/refusal.ts'

const schemaType = 'application/schema+json'

/** The API of events, below `/v1`. What it throws is answered by `refusalOf`. */
export function v1Of(hub: EventHub): Hono {
  const api = new Hono()
  const acceptor = new Acceptor(hub)

  api.post('/events', (context) =>
    acceptor.answer(context).catch((error) => {
      const status = refusalOf(error)?.status ?? 500
      hub.refused('', status, 1)
      // A probe that is told to wait is not silent.
      if (status >= 500) hub.outbox.turnedAway()
      throw error
    }),
  )

  api.get('/events/:id', (context) => {
    keyWith(context, hub.keys, 'events:read')
    const event = hub.outbox.find(context.req.param('id').toLowerCase())
    if (event === null) throw new Refusal(404, 'no event of this id is kept')
    context.header('Cache-Control', 'no-store')
    context.header('Vary', 'Accept')
    if (!(context.req.header('accept') ?? '').toLowerCase().includes(mediaTypes.cloudEvent))
      return context.json(keptEventOf(event, hub))
    return context.body(JSON.stringify(toCloudEvent(event)), 200, { 'Content-Type': mediaTypes.cloudEvent })
  })

  api.get('/key', (context) => {
    const { id, source, scopes, expiresMs } = keyOf(context, hub.keys)
    context.header('Cache-Control', 'no-store')
    const said: z.output<typeof ownKey> = { id, source, scopes, expires: expiresMs === null ? null : textOf(expiresMs) }
    return context.json(said)
  })

  api.get('/destinations', (context) => {
    keyWith(context, hub.keys, 'events:read')
    context.header('Cache-Control', 'no-store')
    return context.json(destinationsOf(hub))
  })

  routeDefinitions(api, hub, hub.defined)

  api.get('/schemas', (context) => context.json({ schemas: knownTypes }))
  api.get('/schemas/:name', (context) => {
    const schema = schemaOf(context.req.param('name'))
    if (schema === null) throw new Refusal(404, 'no type of this name is known. /v1/schemas lists those that are')
    return context.body(JSON.stringify(schema), 200, { 'Content-Type': schemaType })
  })

  api.get('/openapi.json', (context) => context.json(openapi()))
  api.get('/', (context) => context.html(referencePage(openapi())))
  api.get('/reference.css', (context) => context.body(referenceCss, 200, { 'Content-Type': 'text/css; charset=utf-8' }))

  for (const [path, allow] of [
    ['/events', 'POST'],
    ['/events/:id', 'GET, HEAD'],
    ['/key', 'GET, HEAD'],
    ['/destinations', 'GET, HEAD'],
    ['/probes', 'GET, HEAD'],
    ['/probes/:name', 'GET, HEAD, PUT, DELETE'],
    ['/maintenance', 'GET, HEAD'],
    ['/maintenance/:name', 'GET, HEAD, PUT, DELETE'],
    ['/schemas', 'GET, HEAD'],
    ['/schemas/:name', 'GET, HEAD'],
    ['/openapi.json', 'GET, HEAD'],
    ['/', 'GET, HEAD'],
  ] as const)
    api.all(path, () => {
      throw new Refusal(405, `only ${allow} is answered here`, { Allow: allow })
    })
  return api
}

/** The answer to what a route of `/v1` threw; `null` where it is our own fault. */
export function answerTo(error: Error, context: Context): Response | null {
  const refusal = refusalOf(error)
  return refusal === null ? null : context.json(refusal.body, refusal.status, refusal.headers)
}

function keptEventOf(event: HubEvent, { ways }: EventHub): z.output<typeof keptEvent> {
  const destinations = ways.of(event).map(({ atMs, ...way }) => ({ ...way, at: atMs === null ? null : textOf(atMs) }))
  return { ...toWire(event), destinations }
}

function destinationsOf(hub: EventHub): z.output<typeof destinations> {
  return {
    destinations: hub.destinations().map((it) => {
      const { name: destination, circuitSince: since, dead: dead_letters } = it
      const { kind, paused, circuit, cause, delivered, retried, waiting, retrying } = it
      return { destination, kind, paused, circuit, since, cause, delivered, retried, waiting, retrying, dead_letters }
    }),
  }
}

function textOf(timeMs: number): string {
  return new Date(timeMs).toISOString()
}
