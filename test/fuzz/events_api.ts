// The API for events, asked by its own description: what that calls valid must be taken, anything else be refused as it
// says, and every answer be one that it describes.
import { Agent, request as requestHttp } from 'node:http'
import fc from 'fast-check'
import { broken, type Schema, Schemas } from './of_schema.ts'

interface Operation {
  parameters?: { name: string; in: string; required?: boolean; schema: Schema }[]
  requestBody?: { content: Record<string, { schema: Schema }> }
  responses: Record<string, { content?: Record<string, { schema: Schema }> }>
}

interface Document extends Schema {
  paths: Record<string, Record<string, Operation>>
  components: { schemas: Record<string, Schema> }
}

interface Asked {
  method: string
  path: string
  headers: Record<string, string>
  body?: string
}

export interface FuzzOptions {
  url: string
  /** A key that may do everything. */
  key: string
  seconds: number
  seed: number
}

/** Asks for so long; figures count answers by status. @throws with the least request found that is answered wrongly */
export async function fuzzEventsApi({ url, key, seconds, seed }: FuzzOptions): Promise<Record<string, number>> {
  const agent = new Agent({ keepAlive: true, maxSockets: 4 })
  const figures: Record<string, number> = {}
  const send = (asked: Asked) => answerOf(agent, new URL(asked.path, url), asked)
  const json = async (path: string): Promise<unknown> =>
    JSON.parse((await send({ method: 'GET', path, headers: {} })).body)
  const document = (await json('v1/openapi.json')) as Document
  const schemas = new Schemas(document)
  const { schemas: known } = (await json('v1/schemas')) as { schemas: string[] }
  const payloads = new Map<string, Schema>()
  for (const name of known) payloads.set(name, withoutId((await json(`v1/schemas/${name}`)) as Schema))
  const ids: string[] = []

  /** Whether an event should be taken. */
  const isGood = (event: unknown): boolean => {
    const forms = ['Event', 'ClowderEvent', 'CloudEvent'].filter(
      (name) => schemas.objection({ $ref: `#/components/schemas/${name}` }, event) === null,
    )
    if (forms.length === 0) return false
    const { name, payload } = meantBy(event as Schema, forms[0]!)
    const schema = payloads.get(name)
    return schema === undefined || schemas.objection(schema, payload) === null
  }

  const ask = async (operation: Operation, asked: Asked, expected: (status: number, body: Schema) => string | null) => {
    const { status, type, body } = await send(asked)
    figures[status] = (figures[status] ?? 0) + 1
    const told = operation.responses[status]
    const wrong = (what: string) => new Error(`${what}: ${status} ${body.slice(0, 500)} to ${JSON.stringify(asked)}`)
    if (told === undefined) throw wrong('status not described')
    if (told.content === undefined) {
      if (body !== '') throw wrong('a body that is not described')
      return {}
    }
    const media = told.content[type]
    if (media === undefined) throw wrong(`type ${type} not described`)
    const value = JSON.parse(body) as Schema
    const objection = schemas.objection(media.schema, value) ?? expected(status, value)
    if (objection !== null) throw wrong(objection)
    return value
  }

  const authorized = { Authorization: `Bearer ${key}` }
  const properties: fc.IAsyncPropertyWithHooks<[unknown]>[] = []
  const property = <T>(arbitrary: fc.Arbitrary<T>, holds: (value: T) => Promise<void>) =>
    properties.push(fc.asyncProperty(arbitrary, holds) as unknown as fc.IAsyncPropertyWithHooks<[unknown]>)

  for (const [template, methods] of Object.entries(document.paths))
    for (const [method, operation] of Object.entries(methods)) {
      const path = template.slice(1)
      const base = { method: method.toUpperCase(), path, headers: authorized }
      if (isDefinition(template)) {
        const named = fc.oneof(fc.constantFrom('a', 'b'), fc.string({ minLength: 1, maxLength: 8 }))
        property(fc.tuple(named, definition, fc.boolean()), async ([name, value, isKnown]) => {
          const asked = { ...base, path: path.replace('{name}', encodeURIComponent(name).replace(/^\.+$/, 'dots')) }
          const headers = {
            Authorization: isKnown ? `Bearer ${key}` : 'Bearer wr_no',
            'Content-Type': 'application/json',
          }
          const body = operation.requestBody === undefined ? {} : { body: JSON.stringify(value) }
          await ask(operation, { ...asked, headers, ...body }, (status) =>
            (status === 401) === !isKnown ? null : `expected ${isKnown ? 'no ' : ''}401`,
          )
        })
        continue
      }
      for (const [type, { schema }] of Object.entries(operation.requestBody?.content ?? {})) {
        const isLines = schema['type'] === 'string'
        const items = isLines
          ? {
              type: 'array',
              minItems: 1,
              items: document.paths['/v1/events']!['post']!.requestBody!.content['application/json']!.schema['anyOf'],
            }
          : schema
        const described = isLines ? { ...items, items: { anyOf: (items['items'] as Schema[]).slice(0, 3) } } : items
        const valid = schemas.valid(described as Schema)
        const ofKnown = fc.constantFrom(...known).chain((name) => {
          const [category, ...rest] = name.split('.')
          const payload = schemas.valid(payloads.get(name)!)
          return fc.oneof(payload, broken(payload)).map((payload) => ({ category, type: rest.join('.'), payload }))
        })
        const any = fc.oneof(valid, broken(valid), ...(type === 'application/json' ? [ofKnown] : []))
        const textOf = (value: unknown) =>
          isLines && Array.isArray(value) ? value.map((one) => JSON.stringify(one)).join('\n') : JSON.stringify(value)
        property(any, async (value) => {
          const sent = isLines && !Array.isArray(value) ? [value] : value
          const body = textOf(sent)
          const events = Array.isArray(sent) ? sent : [sent]
          const good = events.map((event) => isGood(JSON.parse(JSON.stringify(event))))
          const receipt = await ask(
            operation,
            { ...base, headers: { ...authorized, 'Content-Type': type }, body },
            (status, { results }) => {
              const isList = Array.isArray(sent) && !isLines
              if (events.length === 0 || (type.endsWith('+json') && isList !== type.includes('batch')))
                return status === 400 ? null : 'expected 400'
              if (status !== (good.includes(true) ? 202 : 422)) return `expected ${good.includes(true) ? 202 : 422}`
              const wrong = (results as { status: string }[]).findIndex(
                (result, index) => (result.status !== 'refused') !== good[index],
              )
              return wrong === -1 ? null : `event ${wrong} should ${good[wrong] ? '' : 'not '}be taken`
            },
          )
          for (const { id } of (receipt['results'] ?? []) as { id: string | null }[])
            if (id !== null && ids.length < 1000) ids.push(id)
        })
        property(fc.tuple(valid, fc.nat(), fc.string({ maxLength: 3 })), async ([value, at, put]) => {
          const text = textOf(value)
          const cut = at % (text.length + 1)
          const body = text.slice(0, cut) + put + text.slice(cut + 1)
          await ask(operation, { ...base, headers: { ...authorized, 'Content-Type': type }, body }, (status) =>
            isLines || isJson(body) || status === 400 ? null : 'expected 400',
          )
        })
        property(fc.tuple(valid, fc.string({ unit: 'grapheme-ascii' }), fc.boolean()), async ([value, text, isKey]) => {
          const headers: Record<string, string> = isKey
            ? { ...authorized, 'Content-Type': `x${text.trim()}` }
            : { Authorization: `Bearer ${text}`, 'Content-Type': type }
          const expected = isKey ? 415 : 401
          await ask(operation, { ...base, headers, body: textOf(value) }, (status) =>
            status === expected ? null : `expected ${expected}`,
          )
        })
      }
      if (operation.requestBody !== undefined) continue
      const [parameter] = operation.parameters ?? []
      const value = parameter === undefined ? fc.constant('') : schemas.valid(parameter.schema)
      property(fc.tuple(value, fc.nat(), fc.boolean()), async ([given, at, isKept]) => {
        const isId = template.includes('{id}')
        const text = isId && isKept && ids.length > 0 ? ids[at % ids.length]! : encodeURIComponent(String(given))
        const accept = at % 2 === 0 && isId ? { Accept: 'application/cloudevents+json' } : {}
        const asked = { ...base, path: path.replace(/\{\w+\}/, text), headers: { ...authorized, ...accept } }
        const there = isId ? ids.includes(text) : true
        await ask(operation, asked, (status) =>
          status === (there ? 200 : 404) ? null : `expected ${there ? 200 : 404}`,
        )
      })
    }

  try {
    const timeMs = (seconds * 1000) / properties.length
    const settings = { seed, numRuns: 1_000_000_000, interruptAfterTimeLimit: timeMs, markInterruptAsFailure: false }
    for (const one of properties) await fc.assert(one, settings)
  } finally {
    agent.destroy()
  }
  return figures
}

