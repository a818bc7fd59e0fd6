// Values that a JSON Schema (2020-12) describes, as far as the schemas of the API for events go, and such values broken.
import { Ajv2020, type ValidateFunction } from 'ajv/dist/2020.js'
import fc from 'fast-check'

export type Schema = { [name: string]: unknown }

const earliestMs = Date.UTC(2000, 0)
const isTime = (timeMs: number) => timeMs >= earliestMs && timeMs <= Date.now() + 86_000_000
const timeMs = fc.integer({ min: earliestMs, max: Date.now() })

/** Validates by a document's schemas, with the formats that they name. */
export class Schemas {
  readonly #ajv = new Ajv2020({ strict: false, allErrors: false })
  readonly #document: Schema
  readonly #validators = new Map<string, ValidateFunction>()

  constructor(document: Schema) {
    this.#document = document
    this.#ajv.addFormat('date-time', (text) => isTime(Date.parse(text)))
    const withZone = (text: string) => (/(?:z|[+-]\d\d:\d\d)$/i.test(text) ? text : `${text}Z`)
    this.#ajv.addFormat('local-date-time', (text) => isTime(Date.parse(withZone(text.replace(' ', 'T')))))
    this.#ajv.addFormat('uuid', /^[\da-f]{8}(?:-[\da-f]{4}){3}-[\da-f]{12}$/)
    this.#ajv.addFormat('base64', true)
    this.#ajv.addFormat('unix-ms', { type: 'number', validate: isTime })
    // Seconds, milliseconds or microseconds.
    const factorOf = (time: number) => (time < 1e11 ? 1000 : time < 1e14 ? 1 : 0.001)
    this.#ajv.addFormat('unix-time', { type: 'number', validate: (time) => isTime(time * factorOf(time)) })
    this.#ajv.addSchema({ ...document, $id: 'document' })
  }

  /** Why a value is not what a schema of the document says; `null` where it is. */
  objection(schema: Schema, value: unknown): string | null {
    const key = JSON.stringify(schema)
    const validate = this.#validators.get(key) ?? this.#ajv.compile(JSON.parse(key.replaceAll('"#/', '"document#/')))
    this.#validators.set(key, validate)
    return validate(value) ? null : this.#ajv.errorsText(validate.errors)
  }

  /** Values that a schema of the document allows. */
  valid(schema: Schema): fc.Arbitrary<unknown> {
    return this.#made(schema).filter((value) => this.objection(schema, value) === null)
  }

  #made(schema: Schema): fc.Arbitrary<unknown> {
    const all = schema as { $ref?: string; const?: unknown; enum?: unknown[]; anyOf?: Schema[]; type?: string }
    if (all.$ref !== undefined) return this.#made(this.#at(all.$ref))
    if ('const' in all) return fc.constant(all.const)
    if (all.enum !== undefined) return fc.constantFrom(...all.enum)
    if (all.anyOf !== undefined && all.type === undefined) return fc.oneof(...all.anyOf.map((one) => this.#made(one)))
    switch (all.type) {
      case 'string':
        return textOf(schema)
      case 'number':
      case 'integer':
        return numberOf(schema)
      case 'boolean':
        return fc.boolean()
      case 'null':
        return fc.constant(null)
      case 'array': {
        const { items = {}, minItems = 0 } = schema as { items?: Schema; minItems?: number }
        return fc.array(this.#made(items), { minLength: minItems, maxLength: minItems + 3 })
      }
      case 'object':
        return this.#object(schema)
      default:
        return fc.jsonValue({ maxDepth: 3 })
    }
  }

  #object(schema: Schema): fc.Arbitrary<unknown> {
    const {
      properties = {},
      required = [],
      additionalProperties = {},
    } = schema as {
      properties?: Record<string, Schema>
      required?: string[]
      additionalProperties?: boolean | Schema
    }
    const named = Object.fromEntries(Object.entries(properties).map(([name, inner]) => [name, this.#made(inner)]))
    const object = fc.record(named, { requiredKeys: required as never[] })
    if (additionalProperties === false) return object
    const { pattern } = (schema['propertyNames'] ?? {}) as { pattern?: string }
    const name = pattern === undefined ? fc.string({ maxLength: 8 }) : fc.stringMatching(/^[a-z][a-z0-9]{0,9}$/)
    const more = fc.dictionary(name, this.#made(additionalProperties === true ? {} : additionalProperties), {
      maxKeys: 3,
    })
    return fc.tuple(more, object).map(([extra, own]) => ({ ...extra, ...own }))
  }

  #at(pointer: string): Schema {
    const names = pointer.replace('#/', '').split('/')
    return names.reduce<unknown>((inner, name) => (inner as Schema)[name], this.#document) as Schema
  }
}

function textOf(schema: Schema): fc.Arbitrary<string> {
  const { pattern, format, minLength = 0, maxLength = 60 } = schema as { [name: string]: never }
  if (format === 'date-time' || format === 'local-date-time') return timeMs.map((time) => new Date(time).toISOString())
  if (format === 'base64') return fc.base64String()
  if (format === 'uuid') return fc.uuid({ version: 7 })
  const longest = Math.min(maxLength, 60)
  if (pattern === undefined) return fc.string({ minLength, maxLength: longest, unit: 'grapheme' })
  return fc.stringMatching(new RegExp(pattern)).filter((text) => text.length <= maxLength)
}

function numberOf(schema: Schema): fc.Arbitrary<number> {
  const { type, format, minimum = -1e9, maximum = 1e9 } = schema as { [name: string]: never }
  if (format === 'unix-ms' || format === 'unix-time') return timeMs
  const [min, max] = [Math.max(minimum, -1e9), Math.min(maximum, 1e9)]
  return type === 'integer' ? fc.integer({ min, max }) : fc.double({ min, max, noNaN: true })
}

/** The same with one thing changed somewhere: gone, another value, or something beside it. */
export function broken(valid: fc.Arbitrary<unknown>): fc.Arbitrary<unknown> {
  const other = fc.oneof(
    fc.jsonValue({ maxDepth: 2 }),
    fc.constantFrom<unknown>('', ' ', 'x'.repeat(3000), -1, 1e300, '2026-02-31T00:00:00Z', '__proto__', [], {}, null),
  )
  const where = fc.array(fc.nat(1000), { maxLength: 3 })
  return fc.tuple(valid, where, fc.constantFrom('drop', 'put', 'add'), other).map(([value, path, what, instead]) => {
    const copy: unknown = JSON.parse(JSON.stringify(value))
    let at: unknown = copy
    for (const [depth, step] of path.entries()) {
      const names = typeof at === 'object' && at !== null ? Object.keys(at) : []
      if (names.length === 0) break
      const name = names[step % names.length]!
      const inner = (at as Schema)[name]
      if (depth < path.length - 1 && typeof inner === 'object' && inner !== null) {
        at = inner
        continue
      }
      if (what === 'drop') Array.isArray(at) ? at.splice(Number(name), 1) : delete (at as Schema)[name]
      else (at as Schema)[what === 'put' ? name : `${name}X`] = instead
      return copy
    }
    return what === 'put' ? instead : copy
  })
}
