import { closestMatch } from 'leven'
import type * as z from 'zod'
import { knownKeys } from '../events/known_keys.ts'
import { wholeSchema } from './schema.ts'
import type { YamlFile } from './yaml_file.ts'

export interface Mistake {
  /** The place of the file among those that were read. */
  file: number
  /** 0 where nothing of the key is there. */
  line: number
  text: string
}

/** Each once, those of one file in the order of its lines. */
export function inOrder(mistakes: Mistake[]): string[] {
  const sorted = mistakes.toSorted((one, other) => one.file - other.file || one.line - other.line)
  return [...new Set(sorted.map(({ text }) => text))]
}

/** What the schema finds wrong with the files, each with its place, its key and what to do; never with the value. */
export async function mistakesOf({ issues }: z.ZodError, data: object, files: YamlFile[]): Promise<Mistake[]> {
  const whole = await wholeSchema()
  return issues.flatMap((issue) => mistakesOfIssue(issue, data, files, whole))
}

/** `file:line: ` before a mistake, from the file in which the key stands, or else the nearest section above it. */
export function at(files: YamlFile[], keys: PropertyKey[], mistake: string): Mistake {
  const above = keys.map((_, index) => keys.slice(0, keys.length - index))
  const there = above.find((some) => files.some((candidate) => candidate.has(some))) ?? []
  const file = files.findIndex((candidate) => candidate.has(there))
  const { path, lineOf } = files[file]!
  const line = lineOf(keys)
  return { file, line: line ?? 0, text: `${path}${line === null ? '' : `:${line}`}: ${mistake}` }
}

function mistakesOfIssue(issue: z.core.$ZodIssue, data: object, files: YamlFile[], whole: z.ZodType): Mistake[] {
  if (issue.code === 'unrecognized_keys') {
    return issue.keys.map((key) => {
      const word = wordOf(key)
      const names = knownKeys(whole, data, issue.path)
      const nearest = closestMatch(word, names, { maxDistance: 3 })
      const known = nearest === undefined ? `Known here: ${names.join(', ')}` : `Did you mean ${nearest}?`
      const remedy = word === key ? known : `${known} A colon and a space stand between a key and its value`
      const shown = word === key ? key : `${word}...`
      return at(files, [...issue.path, key], `${[...issue.path, shown].join('.')}: unknown key. ${remedy}`)
    })
  }
  const isMissing = issue.message.startsWith('expected') && valueAt(data, issue.path) === undefined
  const message = isMissing ? `is missing, ${issue.message}` : issue.message
  return [at(files, issue.path, `${issue.path.join('.')}: ${message}`)]
}

function valueAt(data: unknown, path: PropertyKey[]): unknown {
  return path.reduce((inner, key) => (inner as Record<PropertyKey, unknown> | null | undefined)?.[key], data)
}

/** The part of a key that looks like one: a value may have slipped into it, as in `{password:SECRET}`. */
function wordOf(key: string): string {
  return /^[\w-]{0,40}/.exec(key)?.[0] ?? ''
}
