import type { Context, Hono } from 'hono'
import * as z from 'zod'
import { type Definitions, definitionsMax, etagOf } from '../../availability/definitions.ts'
import { hubWindow } from '../../availability/hub_window.ts'
import { BadEvent } from '../../events/bad_event.ts'
import { checked } from '../../events/checked.ts'
import { assignedCheck, byKind, checkName } from '../../probing/check.ts'
import { keyWith } from './access.ts'
import { readBody } from './body.ts'
import type { Defined, EventHub } from './hub.ts'
import { jsonOf, textOf } from './json_body.ts'
import { Refusal } from './refusal.ts'

const bodyMaxBytes = 64 * 1024
const bodyTimeoutMs = 20_000

const expected = 'expected a list of up to 200 regions'
const regions = z.array(z.string(expected).max(100, expected), expected).max(200, expected).default([])
const [ping, tcp, http, nginx] = assignedCheck.options
/** A probe as it is sent: its check, and the regions that make it. */
const assignedProbe = z.discriminatedUnion(
  'kind',
  [ping.extend({ regions }), tcp.extend({ regions }), http.extend({ regions }), nginx.extend({ regions })],
  byKind,
)

/** What is kept of a probe: its check, and the regions that make it; empty: all. */
interface AssignedProbe {
  check: z.output<typeof assignedCheck>
  regions: string[]
}

/** `/v1/probes` and `/v1/maintenance`: what probes make, and when nobody minds what they find. */
export function routeDefinitions(api: Hono, hub: EventHub, { probes, maintenance, windows }: Defined): void {
  api.get('/probes', (context) => {
    keyWith(context, hub.keys, 'probes:read')
    const region = context.req.query('region') ?? null
    const all = probes.all().map(({ name, body }) => [name, body as AssignedProbe] as const)
    // A probe asks for its region, and reads no key that no check has.
    const checks =
      region === null
        ? all.map(([name, body]) => [name, shown(body)] as const)
        : all.flatMap(([name, { check, regions }]) => (isMadeIn(regions, region) ? [[name, check] as const] : []))
    return answered(context, { checks: Object.fromEntries(checks) })
  })
  api.get('/maintenance', (context) => {
    keyWith(context, hub.keys, 'probes:read')
    return answered(context, { windows: maintenance.all().map(({ body }) => body) })
  })
  route('probes', probes, (body) => {
    const { regions, ...check } = checked(assignedProbe, body)
    return { check, regions } satisfies AssignedProbe
  })
  route('maintenance', maintenance, (window, name) => checked(hubWindow, { ...window, name }))

  function route(
    path: string,
    kept: Definitions,
    read: (body: Record<string, unknown>, name: string) => unknown,
  ): void {
    api.get(`/${path}/:name`, (context) => {
      keyWith(context, hub.keys, 'probes:read')
      const found = kept.find(nameOf(context))
      if (found === null) throw new Refusal(404, 'there is none of this name')
      return answered(context, shown(found.body))
    })
    api.put(`/${path}/:name`, async (context) => {
      keyWith(context, hub.keys, 'probes:write')
      const name = nameOf(context)
      const body = await bodyOf(context)
      const value = refusing(() => read(body, name))
      const done = kept.put(name, value, Date.now())
      if (done === 'full') throw new Refusal(422, `there are ${definitionsMax} already. Delete some`)
      windows.reload()
      return answered(context, shown(value), done === 'made' ? 201 : 200)
    })
    api.delete(`/${path}/:name`, (context) => {
      keyWith(context, hub.keys, 'probes:write')
      if (!kept.remove(nameOf(context))) throw new Refusal(404, 'there is none of this name')
      windows.reload()
      return context.body(null, 204)
    })
  }
}

function nameOf(context: Context): string {
  const name = context.req.param('name') ?? ''
  if (!checkName.safeParse(name).success)
    throw new Refusal(422, 'a name is up to 100 letters, digits, dots, _ and -, and begins with a letter or a digit')
  return name
}

function isMadeIn(regions: string[], region: string): boolean {
  return regions.length === 0 || regions.includes(region)
}

/** As it was sent, with what has a default. */
function shown(body: unknown): unknown {
  const { check, regions } = body as Partial<AssignedProbe>
  return check === undefined ? body : { ...check, regions }
}

async function bodyOf(context: Context): Promise<Record<string, unknown>> {
  const value = jsonOf(textOf(await readBody(context.req.raw, { bytes: bodyMaxBytes, timeoutMs: bodyTimeoutMs })))
  if (typeof value !== 'object' || value === null || Array.isArray(value))
    throw new Refusal(422, 'expected an object, as GET answers it')
  return value as Record<string, unknown>
}

function refusing<T>(work: () => T): T {
  try {
    return work()
  } catch (error) {
    if (!(error instanceof BadEvent)) throw error
    throw new Refusal(422, { error: error.message, ...(error.field !== null && { field: error.field }) })
  }
}

/** With the ETag of what it says, and 304 to who has it already. */
function answered(context: Context, value: unknown, status: 200 | 201 = 200): Response {
  const text = JSON.stringify(value)
  const etag = etagOf(text)
  const headers = { ETag: etag, 'Cache-Control': 'no-cache', 'Content-Type': 'application/json' }
  const known = (context.req.header('if-none-match') ?? '').split(',').map((one) => one.trim().replace(/^W\//, ''))
  if (context.req.method === 'GET' && known.includes(etag)) return context.body(null, 304, headers)
  return context.body(text, status, headers)
}