/** What is kept by name, of which the description says only that it is an object: any answer that it names will do. */
function isDefinition(path: string): boolean {
  return /^\/v1\/(?:probes|maintenance)\b/.test(path)
}

const definition = fc.oneof(
  fc.record({
    kind: fc.constantFrom('ping', 'tcp', 'http'),
    target: fc.constantFrom('127.0.0.1', '127.0.0.1:80', 'http://a/'),
  }),
  fc.record({
    zone: fc.constantFrom('UTC', 'Australia/Sydney', 'Nowhere'),
    start: fc.constantFrom('2026-06-25T22:00', 'soon'),
    duration_minutes: fc.integer(),
  }),
  fc.jsonValue(),
)

/** The type that an event means, and its payload, by what is written of the forms. */
function meantBy(event: Schema, form: string): { name: string; payload: unknown } {
  if (form === 'Event') {
    const isFirst = (event['schema_version'] ?? '1') === '1'
    return { name: isFirst ? `${event['category']}.${event['type']}` : '', payload: event['payload'] ?? {} }
  }
  if (form === 'ClowderEvent') {
    const { category, type = 'file', created: _created, ...payload } = event
    return { name: `${category}.${type}`, payload }
  }
  const { type, category, data, schemaversion, data_base64: base64 } = event as Record<string, string | undefined>
  const words = String(type).split('.')
  const name =
    category == null
      ? words.slice(-2).join('.')
      : String(type).startsWith(`${category}.`)
        ? String(type)
        : `${category}.${type}`
  const isObject = typeof data === 'object' && data !== null && !Array.isArray(data)
  const payload = isObject ? data : data === undefined && base64 == null ? {} : { data }
  return { name: (schemaversion ?? '1') === '1' ? name : '', payload }
}

function withoutId({ $schema: _schema, ...schema }: Schema): Schema {
  return schema
}

function isJson(text: string): boolean {
  try {
    JSON.parse(text)
    return true
  } catch {
    return false
  }
}

function answerOf(agent: Agent, url: URL, { method, headers, body }: Asked) {
  return new Promise<{ status: number; type: string; body: string }>((resolve, reject) => {
    const outgoing = requestHttp(url, { method, headers, agent, signal: AbortSignal.timeout(20_000) })
    outgoing.once('error', reject)
    outgoing.once('response', async (response) => {
      const chunks: Buffer[] = []
      for await (const chunk of response) chunks.push(chunk)
      const type = String(response.headers['content-type']).replace(/;.*$/, '')
      resolve({ status: response.statusCode!, type, body: Buffer.concat(chunks).toString('utf8') })
    })
    outgoing.end(body)
  })
}
