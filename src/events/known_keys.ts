import * as z from 'zod'

type JsonSchema = z.core.JSONSchema.BaseSchema

const jsonSchemas = new WeakMap<z.ZodType, JsonSchema>()

/**
 * The keys that a schema knows at a place in a value: behind any name, and of alternatives with a `kind` those of the
 * value's own.
 */
export function knownKeys(schema: z.ZodType, value: unknown, path: PropertyKey[]): string[] {
  const kept = jsonSchemas.get(schema) ?? z.toJSONSchema(schema, { io: 'input', unrepresentable: 'any' })
  jsonSchemas.set(schema, kept)
  return [...new Set(keysAt(kept, value, path))]
}

function keysAt(schema: JsonSchema, value: unknown, path: PropertyKey[]): string[] {
  const all = schema.oneOf ?? schema.anyOf
  if (all !== undefined) {
    const own = all.filter((one) => constOf(one.properties?.['kind']) === at(value, 'kind'))
    return (own.length > 0 ? own : all).flatMap((one) => keysAt(one, value, path))
  }
  const [key, ...rest] = path
  if (key === undefined) return Object.keys(schema.properties ?? {})
  const inner = schema.properties?.[String(key)] ?? (Array.isArray(value) ? schema.items : schema.additionalProperties)
  return isSchema(inner) ? keysAt(inner, at(value, key), rest) : []
}

function constOf(schema: unknown): unknown {
  return isSchema(schema) ? schema.const : undefined
}

function at(value: unknown, key: PropertyKey): unknown {
  return (value as Record<PropertyKey, unknown> | null | undefined)?.[key]
}

function isSchema(value: unknown): value is JsonSchema {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}
