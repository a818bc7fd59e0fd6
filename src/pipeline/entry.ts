/** A line that a source picked out of a log. */
export interface LogLine {
  /** The line without its end, a character a byte (latin1), so that nothing of it is lost or changed. */
  text: string
  /** Lines of one stream follow each other as they were logged; identical ones among them are told apart by order. */
  stream: string
  /**
   * Set on a line that is read only to know what it stands for: no point is made of it. The value is the instant
   * (ms since 1970) at which the reading asked for begins.
   */
  contextMs?: number
}

/** What is written: a measurement at an instant. The same point written twice is one point. */
export interface Point {
  measurement: string
  /** Without empty values: they are not legal line protocol. */
  tags: Record<string, string>
  /** A `bigint` is an integer field, a `number` a float. */
  fields: Record<string, number | bigint | string | boolean>
  /** Nanoseconds since 1970. */
  timeNs: bigint
}

const tagMaxCharacters = 256
const fieldMaxCharacters = 1000

/**
 * A text made fit to be a tag: control characters become spaces, what is longer than 256 characters is cut, and no
 * backslash stays at its end, where it would escape what follows it in line protocol.
 */
export function tagValue(text: string): string {
  return cut(text.replace(/\p{Cc}/gu, ' '), tagMaxCharacters).replace(/\\+$/, '')
}

/** A text made fit to be a field: on one line, and no longer than anybody needs. */
export function fieldText(text: string): string {
  return cut(text.replace(/\p{Cc}/gu, ' '), fieldMaxCharacters)
}

/** Characters are whole code points: half of one is no text. */
function cut(text: string, mostCharacters: number): string {
  return text.length <= mostCharacters ? text : Array.from(text).slice(0, mostCharacters).join('')
}
