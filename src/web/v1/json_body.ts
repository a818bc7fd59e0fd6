import { placeOfMistake } from '../../events/json_place.ts'
import { Refusal } from './refusal.ts'

/** @throws Refusal 400 where there is nothing, or no UTF-8 */
export function textOf(body: Buffer): string {
  const text = decoded(body)
  if (text.trim() === '') throw new Refusal(400, 'the body is empty')
  return text
}

/**
 * @param linesBefore how many lines of the body come before this text
 * @throws Refusal 400 with the place
 */
export function jsonOf(text: string, linesBefore = 0): unknown {
  try {
    return JSON.parse(text)
  } catch {
    const { line, column } = placeOfMistake(text)
    const place = { line: line + linesBefore, column }
    throw new Refusal(400, { error: `the body is no JSON from line ${place.line}, column ${column} on`, ...place })
  }
}

function decoded(body: Buffer): string {
  try {
    return new TextDecoder('utf-8', { fatal: true }).decode(body)
  } catch {
    throw new Refusal(400, 'the body is not UTF-8')
  }
}
