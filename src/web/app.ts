import { type Context, Hono } from 'hono'
import { compress } from 'hono/compress'
import { log } from '../base/log.ts'
import type { StoreFollower } from '../store/follower.ts'
import type { Asked } from '../store/view.ts'
import { askedOf, BadParameter } from './asked.ts'
import type { CollectorWatch } from './collector_watch.ts'
import { toCsv } from './csv.ts'
import { fileNameOf, tables } from './data.ts'
import type { Events } from './events.ts'
import { guard } from './guard.ts'
import { routeHub, type ShownHub } from './hub_routes.ts'
import { noEvents } from './listening.ts'
import { metricsOf, metricsType } from './metrics.ts'
import { routePage } from './page.ts'
import type { EventHub } from './v1/hub.ts'
import { answerTo, v1Of } from './v1.ts'
import type { TabName } from './view.ts'
import { Views } from './views.ts'

export interface Parts {
  /** `null`: there is none, and so nothing of invocations. */
  store: StoreFollower | null
  /** `null`: no events are taken. */
  hub: EventHub | null
  /** What the page shows of the hub. */
  shown: ShownHub | null
  collector: CollectorWatch
  events: Events
  listenHost: string
  publicUrl: string | null
}

const compressFromBytes = 1024
const listed = { workflowsMax: 50, withCounts: true }
const everything = { workflowsMax: Number.POSITIVE_INFINITY, withCounts: false }
const json = 'application/json; charset=utf-8'
const text = 'text/plain; charset=utf-8'
const noStore = { error: 'there is no store of invocations. Name a file in `store`' }

/** Everything that `serve` answers. */
export function appOf({ store, hub, shown, collector, events, listenHost, publicUrl }: Parts): Hono {
  const app = new Hono()
  app.use(guard(listenHost, publicUrl))
  app.use(compress({ threshold: compressFromBytes }))
  routePage(app)

  const tabs = (): TabName[] => [
    ...(store === null ? [] : (['workflows'] as const)),
    ...(shown === null ? [] : (['events'] as const)),
    ...(shown === null || shown.availability(Date.now()).probes.length === 0 ? [] : (['availability'] as const)),
  ]
  app.get('/api/tabs', (context) => send(context, JSON.stringify({ tabs: tabs(), collector: collector.state }), json))
  if (shown !== null) routeHub(app, shown, send, tabs)
  if (store !== null) routeInvocations(app, store, collector, tabs)
  else app.get('/api/*', (context, next) => (context.req.path === '/api/events' ? next() : context.json(noStore, 404)))
  if (hub !== null) {
    app.get('/v1', (context) => context.redirect('v1/'))
    app.route('/v1/', v1Of(hub))
  }

  app.get('/api/events', (context) => {
    const type = { 'Content-Type': 'text/event-stream', 'Cache-Control': 'no-store', 'X-Accel-Buffering': 'no' }
    if (context.req.method === 'HEAD') return context.body(null, 200, type)
    const stream = events.open()
    if (stream !== null) return context.body(stream, 200, type)
    return context.json({ error: 'too many listen already. Come again later' }, 503, { 'Retry-After': '30' })
  })

  app.get('/metrics', (context) =>
    send(context, metricsOf(collector.state, store?.counted ?? null, shown, Date.now()), metricsType),
  )
  app.get('/healthz', async (context) => {
    const trouble = (await hub?.outbox.trouble()) ?? null
    if (trouble === null) return send(context, 'ok\n', text)
    return context.body(`${noEvents}${trouble}\n`, 503, {
      'Content-Type': text,
      'Cache-Control': 'no-store',
    })
  })

  app.notFound((context) => context.json({ error: 'there is nothing at this address' }, 404))
  app.onError((error, context) => {
    if (error instanceof BadParameter) return context.json({ error: error.message }, 400)
    const refusal = answerTo(error, context)
    if (refusal !== null) return refusal
    log.error('request_failed', { path: context.req.path, cause: error.stack ?? error.message })
    return context.json({ error: 'this program failed; its log tells more' }, 500)
  })
  return app
}

/** The page's numbers. */
function routeInvocations(app: Hono, store: StoreFollower, collector: CollectorWatch, tabs: () => TabName[]): void {
  const views = new Views(store)
  const asked = async (context: Context): Promise<Asked> => {
    // Counts are exact, so nobody gets those of a store that is read half.
    await store.loaded
    return askedOf(new URL(context.req.url).searchParams, Date.now(), store.counted.firstSecond)
  }

  app.get('/api/view', async (context) => {
    const view = views.of(await asked(context), listed)
    return send(context, JSON.stringify({ ...view, collector: collector.state, tabs: tabs() }), json)
  })

  app.get('/api/data/:file', async (context) => {
    const [, name = '', ending = ''] = /^(\w+)\.(csv|json)$/.exec(context.req.param('file')) ?? []
    const table = Object.hasOwn(tables, name) ? tables[name] : undefined
    if (table === undefined) {
      const known = Object.keys(tables).join(', ')
      return context.json({ error: `no such data. Take one of ${known}, with .csv or .json` }, 404)
    }
    const question = await asked(context)
    if (name === 'versions' && question.workflow === null)
      throw new BadParameter('workflow: is missing. Versions are those of one workflow: give its canonical id')
    const rows = table.rowsOf(views.of(question, everything))
    context.header('Content-Disposition', `attachment; filename="${fileNameOf(name, question, ending)}"`)
    return ending === 'csv'
      ? send(context, toCsv(table.names, rows), 'text/csv; charset=utf-8; header=present')
      : send(context, JSON.stringify(rows), json)
  })
}

/** Of what grows nobody keeps a copy. Its length lets short answers be sent as they are. */
function send(context: Context, text: string, type: string): Response {
  context.header('Cache-Control', 'no-store')
  return context.body(text, 200, { 'Content-Type': type, 'Content-Length': String(Buffer.byteLength(text)) })
}
