import * as z from 'zod'
import { BadEvent } from './bad_event.ts'
import type { Json } from './event.ts'
import { knownKeys } from './known_keys.ts'

/** So deep may a payload be nested; whoever writes it on walks through it. */
const deepest = 32

/** Of names in the envelope, as they stand in topics, tags and addresses. */
export const categoryName = z
  .string('expected a text')
  .regex(/^[A-Za-z0-9_-]{1,64}$/, 'expected 1 to 64 letters, digits, _ and -')
export const typeName = z
  .string('expected a text')
  .regex(/^[A-Za-z0-9_-]+(?:\.[A-Za-z0-9_-]+)*$/, 'expected words of letters, digits, _ and - with dots between them')
  .max(100, 'expected at most 100 characters')
export const versionText = z
  .string('expected a text')
  .regex(/^[A-Za-z0-9_.-]{1,32}$/, 'expected 1 to 32 letters, digits, dots, _ and -')

/** @throws BadEvent about the first thing that does not fit; @returns what `schema` makes of it */
export function checked<Schema extends z.ZodType>(schema: Schema, value: unknown, below = ''): z.output<Schema> {
  const parsed = schema.safeParse(value)
  if (parsed.success) return parsed.data
  const issue = parsed.error.issues[0]!
  if (issue.code === 'unrecognized_keys') {
    const known = knownKeys(schema, value, issue.path).join(', ')
    throw new BadEvent(fieldOf([...issue.path, issue.keys[0]!], below), `unknown field. Known are ${known}`)
  }
  const isMissing = issue.path.length > 0 && at(value, issue.path) === undefined
  throw new BadEvent(fieldOf(issue.path, below), isMissing ? `is missing, ${issue.message}` : issue.message)
}

/**
 * Looks for what JSON lets through and others choke on.
 *
 * @throws BadEvent
 */
export function checkDepth(value: Json, field: string, depth = 0): void {
  if (typeof value === 'number' && !Number.isFinite(value))
    throw new BadEvent(short(field), 'is a number too large. Send it as a text')
  if (typeof value !== 'object' || value === null) return
  if (depth >= deepest) throw new BadEvent(short(field), `is nested more than ${deepest} deep`)
  for (const [name, inner] of Object.entries(value)) checkDepth(inner, `${field}.${name}`, depth + 1)
}

function at(value: unknown, path: PropertyKey[]): unknown {
  return path.reduce((inner, name) => (inner as Record<PropertyKey, unknown> | null | undefined)?.[name], value)
}

/** The issue's message where the type is wrong. */
export const wanted = (what: string) => ({ error: `expected ${what}` })

function fieldOf(path: PropertyKey[], below: string): string | null {
  const all = [below, ...path.map(String)].filter((part) => part !== '')
  return all.length === 0 ? null : short(all.join('.'))
}

/** A stranger's name in an answer. */
function short(field: string): string {
  return field.length > 200 ? `${field.slice(0, 200)}...` : field
}
