import { readFileSync } from 'node:fs'
import { type Document, type ErrorCode, isMap, isNode, isScalar, isSeq, LineCounter, parseDocument } from 'yaml'
import { codeOf, Misconfigured, messageOf } from '../base/errors.ts'

/** A YAML file with the lines that its keys stand on. */
export interface YamlFile {
  path: string
  data: Record<string, unknown>
  /** The line of a key, or of the nearest section above it that is there; `null` where the file has none of it. */
  lineOf(keys: PropertyKey[]): number | null
  has(keys: PropertyKey[]): boolean
}

/** Mistakes whose message never quotes what stands there, which may be a secret. */
const isHarmless = new Set<ErrorCode>([
  ...(['BAD_INDENT', 'MISSING_CHAR', 'TAB_AS_INDENT', 'DUPLICATE_KEY'] as const),
  ...(['BLOCK_AS_IMPLICIT_KEY', 'BLOCK_IN_FLOW', 'MULTILINE_IMPLICIT_KEY', 'MULTIPLE_DOCS'] as const),
])

/**
 * @returns `null` where there is no such file
 * @throws Misconfigured where it cannot be read, or is no YAML
 */
export function readYaml(path: string): YamlFile | null {
  let source: string
  try {
    source = readFileSync(path, 'utf8')
  } catch (error) {
    if (codeOf(error) === 'ENOENT') return null
    throw new Misconfigured([`${path}: cannot be read: ${messageOf(error)}. Give it to the user of this program`])
  }
  const lines = new LineCounter()
  const document = parseDocument(source, {
    lineCounter: lines,
    prettyErrors: false,
    // The parser would print its warnings by itself, and what stands there with them.
    logLevel: 'error',
  })
  if (document.errors.length > 0) {
    throw new Misconfigured(
      document.errors.map((error) => {
        const { line, col: column } = lines.linePos(error.pos[0])
        const words = isHarmless.has(error.code) ? `: ${error.message}` : ` (${error.code.toLowerCase()})`
        return `${path}:${line}: not valid YAML at column ${column}${words}`
      }),
    )
  }
  const data = contentsOf(document, path)
  if (typeof data !== 'object' || data === null || Array.isArray(data)) {
    throw new Misconfigured([`${path}:1: expected sections such as \`galaxy:\`, found something else`])
  }
  return {
    path,
    data: data as Record<string, unknown>,
    lineOf: (keys) => lineOf(document, lines, keys),
    has: (keys) => document.hasIn(keys as string[]),
  }
}

function contentsOf(document: Document, path: string): unknown {
  try {
    return document.toJS() ?? {}
  } catch {
    // An alias without its anchor, or aliases without end; the message would quote what stands there.
    throw new Misconfigured([
      `${path}:1: not valid YAML (an alias, *name, that cannot be resolved). Put quotes around a text with a *`,
    ])
  }
}

function lineOf(document: Document, lines: LineCounter, keys: PropertyKey[]): number | null {
  let node: unknown = document.contents
  let line: number | null = null
  for (const key of keys) {
    if (isSeq(node)) {
      node = node.items[Number(key)]
      if (!isNode(node) || node.range == null) break
      line = lines.linePos(node.range[0]).line
      continue
    }
    if (!isMap(node)) break
    const pair = node.items.find((item) => isScalar(item.key) && String(item.key.value) === String(key))
    if (pair === undefined || !isScalar(pair.key) || pair.key.range == null) break
    line = lines.linePos(pair.key.range[0]).line
    node = pair.value
  }
  return line
}
