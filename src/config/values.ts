import * as z from 'zod'

export const text = (what: string) => z.string({ error: (issue) => expected(issue.input, `a text${what}`) })
export const yesOrNo = z.boolean({ error: (issue) => expected(issue.input, 'true or false') })
export const count = (least: number) =>
  z.int({ error: (issue) => expected(issue.input, 'a whole number') }).min(least, `must be ${least} or more`)

export const section = <Shape extends z.core.$ZodLooseShape>(shape: Shape) =>
  z.strictObject(shape, {
    error: (issue) => (issue.code === 'invalid_type' ? expected(issue.input, 'a section') : undefined),
  })

/** Never shows what was found: it may be a secret. */
export function expected(input: unknown, what: string): string {
  if (input === undefined) return `is missing, expected ${what}`
  const remedy = typeof input === 'number' && what.startsWith('a text') ? '. Put it in quotes' : ''
  return `expected ${what}, found ${kindOf(input)}${remedy}`
}

function kindOf(input: unknown): string {
  if (input === null) return 'nothing'
  if (Array.isArray(input)) return 'a list'
  if (typeof input === 'object') return 'a section'
  return typeof input === 'number' && !Number.isInteger(input) ? 'a number with a fraction' : `a ${typeof input}`
}

export const address = (schemes: RegExp, what: string) =>
  text(`: ${what}`).refine((value) => URL.canParse(value) && schemes.test(value), `expected ${what}`)
export const webAddress = address(/^https?:\/\//, 'an address that begins with http:// or https://')
export const file = text(': a file')

/** A text that must be given; `remedy` tells where it is found. */
export const required = (remedy: string) =>
  z
    .string({
      error: (issue) => (issue.input === undefined ? `is missing. ${remedy}` : expected(issue.input, 'a text')),
    })
    .min(1, `is empty. ${remedy}`)
/** Where a secret goes to: never in the clear over a network. */
export const secureAddress = webAddress.refine(
  (value) => /^https:/.test(value) || /^http:\/\/(?:127\.\d+\.\d+\.\d+|localhost|\[::1\])(?:[:/]|$)/.test(value),
  'expected an address that begins with https://',
)
